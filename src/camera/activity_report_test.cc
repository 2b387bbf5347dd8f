// How numbers leave the camera's process: once, with noise, and in no pattern more of somebody than the
// budget allows.
#include "camera/activity_report.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "camera/simulated_time.h"

namespace passerby::camera {
namespace {

using namespace std::chrono_literals;
using testing::SizeIs;

constexpr image::Size kPicture{1000, 1000};
const vision::Place kLine{7, {{0.5F, 0.9F}, {0.5F, 0.1F}}};

// An engine that counts, and does nothing else.
class CountingEngine final : public redact::Engine {
  public:
    std::vector<redact::CoveredFrame> push(image::RawFrame) override { return {}; }
    std::vector<redact::CoveredFrame> finish() override { return {}; }
    void slow_detectors(double) override {}
    void set_masks(std::vector<redact::Polygon>) override {}
    void approve(image::ScenePicture) override {}
    void withdraw_approval() override {}
    std::optional<image::SafeFrame> scene() const override { return std::nullopt; }
    void set_places(std::vector<vision::Place> places) override { crossings.set_places(std::move(places)); }
    std::vector<vision::PlaceCounts> take_counts() override { return crossings.take(); }

    // Somebody new goes over the line.
    void cross(int times = 1) {
        for (int i = 0; i < times; ++i) {
            vision::Tally tally;
            for (const float x : {400.F, 600.F})
                crossings.follow(tally, {vision::Kind::person, 0.8F, x, 450, 20, 50});
        }
    }

    vision::Crossings crossings{kPicture};
};

class ActivityReportTest : public testing::Test {
  protected:
    ActivityReport report(crypto::RandomBits random = crypto::random_bits, redact::Counting rule = {}) {
        return {rule, [this](const Activity& told) -> Status { return told_.push_back(told), Status{}; },
                time_, std::move(random)};
    }
    void until(WallTime when) { time_.advance(when - time_.wall()); }

