#include "redact/inspector.h"

#include <gtest/gtest.h>

#include "redact/fake_detectors.h"
#include "redact/test_frames.h"

namespace passerby::redact {
namespace {

using namespace std::chrono_literals;

constexpr image::Size kSize{320, 240};

struct SetClock final : Clock {
    WallTime wall() const override { return {now}; }
    Micros monotonic() const override { return now; }
    Micros now{};
};

// How often somebody looks in ten seconds of 25 frames each, in which something moves all the time.
int looks_in_ten_seconds(Pace pace, double slowed, Micros each) {
    SetClock clock;
    int looks = 0;
    FakeDetectors detectors;
    detectors.sees_bodies = [&](const auto&...) -> Result<std::vector<vision::Detection>> {
        ++looks;
        clock.now += each;
        return std::vector<vision::Detection>{};
    };
    pace.clock = &clock;
    const auto inspector = make_live_inspector(kSize, Policy{}.cover, detectors, pace);
    inspector->slow_down(slowed);
    image::Mask moves{kSize, 8};
    moves.set(image::Rect{0, 0, 64, 64});
    for (Micros t{}; t < 10s; t += 40ms)
        EXPECT_TRUE(inspector->inspect(raw_frame(flat_picture(kSize, 100), t), nullptr, moves));
    return looks;
}

TEST(LiveInspector, RestsAsLongAsItsShareOfTheTimeAsksFor) {
    EXPECT_EQ(looks_in_ten_seconds({.share = 0.5}, 1, 20ms), 36);  // as often as the scene wants
    EXPECT_EQ(looks_in_ten_seconds({.share = 0.5}, 1, 200ms), 25);
}

TEST(LiveInspector, LooksLessOftenWhereTheMachineDoesNotKeepUp) {
    const int usually = looks_in_ten_seconds({.share = 0.5}, 1, 20ms);
    const int slowed = looks_in_ten_seconds({.share = 0.5}, 1. / 16, 20ms);
    EXPECT_LT(slowed, usually / 2);
    EXPECT_GT(slowed, 10);  // never not at all
    // A file waits.
    EXPECT_EQ(looks_in_ten_seconds({}, 1. / 16, 20ms), looks_in_ten_seconds({}, 1, 20ms));
}

}  // namespace
}  // namespace passerby::redact
