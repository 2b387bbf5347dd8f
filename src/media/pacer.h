// Gives a file's frames out at the speed at which they play.
#pragma once

#include <algorithm>

#include "base/time.h"

namespace passerby::media {

class Pacer {
  public:
    explicit Pacer(const Clock& clock) : clock_{clock} {}

    // How long to wait before the frame of this time is due. The first frame is due at once. Who comes much
    // too late is not made to hurry after it: from then on time counts from that frame.
    Micros wait_for(Micros frame_time) {
        const Micros now = clock_.monotonic();
        if (!started_ || now - start_ > frame_time + kLate) {
            started_ = true;
            start_ = now - frame_time;
        }
        return std::max(Micros{0}, start_ + frame_time - now);
    }

  private:
    static constexpr Micros kLate = std::chrono::seconds{1};
    const Clock& clock_;
    bool started_ = false;
    Micros start_{};
};

}  // namespace passerby::media