    SimulatedTime time_;
    CountingEngine engine_;
    std::vector<Activity> told_;
};

TEST_F(ActivityReportTest, ToldTheSamePlacesItGoesOnCounting) {
    auto activity = report();
    const WallTime hour{std::chrono::ceil<std::chrono::hours>(time_.wall().since_epoch + 1s)};
    until(hour);
    ASSERT_TRUE(activity.set_places(engine_, {kLine}));
    until(hour + 30min);
    ASSERT_TRUE(activity.set_places(engine_, {kLine}));
    EXPECT_THAT(told_, SizeIs(0));
    until(hour + 1h);
    ASSERT_TRUE(activity.tell(engine_));
    ASSERT_THAT(told_, SizeIs(1));
    EXPECT_EQ(told_[0].from, hour);
    auto moved = kLine;
    moved.points[0].x = 0.6F;
    until(hour + 90min);
    ASSERT_TRUE(activity.set_places(engine_, {moved}));
    ASSERT_THAT(told_, SizeIs(2)) << "of the line that was";
    EXPECT_EQ(told_[1].to, hour + 90min);
}

TEST_F(ActivityReportTest, TheBudgetIsSharedByAllThatOneAddsInADay) {
    const redact::Counting rule{.epsilon_thousandths = 500, .visits = 3};
    // 3 visits that count at most twice each, and half a budget.
    EXPECT_DOUBLE_EQ(noise_scale(rule).value(), 3 * 2 / 0.5);
    EXPECT_DOUBLE_EQ(noise_scale({}).value(), 4);
}

TEST_F(ActivityReportTest, TellsEachIntervalOnceAndAtItsEnd) {
    auto activity = report();
    const WallTime hour{std::chrono::ceil<std::chrono::hours>(time_.wall().since_epoch + 1s)};
    until(hour - 20min);
    ASSERT_TRUE(activity.tell(engine_)) << "without a place";
    ASSERT_TRUE(activity.set_places(engine_, {kLine}));
    for (const auto before : {19min, 10min, 1min}) {
        until(hour - before);
        engine_.cross();
        ASSERT_TRUE(activity.tell(engine_));
    }
    EXPECT_THAT(told_, SizeIs(0));
    until(hour + 2s);
    ASSERT_TRUE(activity.tell(engine_));
    ASSERT_TRUE(activity.tell(engine_));
    ASSERT_THAT(told_, SizeIs(1));
    EXPECT_EQ(told_[0].from, hour - 20min);
    EXPECT_EQ(told_[0].to, hour);
    ASSERT_THAT(told_[0].places, SizeIs(1));
    EXPECT_EQ(told_[0].places[0].place, 7);
    until(hour + 1h);
    ASSERT_TRUE(activity.tell(engine_));
    ASSERT_THAT(told_, SizeIs(2));
    EXPECT_EQ(told_[1].from, hour) << "a frame that is late leaves no time uncounted";
    EXPECT_EQ(told_[1].to, hour + 1h);
}

TEST_F(ActivityReportTest, AnIntervalOfAMinuteIsTold) {
    auto activity = report(crypto::random_bits, {.interval = 1min});
    const WallTime minute{std::chrono::ceil<std::chrono::minutes>(time_.wall().since_epoch + 1s)};
    until(minute - 10s);
    ASSERT_TRUE(activity.set_places(engine_, {kLine}));
    for (const auto after : {40ms, 60'040ms, 120'040ms}) {
        until(minute + after);
        ASSERT_TRUE(activity.tell(engine_));
    }
    ASSERT_THAT(told_, SizeIs(2)) << "ten seconds are too few, and every minute after them is one";
    EXPECT_EQ(told_[1].from, minute + 1min);
    EXPECT_EQ(told_[1].to, minute + 2min);
}

TEST_F(ActivityReportTest, NothingIsSaidOfALongSilence) {
    auto activity = report();
    const WallTime hour{std::chrono::ceil<std::chrono::hours>(time_.wall().since_epoch + 1s)};
    ASSERT_TRUE(activity.set_places(engine_, {kLine}));
    until(hour + 20min);
    ASSERT_TRUE(activity.tell(engine_));
    until(hour + 1h);
    ASSERT_TRUE(activity.tell(engine_));
    ASSERT_FALSE(told_.empty());
    EXPECT_EQ(told_.back().from, hour + 20min) << "from when frames came again";
}

TEST_F(ActivityReportTest, EveryNumberHasNoiseOfItsOwnAroundWhatWasCounted) {
    std::mt19937_64 seeded{3};
    auto activity = report([&] { return seeded(); }, {.interval = 15min});
    ASSERT_TRUE(activity.set_places(engine_, {kLine}));
    constexpr int kCrossings = 20, kIntervals = 400;
    for (int i = 0; i < kIntervals; ++i) {
        engine_.cross(kCrossings);
        time_.advance(15min);
        ASSERT_TRUE(activity.tell(engine_));
    }
    ASSERT_THAT(told_, SizeIs(kIntervals));
    double in = 0, out = 0, squares = 0;
    int exact = 0;
    for (const auto& t : told_) {
        const auto& p = t.places[0];
        in += static_cast<double>(p.persons[0]);
        out += static_cast<double>(p.persons[1]);
        squares += static_cast<double>(p.vehicles[1] * p.vehicles[1]);
        exact += p.persons[0] == kCrossings ? 1 : 0;
    }
    // A scale of 4: a variance of 31.8, so means that are off by 0.28 on the average.
    EXPECT_NEAR(in / kIntervals, kCrossings, 1.2);
    EXPECT_NEAR(out / kIntervals, 0, 1.2) << "where nobody was, too";
    EXPECT_NEAR(squares / kIntervals, 31.8, 12);
    // With probability 0.124 there is none.
    EXPECT_LT(exact, kIntervals / 4);
    EXPECT_GT(exact, 5);
}

TEST_F(ActivityReportTest, WhatIsShorterThanAMinuteIsNotTold) {
    auto activity = report();
    ASSERT_TRUE(activity.set_places(engine_, {kLine}));
    engine_.cross(50);
    time_.advance(59s);
    ASSERT_TRUE(activity.finish(engine_));
    EXPECT_THAT(told_, SizeIs(0));
    time_.advance(2min);
    ASSERT_TRUE(activity.finish(engine_));
    ASSERT_THAT(told_, SizeIs(1));
    // The fifty are gone: nothing but noise is left.
    EXPECT_LT(told_[0].places[0].persons[0], 45);
}

TEST_F(ActivityReportTest, AClockThatIsSetBackTellsNothing) {
    auto activity = report();
    ASSERT_TRUE(activity.set_places(engine_, {kLine}));
    time_.advance(10min);
    engine_.cross(500);
    time_.advance(-30min);
    ASSERT_TRUE(activity.tell(engine_));
    EXPECT_THAT(told_, SizeIs(0));
    time_.advance(70min);
    ASSERT_TRUE(activity.tell(engine_));
    ASSERT_THAT(told_, SizeIs(1));
    EXPECT_LT(told_[0].places[0].persons[0], 400);
}

// In any pattern of intervals, places drawn anew, and ends: what one visit adds to all numbers together stays
// within what the noise is made for. The same with and without that visitor, and the same noise for both.
TEST_F(ActivityReportTest, NoPatternSpendsMoreThanTheBudget) {
    std::mt19937 pattern{11};
    std::int64_t most = 0;
    int told_of = 0;
    for (int round = 0; round < 300; ++round) {
        const auto seed = pattern();
        const auto run = [&](bool visitor) {
            std::mt19937 random{seed};
            std::mt19937_64 noise{seed};
            SimulatedTime time;
            CountingEngine engine;
            std::vector<std::int64_t> numbers;
            ActivityReport activity{
                {.visits = 1, .interval = 15min},
                [&](const Activity& told) -> Status {
                    for (const auto& p : told.places)
                        for (const auto n : {p.persons[0], p.persons[1], p.vehicles[0], p.vehicles[1]})
                            numbers.push_back(n);
                    return {};
                },
                time,
                [&] { return noise(); }};
            vision::Tally tally;
            const auto share = [&] { return static_cast<float>(random() % 1000) / 1000; };
            for (int step = 0; step < 120; ++step) {
                if (step == 0 || random() % 15 == 0) {
                    std::vector<vision::Place> places;
                    for (unsigned i = 0; i < 1 + random() % 4; ++i)
                        places.push_back({i + 1, {{share(), share()}, {share(), share()}}});
                    EXPECT_TRUE(activity.set_places(engine, places));
                }
                const vision::Detection there{vision::Kind::person, 0.8F, 1000 * share(),
                                              1000 * share(),       20,   50};
                if (visitor) engine.crossings.follow(tally, there);
                engine.cross(static_cast<int>(random() % 3));
                time.advance(std::chrono::seconds{random() % 600});
                EXPECT_TRUE(random() % 30 == 0 ? activity.finish(engine) : activity.tell(engine));
            }
            EXPECT_TRUE(activity.finish(engine));
            return numbers;
        };
        const auto with = run(true), without = run(false);
        ASSERT_EQ(with.size(), without.size()) << "when numbers are told does not depend on who was there";
        std::int64_t distance = 0;
        for (std::size_t i = 0; i < with.size(); ++i) distance += std::abs(with[i] - without[i]);
        most = std::max(most, distance);
        told_of += distance > 0 ? 1 : 0;
    }
    EXPECT_EQ(most, vision::Crossings::kMost);
    EXPECT_GT(told_of, 100);
}

}  // namespace
}  // namespace passerby::camera
