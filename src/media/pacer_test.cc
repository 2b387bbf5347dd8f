#include "media/pacer.h"

#include <gtest/gtest.h>

namespace passerby::media {
namespace {

using std::chrono::milliseconds;

struct HandClock final : Clock {
    Micros now = std::chrono::hours{5};
    WallTime wall() const override { return {}; }
    Micros monotonic() const override { return now; }
};

TEST(Pacer, WaitsUntilAFrameIsDue) {
    HandClock clock;
    Pacer pacer{clock};
    EXPECT_EQ(pacer.wait_for(milliseconds{100}), Micros{0});  // the first, whatever its time
    EXPECT_EQ(pacer.wait_for(milliseconds{140}), milliseconds{40});
    clock.now += milliseconds{30};
    EXPECT_EQ(pacer.wait_for(milliseconds{140}), milliseconds{10});
}

TEST(Pacer, CatchesUpAfterAShortDelay) {
    HandClock clock;
    Pacer pacer{clock};
    pacer.wait_for(milliseconds{0});
    clock.now += milliseconds{500};
    EXPECT_EQ(pacer.wait_for(milliseconds{40}), Micros{0});
    EXPECT_EQ(pacer.wait_for(milliseconds{540}), milliseconds{40});
}

TEST(Pacer, DoesNotHurryAfterALongDelay) {
    HandClock clock;
    Pacer pacer{clock};
    pacer.wait_for(milliseconds{0});
    clock.now += std::chrono::seconds{60};
    EXPECT_EQ(pacer.wait_for(milliseconds{40}), Micros{0});
    EXPECT_EQ(pacer.wait_for(milliseconds{80}), milliseconds{40});
}

}  // namespace
}  // namespace passerby::media
