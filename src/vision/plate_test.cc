#include "vision/plate.h"

#include <algorithm>

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
    show(scene(100), 130);
    EXPECT_DOUBLE_EQ(plate_.proven_share(), 1);
}

TEST_F(PlateTest, CalmAloneProvesNothing) {
    show(scene(100), 5000, {}, false);
    EXPECT_DOUBLE_EQ(plate_.proven_share(), 0);
}

TEST_F(PlateTest, InspectionAloneProvesNothing) {
    for (int i = 0; i < 300; ++i) {
        auto f = scene(60);
        for (int y = 0; y < 30; ++y)
            for (int x = 0; x < 20; ++x)
                f.y[static_cast<std::size_t>(y * kSize.width + x)] =
                    static_cast<std::uint8_t>(80 + 40 * ((x * y + i / 3) % 3));
        show(f, 1);
    }
    EXPECT_TRUE(plate_.compare(scene(60)).unproven.at(10, 15));
    EXPECT_FALSE(plate_.compare(scene(60)).unproven.at(35, 15));
}

TEST_F(PlateTest, WhatAPersonLeavesBehindIsNotBelievedSoSoon) {
    show(scene(100), 25);
    for (int i = 0; i < 50; ++i)  // somebody puts a thing down
        show(scene(100, {8, 8, 12, 14}, 40 + 30 * (i % 4)), 1, {{Kind::person, 0.5F, 8, 8, 12, 14}});
    show(scene(100, {10, 10, 8, 8}, 200), 250);
    EXPECT_TRUE(plate_.compare(scene(100)).unproven.at(14, 14)) << "10 s are not enough";
    EXPECT_FALSE(plate_.compare(scene(100)).unproven.at(30, 20));
    show(scene(100, {10, 10, 8, 8}, 200), 100);
    EXPECT_FALSE(plate_.compare(scene(100)).unproven.at(14, 14));
}

TEST_F(PlateTest, WhoPassesTheThingDoesNotTakeTheClaimOfWhatWasThere) {
    show(scene(100), 40);
    for (int i = 0; i < 50; ++i)  // somebody puts a thing down
        show(scene(100, {8, 8, 12, 14}, 40 + 30 * (i % 4)), 1, {{Kind::person, 0.5F, 8, 8, 12, 14}});
    for (int passing = 0; passing < 3; ++passing) {
        show(scene(100, {10, 10, 8, 8}, 200), 150);
        show(scene(100, {8, 8, 12, 14}, 40), 30, {{Kind::person, 0.5F, 8, 8, 12, 14}});
    }
    EXPECT_TRUE(plate_.compare(scene(100)).unproven.at(14, 14)) << "18 s in all, but never 12 s on end";
    show(scene(100, {10, 10, 8, 8}, 200), 320);
    EXPECT_FALSE(plate_.compare(scene(100)).unproven.at(14, 14));
}

TEST_F(PlateTest, WhatFlapsIsNamedAndAPersonIsNot) {
    show(scene(100), 130);
    for (int i = 0; i < 300; ++i) show(scene(100, {10, 10, 8, 8}, i % 24 < 18 ? 100 : 60 + 11 * (i / 24)), 1);
    const auto look = plate_.compare(scene(100, {10, 10, 18, 8}, 20));
    EXPECT_EQ(look.foreground.count(), 18 * 8);
    EXPECT_EQ(look.flapping.count(), 8 * 8) << "the part of it that flaps";
    EXPECT_EQ(plate_.compare(scene(100)).flapping.count(), 0);
}

TEST_F(PlateTest, WhatNeverRestsIsProvenByItsAppearancesTogether) {
    const auto flutter = [&](int frames, std::vector<Detection> people = {}) {
        for (int i = 0; i < frames; ++i)
            show(scene(100, {10, 10, 8, 8}, i % 10 < 6 ? 100 : i % 20 < 10 ? 160 : 200), 1, people);
    };
    show(scene(100), 130);
    flutter(200);
    EXPECT_GT(plate_.compare(scene(100, {10, 10, 8, 8}, 160)).foreground.count(), 0) << "8 s are not enough";
    flutter(500);
    EXPECT_EQ(plate_.compare(scene(100, {10, 10, 8, 8}, 160)).foreground.count(), 0);
    EXPECT_EQ(plate_.compare(scene(100, {10, 10, 8, 8}, 200)).foreground.count(), 0);
    EXPECT_EQ(plate_.compare(scene(100, {10, 10, 8, 8}, 30)).foreground.count(), 64) << "a person there";
}

TEST_F(PlateTest, WhereAPersonNeverRestsNothingIsProven) {
    show(scene(100), 130);
    for (int i = 0; i < 1500; ++i)
        show(scene(100, {10, 10, 8, 8}, i % 10 < 6 ? 60 : 160), 1, {{Kind::person, 0.5F, 9, 9, 10, 10}});
    EXPECT_EQ(plate_.compare(scene(100, {10, 10, 8, 8}, 160)).foreground.count(), 64);
}

TEST_F(PlateTest, WhereTwoAppearancesHaveAClaimNeitherIsBelieved) {
    show(scene(100), 60);
    show(scene(100, {10, 10, 8, 8}, 200), 150);  // a thing was put down before the place was proven
    EXPECT_TRUE(plate_.compare(scene(100)).unproven.at(14, 14));
    EXPECT_FALSE(plate_.compare(scene(100)).unproven.at(30, 20));
    show(scene(100, {10, 10, 8, 8}, 200), 200);  // it stayed
    EXPECT_FALSE(plate_.compare(scene(100)).unproven.at(14, 14));
}

