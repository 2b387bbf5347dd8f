// The log: one line an event, to standard error. It hides secrets: whatever stands between "://" and "@" in a
// line is replaced, and so is every string given to hide_in_log().
//
// Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

namespace passerby {

enum class LogLevel { debug, info, warning, error };

void log_line(LogLevel, std::string_view text);
void set_log_level(LogLevel least);

// From now on `secret` is written as "***" wherever it would stand in the log, if it has four bytes or more.
void hide_in_log(std::string secret);

// `text` without user names and passwords of URLs and without the hidden strings; for messages that leave by
// other ways.
std::string without_secrets(std::string_view text);

template <class... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
    log_line(LogLevel::info, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_warning(fmt::format_string<Args...> format, Args&&... args) {
    log_line(LogLevel::warning, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_error(fmt::format_string<Args...> format, Args&&... args) {
    log_line(LogLevel::error, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_debug(fmt::format_string<Args...> format, Args&&... args) {
    log_line(LogLevel::debug, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace passerby
