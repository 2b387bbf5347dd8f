// The kinds of value in the config file, each from its text. Every error says what is wrong and the mend, and
// never repeats a value that may hold a secret.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.h"

namespace passerby::app {

// "7", "0.5"; more than 0.
Result<Micros> days_from(const std::string&);
// A privacy budget, in thousandths.
Result<int> epsilon_from(const std::string&);
// "15 min": a part of an hour.
Result<Micros> interval_from(const std::string&);
// "200 GB", "1.5TiB": a number and a unit; kB, MB, GB, TB are powers of 1000, KiB and so on of 1024.
Result<std::uint64_t> size_from(const std::string&);
Result<bool> flag_from(const std::string&);
// "127.0.0.1:8420", "[::1]:8420". Port 0: any that is free.
Result<Config::Listen> listen_from(const std::string&);
Result<CameraConfig::Transport> transport_from(const std::string&);
Result<CameraConfig::Audio> audio_from(const std::string&);
// A finite decimal number.
Result<double> number_from(const std::string&);
// A number without a fraction from `least` to `most`.
Result<int> whole_from(const std::string&, int least, int most);
// Threads for the models: 1 to 64.
Result<int> threads_from(const std::string&);
// What the models can be run on in this build.
Result<std::string> provider_from(const std::string&);
// Checks a camera's address; that of a file comes back absolute, seen from `folder`.
Result<std::string> camera_url_from(const std::string&, const std::filesystem::path& folder);
// "2027-06-30": the end of that day, UTC.
Result<WallTime> last_day_from(const std::string&);
// Puts environment variables in the place of ${NAME}; "$${" is "${".
Result<std::string> expanded(const std::string&, const Environment&);
// "; did you mean 'listen'?" or "; known here: data, http".
std::string known_keys_hint(const std::string& unknown, const std::vector<std::string>& known);

}  // namespace passerby::app
