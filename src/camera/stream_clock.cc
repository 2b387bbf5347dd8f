#include "camera/stream_clock.h"

#include <algorithm>

namespace passerby::camera {

WallTime StreamClock::start_of(Micros media_start, Micros age, WallTime arrival) {
    const Micros estimate = arrival.since_epoch - age - media_start;
    const auto earliest = [this] { return *std::min_element(estimates_.begin(), estimates_.end()); };
    if (!estimates_.empty() && earliest() - estimate > kSetBack) last_ = {};
    estimates_.push_back(estimate);
    if (estimates_.size() > kWindow) estimates_.pop_front();
    last_ = std::max(last_, WallTime{earliest() + media_start});
    return last_;
}

}  // namespace passerby::camera
