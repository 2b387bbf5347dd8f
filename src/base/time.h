// Time. Wall clock times are UTC microseconds since the epoch; media time is monotonic and has no date.
// A clock is passed in, so that tests own it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace passerby {

using Micros = std::chrono::microseconds;

// A moment in UTC.
struct WallTime {
    Micros since_epoch{};
    auto operator<=>(const WallTime&) const = default;
    WallTime operator+(Micros d) const { return {since_epoch + d}; }
    WallTime operator-(Micros d) const { return {since_epoch - d}; }
    Micros operator-(WallTime o) const { return since_epoch - o.since_epoch; }
    std::int64_t micros() const { return since_epoch.count(); }
};

// Thread-safe.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual WallTime wall() const = 0;     // may jump
    virtual Micros monotonic() const = 0;  // never goes back
};

// The operating system's clocks; lives for the whole program.
Clock& system_clock();

// "2026-03-01T12:34:56Z" (with ".123456" when there is a fraction).
std::string to_iso8601(WallTime);
Result<WallTime> wall_time_from_iso8601(std::string_view);

}  // namespace passerby
