// How long to wait before a camera's process is started again.
#pragma once

#include <algorithm>

#include "base/time.h"

namespace passerby::camera {

class Backoff {
  public:
    static constexpr Micros kFirst = std::chrono::milliseconds{500};
    // With the start of a process, its connection and the look-ahead on top, a camera is back 5 s after it is
    // there.
    static constexpr Micros kMost = std::chrono::milliseconds{1500};
    // After so long a life the next trouble is a new one.
    static constexpr Micros kHealthy = std::chrono::seconds{60};

    // When to start again what was started at `began` and ended at `ended`, having shown pictures for `live`.
    // Delays count from start to start: an attempt that took long (a connection that timed out) has waited
    // already.
    Micros next_start(Micros began, Micros ended, Micros live) {
        if (live >= kHealthy) delay_ = kFirst;
        const Micros start = std::max(began + delay_, ended + kFirst);
        delay_ = std::min(2 * delay_, kMost);
        return start;
    }

  private:
    Micros delay_ = kFirst;
};

}  // namespace passerby::camera
