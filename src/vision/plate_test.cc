#include "vision/plate.h"

#include <gtest/gtest.h>

namespace passerby::vision {
namespace {

constexpr image::Size kSize{40, 30};
constexpr Micros kStep = std::chrono::milliseconds{40};
constexpr image::Rect kWhole{0, 0, 40, 30};

class PlateTest : public testing::Test {
  protected:
    // A flat scene with a square of another luma on it.
    Reduced scene(int luma, image::Rect square = {}, int square_luma = 0) {
        const auto cells = static_cast<std::size_t>(kSize.width * kSize.height);
        Reduced f{kSize, std::vector<std::uint8_t>(cells, static_cast<std::uint8_t>(luma)),
                  std::vector<std::uint8_t>(cells, 128), std::vector<std::uint8_t>(cells, 128)};
        for (int y = square.y; y < square.bottom(); ++y)
            for (int x = square.x; x < square.right(); ++x)
                f.y[static_cast<std::size_t>(y * kSize.width + x)] = static_cast<std::uint8_t>(square_luma);
        return f;
    }

    // `frames` of `f`, inspected four times a second.
    Plate::Look show(const Reduced& f, int frames, std::vector<Detection> people = {}, bool inspect = true) {
        Plate::Look look;
        for (int i = 0; i < frames; ++i) {
            look = plate_.compare(f);
            plate_.learn(f, look, kStep);
            if (inspect && count_++ % 6 == 0) plate_.inspected(kWhole, people);
        }
        return look;
    }

    Plate plate_{kSize, 1, {}};
    int count_ = 0;
};

TEST_F(PlateTest, CalmAndInspectedIsProven) {
    show(scene(100), 100);
    EXPECT_DOUBLE_EQ(plate_.proven_share(), 1);
}

TEST_F(PlateTest, CalmAloneProvesNothing) {
    show(scene(100), 5000, {}, false);
    EXPECT_DOUBLE_EQ(plate_.proven_share(), 0);
}

TEST_F(PlateTest, InspectionAloneProvesNothing) {
    for (int i = 0; i < 500; ++i) show(scene(60 + 40 * (i / 3 % 3)), 1);
    EXPECT_DOUBLE_EQ(plate_.proven_share(), 0);
}

TEST_F(PlateTest, WherePeopleAreIsNeverProven) {
    show(scene(100), 2000, {{Kind::person, 0.5F, 10, 10, 8, 12}});
    EXPECT_LT(plate_.proven_share(), 0.9);
    const auto look = plate_.compare(scene(100));
    EXPECT_TRUE(look.unproven.at(14, 16));
    EXPECT_FALSE(look.unproven.at(36, 4));
}

TEST_F(PlateTest, ALightStepOfTheWholePictureIsNoForeground) {
    show(scene(100, {0, 0, 20, 30}, 60), 100);
    const auto look = show(scene(130, {0, 0, 20, 30}, 85), 5);
    EXPECT_EQ(look.foreground.count(), 0);
}

TEST_F(PlateTest, ALightStepHidesNobody) {
    show(scene(100), 100);
    const auto look = show(scene(130, {10, 10, 6, 10}, 70), 1);
    EXPECT_EQ(look.foreground.count(), 60);
}

TEST_F(PlateTest, ColourAloneIsForeground) {
    show(scene(100), 100);
    auto f = scene(100);
    for (int y = 10; y < 20; ++y)
        for (int x = 10; x < 16; ++x) f.u[static_cast<std::size_t>(y * kSize.width + x)] = 145;
    EXPECT_EQ(plate_.compare(f).foreground.count(), 60);
}

TEST_F(PlateTest, WhatPassesLeavesThePlateAsItWas) {
    show(scene(100), 100);
    for (int x = 0; x < 30; ++x) {
        const auto look = show(scene(100, {x, 8, 6, 14}, 200), 3);
        ASSERT_GE(look.foreground.count(), 84);
    }
    EXPECT_EQ(show(scene(100), 1).foreground.count(), 0);
}

TEST_F(PlateTest, RestTakesThePlatesPlaceAfterInspectionOnly) {
    show(scene(100), 100);
    EXPECT_EQ(show(scene(100, {10, 10, 6, 10}, 200), 200).foreground.count(), 60) << "8 s are not enough";
    EXPECT_EQ(show(scene(100, {10, 10, 6, 10}, 200), 3000, {}, false).foreground.count(), 60)
        << "nobody looked";
    EXPECT_EQ(show(scene(100, {10, 10, 6, 10}, 200), 400).foreground.count(), 0);
}

TEST_F(PlateTest, TimeInPiecesCounts) {
    // Half a second of empty scene at a time, between people who pass: never calm for two seconds on end.
    for (int i = 0; i < 12; ++i) {
        show(scene(100), 25);
        for (int x = 0; x < 34; x += 4) show(scene(100, {x, 0, 6, 30}, 180), 1);
    }
    EXPECT_GT(plate_.proven_share(), 0.95);
}

TEST_F(PlateTest, HindsightTakesWhatWasSeenLongest) {
    PlateRules rules;
    rules.hindsight = true;
    plate_.use(rules);
    show(scene(100, {10, 10, 6, 10}, 200), 75);  // something stands there at first
    show(scene(100), 300);
    EXPECT_EQ(plate_.compare(scene(100)).foreground.count(), 0);
    EXPECT_EQ(plate_.compare(scene(100, {10, 10, 6, 10}, 200)).foreground.count(), 60);
}

TEST_F(PlateTest, ForgetUnprovesAll) {
    show(scene(100), 100);
    plate_.forget();
    EXPECT_DOUBLE_EQ(plate_.proven_share(), 0);
    EXPECT_EQ(plate_.compare(scene(100)).unproven.count(), 40 * 30);
}

}  // namespace
}  // namespace passerby::vision
