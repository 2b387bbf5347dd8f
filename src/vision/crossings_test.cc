#include "vision/crossings.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vision/tracks.h"

namespace passerby::vision {
namespace {

using Pair = std::array<std::int64_t, 2>;
constexpr image::Size kPicture{1000, 1000};
constexpr Pair kNone{0, 0};

Detection standing_at(float x, float y, Kind kind = Kind::person) {
    return {kind, 0.8F, x - 10, y - 50, 20, 50};
}

// A line from top to bottom, and a zone in the middle.
const Place kLine{1, {{0.5F, 0.9F}, {0.5F, 0.1F}}};
const Place kZone{2, {{0.3F, 0.3F}, {0.7F, 0.3F}, {0.7F, 0.7F}, {0.3F, 0.7F}}};

struct Counted {
    Crossings crossings{kPicture};
    Tally tally;
    explicit Counted(std::vector<Place> places) { crossings.set_places(std::move(places)); }
    Counted& walk(std::vector<std::pair<float, float>> way, Kind kind = Kind::person) {
        for (const auto& [x, y] : way) crossings.follow(tally, standing_at(x, y, kind));
        return *this;
    }
};

TEST(Crossings, InIsFromLeftToRightLookingAlongTheLine) {
    // From the bottom up: left is where x is small.
    EXPECT_EQ(Counted{{kLine}}.walk({{400, 500}, {600, 500}}).crossings.take()[0].persons, (Pair{1, 0}));
    EXPECT_EQ(Counted{{kLine}}.walk({{600, 500}, {400, 500}}).crossings.take()[0].persons, (Pair{0, 1}));
    EXPECT_EQ(Counted{{kLine}}.walk({{400, 500}, {600, 500}, {400, 520}}).crossings.take()[0].persons,
              (Pair{1, 1}));
}

TEST(Crossings, BesideTheLineIsNotAcrossIt) {
    EXPECT_EQ(Counted{{kLine}}.walk({{400, 50}, {600, 50}}).crossings.take()[0].persons, kNone);
    EXPECT_EQ(Counted{{kLine}}.walk({{400, 950}, {600, 990}}).crossings.take()[0].persons, kNone);
}

TEST(Crossings, WhoTremblesOnTheLineIsCountedOnce) {
    std::vector<std::pair<float, float>> way{{400, 500}};
    for (int i = 0; i < 50; ++i) way.emplace_back(i % 2 ? 499 : 501, 500);
    Counted counted{{kLine}};
    EXPECT_EQ(counted.walk(way).crossings.take()[0].persons, kNone) << "not over it yet";
    EXPECT_EQ(counted.walk({{520, 500}, {470, 500}, {530, 500}, {460, 500}}).crossings.take()[0].persons,
              (Pair{1, 1}));
}

TEST(Crossings, ZonesAreComeIntoAndLeft) {
    EXPECT_EQ(Counted{{kZone}}.walk({{100, 500}, {500, 500}}).crossings.take()[0].persons, (Pair{1, 0}));
    EXPECT_EQ(Counted{{kZone}}.walk({{100, 500}, {500, 500}, {900, 500}}).crossings.take()[0].persons,
              (Pair{1, 1}));
    EXPECT_EQ(Counted{{kZone}}.walk({{500, 500}, {510, 500}}).crossings.take()[0].persons, kNone)
        << "was there";
}

TEST(Crossings, VehiclesAreCountedApart) {
    const auto counts = Counted{{kLine}}.walk({{400, 500}, {600, 500}}, Kind::vehicle).crossings.take();
    EXPECT_EQ(counts[0].persons, kNone);
    EXPECT_EQ(counts[0].vehicles, (Pair{1, 0}));
    EXPECT_EQ(Counted{{kLine}}.walk({{400, 500}, {600, 500}}, Kind::face).crossings.take()[0].persons, kNone);
}

TEST(Crossings, WhatWasTakenIsNotTakenAgain) {
    Counted counted{{kLine, kZone}};
    counted.walk({{400, 100}, {600, 150}});
    EXPECT_EQ(counted.crossings.take()[0].persons, (Pair{1, 0}));
    const auto again = counted.crossings.take();
    ASSERT_EQ(again.size(), 2U);
    EXPECT_EQ(again[0].persons, kNone);
    EXPECT_EQ(again[1].place, 2);
}

TEST(Crossings, NobodyIsFollowedUnderAMask) {
    Counted counted{{kLine}};
    counted.crossings.set_masks({{{0.45F, 0}, {0.55F, 0}, {0.55F, 1}, {0.45F, 1}}});
    EXPECT_EQ(counted.walk({{400, 500}, {500, 500}, {600, 500}}).crossings.take()[0].persons, kNone);
    counted.crossings.set_masks({});
    EXPECT_EQ(counted.walk({{400, 500}, {500, 500}}).crossings.take()[0].persons, (Pair{0, 1}));
}

TEST(Crossings, TracksTellTheWayOfWhatWasSeenMoreThanOnce) {
    Tracks tracks{kPicture, {.hold = std::chrono::milliseconds{1500}}};
    Crossings crossings{kPicture};
    crossings.set_places({kLine});
    for (int i = 0; i < 20; ++i)
        tracks.update(std::chrono::milliseconds{250 * i},
                      {standing_at(400 + 10.F * static_cast<float>(i), 500)}, &crossings);
    EXPECT_EQ(crossings.take()[0].persons, (Pair{1, 0}));
    tracks.update(std::chrono::seconds{60}, {standing_at(100, 500)}, &crossings);
    tracks.update(std::chrono::seconds{90}, {standing_at(900, 500)}, &crossings);
    EXPECT_EQ(crossings.take()[0].persons, kNone) << "two that were seen once each";
}

// What the noise rests on: in whatever pattern sums are taken and places are drawn anew, one track is in at
// most kMost of all numbers that ever leave.
TEST(Crossings, OneTrackAddsNoMoreThanItsBoundInAnyPattern) {
    std::mt19937 random{7};
    const auto share = [&] { return static_cast<float>(random() % 1000) / 1000; };
    std::int64_t most = 0, reached = 0;
    for (int round = 0; round < 500; ++round) {
        Crossings crossings{kPicture};
        Tally tally;
        std::int64_t sum = 0;
        const auto take = [&] {
            for (const auto& c : crossings.take())
                sum += c.persons[in] + c.persons[out] + c.vehicles[in] + c.vehicles[out];
        };
        for (int step = 0; step < 200; ++step) {
            if (random() % 20 == 0 || step == 0) {
                take();
                std::vector<Place> places;
                for (unsigned i = 0; i < 1 + random() % kMostPlaces; ++i) {
                    std::vector<image::Point> points(2 + random() % 3);
                    for (auto& p : points) p = {share(), share()};
                    places.push_back({static_cast<std::int64_t>(i), points});
                }
                crossings.set_places(places);
            }
            if (random() % 5 == 0) take();
            crossings.follow(tally, standing_at(1000 * share(), 1000 * share(),
                                                random() % 2 ? Kind::person : Kind::vehicle));
        }
        take();
        most = std::max(most, sum);
        reached += sum == Crossings::kMost ? 1 : 0;
    }
    EXPECT_EQ(most, Crossings::kMost);
    EXPECT_GT(reached, 400) << "the test does not walk about enough";
}

}  // namespace
}  // namespace passerby::vision
