// What gives first when the machine does not keep up with a camera: the detectors look less often. What is
// not proven stays covered longer then, and nothing is shown that would not have been (redact/inspector.h).
// Only when that is not enough are frames dropped (frame_queue.h), and a second of them is a gap, `overload`.
//
// Not thread-safe.
#pragma once

#include <algorithm>
#include <chrono>

#include "base/time.h"

namespace passerby::camera {

class DetectorPace {
  public:
    static constexpr double kLeast = 1.0 / 16;
    // A queue this full is about to drop frames; one this empty has time to spare.
    static constexpr double kFull = 0.5, kEmpty = 0.25;
    // What a slower pace brings shows at once; that there is time again, only after a while.
    static constexpr Micros kSlowDownEvery = std::chrono::milliseconds{250};
    static constexpr Micros kSpeedUpEvery = std::chrono::seconds{2};

    // `filled`: share of the queue before the engine that waits, 0-1. `now`: monotonic. Gives how often the
    // detectors look, 0-1 of what they would.
    double next(double filled, Micros now) {
        if (filled > kEmpty) calm_since_ = now;
        if (filled >= kFull && now - slowed_ >= kSlowDownEvery) {
            pace_ = std::max(kLeast, pace_ / 2);
            slowed_ = now;
        } else if (now - calm_since_ >= kSpeedUpEvery) {
            pace_ = std::min(1.0, pace_ * 2);
            calm_since_ = now;
        }
        return pace_;
    }

  private:
    double pace_ = 1;
    Micros slowed_ = Micros::min() / 2, calm_since_{};
};

}  // namespace passerby::camera