// A texture, without which nobody could tell a cloud from a coat; lit from `left` to `right`, with somebody
// on it.
Reduced lit(image::Size size, float left, float right, image::Rect person = {}) {
    const auto cells = static_cast<std::size_t>(size.width * size.height);
    Reduced f{size, std::vector<std::uint8_t>(cells), std::vector<std::uint8_t>(cells, 128),
              std::vector<std::uint8_t>(cells, 128)};
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x) {
            const bool on_person =
                x >= person.x && x < person.right() && y >= person.y && y < person.bottom();
            const int luma = on_person ? 40 : 80 + 40 * ((x / 4 + y / 4) % 3);
            const float gain = left + (right - left) * static_cast<float>(x) / static_cast<float>(size.width);
            f.y[static_cast<std::size_t>(y * size.width + x)] =
                static_cast<std::uint8_t>(16 + static_cast<float>(luma - 16) * gain);
        }
    return f;
}

TEST(PlateLight, ACloudIsNoForegroundAndHidesNobody) {
    const image::Size size{192, 96};
    Plate plate{size, 1, {}};
    for (int i = 0; i < 130; ++i) {
        const auto f = lit(size, 1, 1);
        plate.learn(f, plate.compare(f), kStep);
        if (i % 6 == 0) plate.inspected({0, 0, 192, 96}, {});
    }
    ASSERT_DOUBLE_EQ(plate.proven_share(), 1);
    EXPECT_EQ(plate.compare(lit(size, 1.3F, 0.7F)).foreground.count(), 0);
    const auto look = plate.compare(lit(size, 1.3F, 0.7F, {80, 30, 16, 40}));
    EXPECT_GE(look.foreground.count(), 16 * 40 * 95 / 100);
    EXPECT_LE(look.foreground.count(), 16 * 40 * 3 / 2);
    EXPECT_LT(look.lost, 0.2);
}

TEST(PlateLight, AMovedCameraLosesTheStructure) {
    const image::Size size{192, 96};
    Plate plate{size, 1, {}};
    for (int i = 0; i < 130; ++i) {
        const auto f = lit(size, 1, 1);
        plate.learn(f, plate.compare(f), kStep);
        if (i % 6 == 0) plate.inspected({0, 0, 192, 96}, {});
    }
    Reduced moved = lit(size, 1, 1);
    std::rotate(moved.y.begin(), moved.y.begin() + 5, moved.y.end());
    EXPECT_GT(plate.compare(moved).lost, 0.5);
}

TEST_F(PlateTest, WherePeopleAreIsNeverProven) {
    show(scene(100), 2000, {{Kind::person, 0.5F, 10, 10, 8, 12}});
    EXPECT_LT(plate_.proven_share(), 0.9);
    const auto look = plate_.compare(scene(100));
    EXPECT_TRUE(look.unproven.at(14, 16));
    EXPECT_FALSE(look.unproven.at(36, 4));
}

TEST_F(PlateTest, ALightStepOfTheWholePictureIsNoForeground) {
    show(scene(100, {0, 0, 20, 30}, 60), 130);
    const auto look = show(scene(130, {0, 0, 20, 30}, 85), 5);
    EXPECT_EQ(look.foreground.count(), 0);
}

TEST_F(PlateTest, ALightStepHidesNobody) {
    show(scene(100), 130);
    const auto look = show(scene(130, {10, 10, 6, 10}, 70), 1);
    EXPECT_EQ(look.foreground.count(), 60);
}

TEST_F(PlateTest, ColourAloneIsForeground) {
    show(scene(100), 130);
    auto f = scene(100);
    for (int y = 10; y < 20; ++y)
        for (int x = 10; x < 16; ++x) f.u[static_cast<std::size_t>(y * kSize.width + x)] = 145;
    EXPECT_EQ(plate_.compare(f).foreground.count(), 60);
}

TEST_F(PlateTest, WhatPassesLeavesThePlateAsItWas) {
    show(scene(100), 130);
    for (int x = 0; x < 30; ++x) {
        const auto look = show(scene(100, {x, 8, 6, 14}, 200), 3);
        ASSERT_GE(look.foreground.count(), 84);
    }
    EXPECT_EQ(show(scene(100), 1).foreground.count(), 0);
}

TEST_F(PlateTest, RestTakesThePlatesPlaceAfterInspectionOnly) {
    show(scene(100), 130);
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
    plate_ = Plate{kSize, 1, rules};
    show(scene(100, {10, 10, 6, 10}, 200), 75);  // something stands there at first
    show(scene(100), 300);
    EXPECT_EQ(plate_.compare(scene(100)).foreground.count(), 0);
    EXPECT_EQ(plate_.compare(scene(100, {10, 10, 6, 10}, 200)).foreground.count(), 60);
}

TEST_F(PlateTest, ForgetUnprovesAll) {
    show(scene(100), 130);
    plate_.forget();
    EXPECT_DOUBLE_EQ(plate_.proven_share(), 0);
    EXPECT_EQ(plate_.compare(scene(100)).unproven.count(), 40 * 30);
}

}  // namespace
}  // namespace passerby::vision
