#include "camera/stream_clock.h"

#include <gtest/gtest.h>

namespace passerby::camera {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNoon{std::chrono::hours{500'000}};
constexpr Micros kAge = 800ms, kLength = 250ms;

class StreamClockTest : public testing::Test {
  protected:
    // The next fragment arrives `late` after it could have; returns how far its wall time is from noon plus
    // media time.
    Micros next(Micros late, Micros wall_error = 0ms) {
        const Micros start = kLength * number_++;
        return clock_.start_of(start, kAge, kNoon + start + kAge + late + wall_error) - (kNoon + start);
    }
    StreamClock clock_;
    int number_ = 0;
};

TEST_F(StreamClockTest, TakesTheWayOff) {
    EXPECT_EQ(next(0ms), 0ms);
}

TEST_F(StreamClockTest, MediaTimeCarriesOverJitter) {
    EXPECT_EQ(next(30ms), 30ms);
    for (const Micros late : {400ms, 5000ms, 30ms, 2000ms, 70ms}) EXPECT_EQ(next(late), 30ms);
    EXPECT_EQ(next(10ms), 10ms) << "a better estimate";
    EXPECT_EQ(next(90ms), 10ms);
}

TEST_F(StreamClockTest, AStreamThatStaysLateIsBelievedInTheEnd) {
    EXPECT_EQ(next(0ms), 0ms);
    for (std::size_t i = 1; i < StreamClock::kWindow; ++i) EXPECT_EQ(next(800ms), 0ms) << i;
    EXPECT_EQ(next(900ms), 800ms);
}

TEST_F(StreamClockTest, FollowsAFastCameraWithoutGoingBack) {
    WallTime last{};
    for (int i = 0; i < 400; ++i) {
        // One part in a hundred too fast: fragments arrive earlier and earlier.
        const Micros start = kLength * i, real = start * 99 / 100;
        const auto wall = clock_.start_of(start, kAge, kNoon + real + kAge);
        EXPECT_EQ(wall, kNoon + real) << i;
        EXPECT_GE(wall, last) << i;
        last = wall;
    }
}

TEST_F(StreamClockTest, FollowsASlowCameraWithinAWindow) {
    for (int i = 0; i < 400; ++i) {
        const Micros start = kLength * i, real = start * 101 / 100;
        const auto wall = clock_.start_of(start, kAge, kNoon + real + kAge);
        EXPECT_LE(wall, kNoon + real) << i;
        EXPECT_GE(wall, kNoon + real - 100ms) << i;
    }
}

TEST_F(StreamClockTest, ABurstOfOldFramesDoesNotGoBackInTime) {
    EXPECT_EQ(next(1900ms), 1900ms);
    // The camera gives what it had kept: each frame comes at once, taken in earlier and earlier.
    EXPECT_EQ(next(1650ms), 1650ms);
    EXPECT_EQ(next(1100ms), 1400ms) << "stands still instead";
    EXPECT_EQ(next(1100ms), 1150ms);
    EXPECT_EQ(next(1100ms), 1100ms);
}

TEST_F(StreamClockTest, AWallClockSetBackIsPassedOn) {
    EXPECT_EQ(next(0ms), 0ms);
    EXPECT_EQ(next(0ms, -1h), -1h);
    EXPECT_EQ(next(300ms, -1h), -1h);
}

TEST_F(StreamClockTest, AWallClockSetAheadIsPassedOnInTheEnd) {
    EXPECT_EQ(next(0ms), 0ms);
    for (std::size_t i = 1; i < StreamClock::kWindow; ++i) next(0ms, 1h);
    EXPECT_EQ(next(0ms, 1h), 1h);
}

}  // namespace
}  // namespace passerby::camera
