#include "app/config_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>

#include <arpa/inet.h>

#include "base/camera_address.h"
#include "vision/onnx_model.h"

namespace passerby::app {

namespace {

// A plain decimal number at the begin of `text`, which then holds the rest.
std::optional<double> take_number(std::string_view& text) {
    double value = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (error != std::errc{} || !std::isfinite(value)) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

std::optional<int> port_from(std::string_view text) {
    constexpr int kMost = 65535;
    int port = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port < 0 || port > kMost)
        return std::nullopt;
    return port;
}

std::size_t edit_distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0u);
    for (std::size_t i = 0; i < a.size(); ++i) {
        auto diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const auto changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = std::exchange(row[j + 1], std::min({changed, row[j] + 1, row[j + 1] + 1}));
        }
    }
    return row.back();
}

Result<std::string> file_url(std::string_view path, const std::filesystem::path& folder) {
    if (path.starts_with("//")) {
        path.remove_prefix(2);  // file:///srv/street.mp4
        if (!path.starts_with('/'))
            return fail(ErrorKind::invalid,
                        "names another machine; write a path on this one, such as file:///srv/street.mp4");
    }
    if (path.empty())
        return fail(ErrorKind::invalid, "has no path; write file: and the path of a video file");
    return "file:" + (folder / path).lexically_normal().string();
}

}  // namespace

Result<Micros> days_from(const std::string& text) {
    constexpr double kMost = 36'500;
    std::string_view rest = text;
    const auto days = take_number(rest);
    if (!days || !rest.empty())
        return fail(ErrorKind::invalid, "'{}' is not a number of days; write a number such as 7 or 0.5",
                    text);
    if (*days <= 0 || *days > kMost)
        return fail(ErrorKind::invalid, "{} days cannot be; write a number above 0, at most {}", text, kMost);
    using Days = std::chrono::duration<double, std::chrono::days::period>;
    return std::chrono::ceil<Micros>(Days{*days});
}

Result<int> epsilon_from(const std::string& text) {
    std::string_view rest = text;
    const auto epsilon = take_number(rest);
    // Above, it would be no budget; below, there would be nothing but noise.
    constexpr double kLeast = 0.01, kMost = 10;
    if (!epsilon || !rest.empty() || *epsilon < kLeast || *epsilon > kMost)
        return fail(ErrorKind::invalid,
                    "'{}' is not a privacy budget; write a number from {} to {}, such as 1", text, kLeast,
                    kMost);
    return static_cast<int>(std::lround(*epsilon * 1000));
}

Result<Micros> interval_from(const std::string& text) {
    std::string_view rest = text;
    const auto minutes = take_number(rest);
    const bool whole =
        minutes && rest == " min" && *minutes >= 1 && *minutes <= 60 && *minutes == std::floor(*minutes);
    if (!whole || 60 % static_cast<int>(*minutes) != 0)
        return fail(ErrorKind::invalid, "'{}' is not an interval; write 60 min, 30 min or 15 min", text);
    return std::chrono::minutes{static_cast<int>(*minutes)};
}

Result<std::uint64_t> size_from(const std::string& text) {
    struct Unit {
        std::string_view name;
        double bytes;
    };
    constexpr std::array kUnits = {Unit{"kB", 1e3},
                                   Unit{"KB", 1e3},
                                   Unit{"MB", 1e6},
                                   Unit{"GB", 1e9},
                                   Unit{"TB", 1e12},
                                   Unit{"KiB", 1024.},
                                   Unit{"MiB", 1 << 20},
                                   Unit{"GiB", 1024. * 1024. * 1024.},
                                   Unit{"TiB", 1024. * 1024. * 1024. * 1024.}};
    constexpr double kMost = 1e18;
    std::string_view rest = text;
    const auto number = take_number(rest);
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    const auto unit =
        std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& u) { return u.name == rest; });
    if (!number || unit == kUnits.end())
        return fail(ErrorKind::invalid,
                    "'{}' is not a size; write a number and a unit, such as 200 GB or 1.5 TiB", text);
    const auto bytes = *number * unit->bytes;
    if (!(bytes >= 1) || bytes > kMost)
        return fail(ErrorKind::invalid, "{} cannot be; write a size above 0, such as 200 GB", text);
    return static_cast<std::uint64_t>(bytes);
}

Result<bool> flag_from(const std::string& text) {
    if (text == "true") return true;
    if (text == "false") return false;
    return fail(ErrorKind::invalid, "'{}' is neither; write true or false", text);
}

