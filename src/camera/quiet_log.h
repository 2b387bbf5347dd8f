// The log lines of one camera, so few that a dead camera does not bury the rest: equal lines once a minute,
// with the number of those left out, and at most twenty lines a minute in all. Not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/log.h"
#include "base/time.h"

namespace passerby::camera {

class QuietLog {
  public:
    static constexpr Micros kPeriod = std::chrono::minutes{1};
    static constexpr int kMostPerPeriod = 20;
    using Sink = std::function<void(LogLevel, std::string_view)>;

    // Lines begin with "camera <id>: ".
    QuietLog(std::string camera, const Clock& clock, Sink sink = log_line)
        : prefix_{"camera " + std::move(camera) + ": "}, clock_{clock}, sink_{std::move(sink)} {}

    void write(LogLevel, const std::string& text);

  private:
    void begin_period(Micros now);

    const std::string prefix_;
    const Clock& clock_;
    const Sink sink_;
    Micros period_begin_{};
    int written_ = 0;                     // in this period
    int left_out_ = 0;                    // of lines that were new, in this period
    std::map<std::string, int> repeats_;  // lines written in this period, how often they came again
};

}  // namespace passerby::camera
