#include "media/timeline.h"

#include <cstdlib>

#include "media/av.h"

namespace passerby::media {

namespace {
// A step back further than this is a clock that was set, not a frame out of order; the same for a camera's
// leap ahead.
constexpr Micros kClockStep = std::chrono::seconds{1};
constexpr Micros kCameraLeap = std::chrono::seconds{10};
}  // namespace

Micros to_micros(std::int64_t ticks, Rational time_base) {
    return Micros{av_rescale_q(ticks, to_av(time_base), kMicrosecond)};
}

std::int64_t Timeline::mended(std::int64_t ticks, std::int64_t duration) {
    std::int64_t step = ticks + offset_ - *last_;
    const bool set_back = step <= 0 && to_micros(-step, time_base_) > kClockStep;
    const bool leapt = source_ == Source::live && step > 0 && to_micros(step, time_base_) > kCameraLeap;
    if (rebase_ || set_back || leapt) {
        rebase_ = false;
        offset_ += duration - step;
        step = duration;
    }
    // A frame at, or a little before, its predecessor's time: as little as possible, so that later ones stay
    // exact.
    return *last_ + (step > 0 ? step : 1);
}

std::optional<Micros> Timeline::time_of(std::int64_t ticks) const {
    if (!first_) return {};
    return to_micros(ticks + offset_ - *first_, time_base_);
}

image::FrameTime Timeline::next(std::optional<std::int64_t> ticks, std::int64_t duration) {
    std::int64_t now = 0;
    if (!last_)
        now = ticks.value_or(0);
    else if (!ticks)
        now = *last_ + duration;
    else
        now = mended(*ticks, duration);
    if (!first_) first_ = now;
    last_ = now;
    return {now, to_micros(now - *first_, time_base_)};
}

}  // namespace passerby::media
