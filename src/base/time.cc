#include "base/time.h"

#include <cstdio>
#include <ctime>

namespace passerby {

namespace {

class SystemClock final : public Clock {
  public:
    WallTime wall() const override {
        return {std::chrono::duration_cast<Micros>(std::chrono::system_clock::now().time_since_epoch())};
    }
    Micros monotonic() const override {
        return std::chrono::duration_cast<Micros>(std::chrono::steady_clock::now().time_since_epoch());
    }
};

}  // namespace

Clock& system_clock() {
    static SystemClock clock;
    return clock;
}

std::string to_iso8601(WallTime t) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(t.since_epoch);
    const auto fraction = (t.since_epoch - seconds).count();
    const std::time_t when = seconds.count();
    std::tm utc{};
    gmtime_r(&when, &utc);
    auto text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", utc.tm_year + 1900, utc.tm_mon + 1,
                            utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
    if (fraction) text += fmt::format(".{:06}", fraction);
    return text + "Z";
}

Result<WallTime> wall_time_from_iso8601(std::string_view text) {
    std::tm utc{};
    int used = 0;
    const std::string copy{text};
    if (std::sscanf(copy.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &utc.tm_year, &utc.tm_mon, &utc.tm_mday,
                    &utc.tm_hour, &utc.tm_min, &utc.tm_sec, &used) != 6)
        return fail(ErrorKind::invalid, "'{}' is not a time; write it as 2026-03-01T12:34:56Z", copy);
    Micros fraction{};
    auto rest = std::string_view{copy}.substr(static_cast<std::size_t>(used));
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        std::int64_t scale = 100'000;
        while (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') {
            fraction += Micros{(rest[0] - '0') * scale};
            scale /= 10;
            rest.remove_prefix(1);
        }
    }
    if (rest != "Z") return fail(ErrorKind::invalid, "'{}' does not end in Z; give the time in UTC", copy);
    if (utc.tm_mon < 1 || utc.tm_mon > 12 || utc.tm_mday < 1 || utc.tm_mday > 31 || utc.tm_hour > 23 ||
        utc.tm_min > 59 || utc.tm_sec > 60)
        return fail(ErrorKind::invalid, "'{}' is not a moment of the calendar", copy);
    utc.tm_year -= 1900;
    utc.tm_mon -= 1;
    return WallTime{std::chrono::seconds{timegm(&utc)} + fraction};
}

}  // namespace passerby
