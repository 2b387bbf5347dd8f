#include "base/log.h"

#include <mutex>
#include <vector>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace passerby {

namespace {

constexpr std::size_t kShortestHidden = 4;

struct Secrets {
    std::mutex mutex;
    std::vector<std::string> hidden;  // guarded by mutex
};

Secrets& secrets() {
    static Secrets s;
    return s;
}

spdlog::logger& logger() {
    static auto sink = [] {
        auto l = std::make_shared<spdlog::logger>("passerby",
                                                  std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
        l->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
        l->flush_on(spdlog::level::info);
        return l;
    }();
    return *sink;
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return spdlog::level::debug;
        case LogLevel::info:
            return spdlog::level::info;
        case LogLevel::warning:
            return spdlog::level::warn;
        case LogLevel::error:
            return spdlog::level::err;
    }
    return spdlog::level::err;
}

// "rtsp://user:pass@host" becomes "rtsp://***@host". The last '@' before the path counts, since passwords
// contain '@'.
void hide_userinfo(std::string& text) {
    for (std::size_t at = text.find("://"); at != std::string::npos; at = text.find("://", at)) {
        at += 3;
        const auto end = text.find_first_of("/ \t\r\n\"'", at);
        const auto sign = text.rfind('@', end == std::string::npos ? end : end - 1);
        if (sign != std::string::npos && sign >= at) text.replace(at, sign - at, "***");
    }
}

}  // namespace

void hide_in_log(std::string secret) {
    // Hiding a letter or two would garble every line and give the secret away by where it is missing.
    if (secret.size() < kShortestHidden) return;
    const std::lock_guard lock{secrets().mutex};
    secrets().hidden.push_back(std::move(secret));
}

std::string without_secrets(std::string_view text) {
    std::string clean{text};
    hide_userinfo(clean);
    const std::lock_guard lock{secrets().mutex};
    for (const auto& secret : secrets().hidden)
        for (auto at = clean.find(secret); at != std::string::npos; at = clean.find(secret, at + 3))
            clean.replace(at, secret.size(), "***");
    return clean;
}

void log_line(LogLevel level, std::string_view text) {
    logger().log(to_spdlog(level), without_secrets(text));
}

void set_log_level(LogLevel least) {
    logger().set_level(to_spdlog(least));
}

}  // namespace passerby
