// Wall times for the fragments of one stream. Each fragment tells one estimate: the wall clock at its
// arrival, less how long its first frame was under way. Nothing arrives before it was taken in, so the
// earliest of the last estimates is the best: jitter only ever makes them later.
#pragma once

#include <deque>

#include "base/time.h"

namespace passerby::camera {

class StreamClock {
  public:
    // About ten seconds of fragments: a stream that is late for longer (a slow clock of the camera, ours set
    // ahead) is believed.
    static constexpr std::size_t kWindow = 40;
    // Ours was set back when an estimate is earlier by more: that is passed on, and the recorder knows what
    // to do.
    static constexpr Micros kSetBack = std::chrono::seconds{2};

    // When the first frame of a fragment was taken in; `age`: how long ago that was when the fragment
    // arrived. Never goes back, unless the wall clock was set back.
    WallTime start_of(Micros media_start, Micros age, WallTime arrival);

  private:
    std::deque<Micros> estimates_;  // of wall time (since the epoch) less media time, by the last fragments
    WallTime last_{};
};

}  // namespace passerby::camera
