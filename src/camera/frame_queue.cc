#include "camera/frame_queue.h"

#include <algorithm>
#include <cmath>

namespace passerby::camera {

std::size_t FrameQueue::limit_for(image::Size size, double frame_rate, std::size_t most_bytes) {
    const auto side = [](int pixels) { return static_cast<std::size_t>(std::max(1, pixels)); };
    const auto frame_bytes = side(size.width) * side(size.height) * 3 / 2;
    const auto half_a_second = static_cast<std::size_t>(std::lround(std::clamp(frame_rate, 1.0, 240.0) / 2));
    return std::clamp<std::size_t>(
        half_a_second, 2, std::clamp<std::size_t>(most_bytes / std::max<std::size_t>(1, frame_bytes), 2, 12));
}

Micros FrameQueue::hole_for(double frame_rate) {
    const auto four_frames = static_cast<std::int64_t>(4e6 / std::clamp(frame_rate, 0.1, 1000.0));
    return std::max<Micros>(std::chrono::seconds{1}, Micros{four_frames});
}

bool FrameQueue::push(image::RawFrame frame, Micros now, const std::string& damage) {
    std::unique_lock lock{mutex_};
    if (options_.drop)
        while (behind(frame.when().time)) drop_oldest();
    else
        space_.wait(lock, [&] { return stopped_ || waiting_.size() < options_.limit; });
    if (stopped_) return false;
    waiting_.push_back({std::move(frame), now, damage});
    filled_.notify_one();
    return true;
}

// With the newest there would be too many, or they would reach too far back.
bool FrameQueue::behind(Micros newest) const {
    if (waiting_.size() >= options_.limit) return true;
    return waiting_.size() > 1 && newest - waiting_.front().frame.when().time > options_.span;
}

void FrameQueue::drop_oldest() {
    if (!waiting_.front().damage.empty()) damage_since_passed_ = waiting_.front().damage;
    waiting_.pop_front();
    ++dropped_;
    ++dropped_since_passed_;
}

std::optional<image::RawFrame> FrameQueue::pop() {
    std::unique_lock lock{mutex_};
    filled_.wait(lock, [&] { return stopped_ || !waiting_.empty(); });
    if (waiting_.empty()) return std::nullopt;
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    space_.notify_one();
    note_hole(next);
    passed_.push_back({next.frame.when().time, next.taken});
    last_passed_ = next.frame.when().time;
    dropped_since_passed_ = 0;
    damage_since_passed_.clear();
    return std::move(next.frame);
}

void FrameQueue::note_hole(const Waiting& next) {
    const Micros time = next.frame.when().time;
    if (!last_passed_ || time - *last_passed_ <= options_.hole) return;
    const auto missing = static_cast<double>((time - *last_passed_).count()) / 1e6;
    const auto& damage = next.damage.empty() ? damage_since_passed_ : next.damage;
    Gap gap{Cause::camera, fmt::format("the camera sent nothing for {:.1f} s", missing)};
    if (dropped_since_passed_ > 0)
        gap = {Cause::overload,
               fmt::format("this machine did not keep up: {} frames were dropped in {:.1f} s",
                           dropped_since_passed_, missing)};
    else if (!damage.empty())
        gap = {Cause::decoder, one_line(fmt::format("{:.1f} s did not decode: {}", missing, damage))};
    holes_.push_back({time, std::move(gap)});
}

double FrameQueue::filled() const {
    const std::lock_guard lock{mutex_};
    if (waiting_.empty()) return 0;
    const auto span = waiting_.back().frame.when().time - waiting_.front().frame.when().time;
    return std::clamp(
        std::max(static_cast<double>(waiting_.size()) / static_cast<double>(options_.limit),
                 static_cast<double>(span.count()) / static_cast<double>(options_.span.count())),
        0.0, 1.0);
}

void FrameQueue::stop() {
    const std::lock_guard lock{mutex_};
    stopped_ = true;
    filled_.notify_all();
    space_.notify_all();
}

void FrameQueue::clear() {
    const std::lock_guard lock{mutex_};
    waiting_.clear();
    space_.notify_all();
}

std::optional<Gap> FrameQueue::gap_before(Micros time) {
    const std::lock_guard lock{mutex_};
    if (holes_.empty() || holes_.front().at > time) return std::nullopt;
    auto gap = std::move(holes_.front().gap);
    holes_.pop_front();
    return gap;
}

Micros FrameQueue::taken_at(Micros time) {
    const std::lock_guard lock{mutex_};
    while (passed_.size() > 1 && passed_[1].time <= time) passed_.pop_front();
    return passed_.empty() ? Micros{0} : passed_.front().taken;
}

std::uint64_t FrameQueue::dropped() const {
    const std::lock_guard lock{mutex_};
    return dropped_;
}

}  // namespace passerby::camera
