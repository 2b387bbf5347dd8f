// The order under overload (doc/decisions/0013), with the real queue and the real pace, an engine that only
// takes time, and simulated time.
#include <map>

#include <gtest/gtest.h>

#include "camera/detector_pace.h"
#include "camera/frame_queue.h"

namespace passerby::camera {
namespace {

using namespace std::chrono_literals;

// The moments at which each of them was first seen; none: never.
struct Order {
    std::optional<Micros> slower, dropped, gap;
    double pace = 1;  // at the end
};

// A camera of 25 frames a second. Each frame costs `frame`, and `look` more as often as the detectors look;
// both grow from nothing to that over a minute, and stay so for another.
Order run(Micros frame, Micros look) {
    constexpr Micros kPeriod = 40ms, kGrows = 1min, kEnd = 2min;
    FrameQueue queue{{.drop = true, .limit = 12}};
    DetectorPace pace;
    Order order;
    Micros free_at{};  // when the engine is done with its frame
    for (Micros now{}; now < kEnd; now += kPeriod) {
        queue.push(image::RawFrame{{}, nullptr, {now.count(), now}}, now, {});
        if (queue.dropped() > 0 && !order.dropped) order.dropped = now;
        while (free_at <= now && queue.filled() > 0) {
            order.pace = pace.next(queue.filled(), now);
            if (order.pace < 1 && !order.slower) order.slower = now;
            const auto taken = queue.pop();
            if (queue.gap_before(taken->when().time) && !order.gap) order.gap = now;
            const double grown =
                std::min(1.0, static_cast<double>(now.count()) / static_cast<double>(kGrows.count()));
            const double cost =
                static_cast<double>(frame.count()) + static_cast<double>(look.count()) * order.pace;
            free_at = std::max(free_at, now - kPeriod) + Micros{static_cast<std::int64_t>(cost * grown)};
        }
    }
    return order;
}

TEST(Overload, NothingGivesWhereThereIsTime) {
    const auto seen = run(10ms, 20ms);
    EXPECT_FALSE(seen.slower || seen.dropped || seen.gap);
}

TEST(Overload, DetectorsGiveFirstAndThatMayBeEnough) {
    const auto seen = run(20ms, 60ms);
    EXPECT_TRUE(seen.slower);
    EXPECT_LT(seen.pace, 1);
    EXPECT_FALSE(seen.dropped || seen.gap);
}

TEST(Overload, ThenFramesAreDropped) {
    const auto seen = run(80ms, 40ms);
    ASSERT_TRUE(seen.slower && seen.dropped);
    EXPECT_LT(*seen.slower, *seen.dropped);
    EXPECT_EQ(seen.pace, DetectorPace::kLeast);
    EXPECT_FALSE(seen.gap);
}

TEST(Overload, AtLastThereAreGaps) {
    const auto seen = run(1500ms, 200ms);
    ASSERT_TRUE(seen.slower && seen.dropped && seen.gap);
    EXPECT_LT(*seen.slower, *seen.dropped);
    EXPECT_LT(*seen.dropped, *seen.gap);
}

}  // namespace
}  // namespace passerby::camera