Result<Config::Listen> listen_from(const std::string& text) {
    const auto refused =
        fail(ErrorKind::invalid,
             "'{}' is not an address and a port; write 127.0.0.1:8420 for this machine only, "
             "0.0.0.0:8420 or [::]:8420 for everyone who can reach it",
             text);
    const auto colon = text.rfind(':');
    if (colon == std::string::npos) return refused;
    auto host = text.substr(0, colon);
    const auto port = port_from(std::string_view{text}.substr(colon + 1));
    std::array<unsigned char, sizeof(in6_addr)> address;
    bool known = false;
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
        known = ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
    } else {
        known = ::inet_pton(AF_INET, host.c_str(), address.data()) == 1;
    }
    if (!port || !known) return refused;
    return Config::Listen{host, *port};
}

Result<CameraConfig::Transport> transport_from(const std::string& text) {
    if (text == "tcp") return CameraConfig::Transport::tcp;
    if (text == "udp") return CameraConfig::Transport::udp;
    return fail(ErrorKind::invalid, "'{}' is no transport; write tcp or udp", text);
}

Result<CameraConfig::Audio> audio_from(const std::string& text) {
    if (text == "drop") return CameraConfig::Audio::drop;
    if (text == "keep") return CameraConfig::Audio::keep;
    return fail(ErrorKind::invalid, "'{}' is neither drop nor keep; write audio: drop, or leave it out",
                text);
}

Result<double> number_from(const std::string& text) {
    std::string_view rest = text;
    const auto number = take_number(rest);
    if (number && rest.empty()) return *number;
    return fail(ErrorKind::invalid, "'{}' is not a number; write one such as 127.5", text);
}

Result<int> whole_from(const std::string& text, int least, int most) {
    const auto number = number_from(text);
    if (number && *number >= least && *number <= most && *number == std::floor(*number))
        return static_cast<int>(*number);
    return fail(ErrorKind::invalid, "'{}' cannot be; write a whole number from {} to {}", text, least, most);
}

Result<int> threads_from(const std::string& text) {
    return whole_from(text, 1, 64);
}

Result<std::string> provider_from(const std::string& text) {
    TRY_STATUS(vision::check_provider(text));
    return text;
}

Result<std::string> camera_url_from(const std::string& url, const std::filesystem::path& folder) {
    const auto colon = url.find(':');
    if (url.starts_with("file:")) return file_url(std::string_view{url}.substr(colon + 1), folder);
    // An error does not repeat the url: it may hold a password.
    TRY_STATUS(check_camera_url(url, {.owners = true, .also = {}}));
    return url;
}

Result<WallTime> last_day_from(const std::string& text) {
    const auto day = wall_time_from_iso8601(text + "T00:00:00Z");
    if (text.size() == 10 && day) return *day + std::chrono::days{1};
    return fail(ErrorKind::invalid, "'{}' is not a day; write the last one, such as 2027-06-30", text);
}

Result<std::string> expanded(const std::string& text, const Environment& environment) {
    std::string out;
    std::size_t at = 0;
    for (;;) {
        const auto dollar = text.find("${", at);
        if (dollar == std::string::npos) return out + text.substr(at);
        if (dollar > at && text[dollar - 1] == '$') {
            out += text.substr(at, dollar - at) + "{";
            at = dollar + 2;
            continue;
        }
        const auto end = text.find('}', dollar);
        const auto name = text.substr(dollar + 2, end - dollar - 2);
        if (end == std::string::npos || name.empty())
            return fail(ErrorKind::invalid,
                        "has a ${{ that does not end in NAME}}; write ${{NAME}}, or $${{ for the characters "
                        "themselves");
        const auto value = environment(name);
        if (!value || value->empty())
            return fail(ErrorKind::invalid,
                        "the environment variable {} is not set; set it before passerby starts", name);
        out += text.substr(at, dollar - at) + *value;
        at = end + 1;
    }
}

std::string known_keys_hint(const std::string& unknown, const std::vector<std::string>& known) {
    const auto nearest = std::min_element(known.begin(), known.end(), [&](const auto& a, const auto& b) {
        return edit_distance(unknown, a) < edit_distance(unknown, b);
    });
    constexpr std::size_t kNear = 2;
    if (nearest != known.end() && edit_distance(unknown, *nearest) <= std::min(kNear, nearest->size() - 1))
        return fmt::format("; did you mean '{}'?", *nearest);
    return fmt::format("; the keys here are {}", fmt::join(known, ", "));
}

}  // namespace passerby::app
