#include "vision/tracks.h"

#include <gtest/gtest.h>

namespace passerby::vision {
namespace {

Micros ms(int n) {
    return std::chrono::milliseconds{n};
}
Detection person(float x, float score = 0.8F) {
    return {Kind::person, score, x, 100, 20, 50};
}

TEST(Tracks, BetweenDetectionsTheBoxGoesStraight) {
    Tracks tracks{{640, 480}, {}};
    tracks.update(ms(0), {person(100)});
    tracks.update(ms(200), {person(120)});
    const auto boxes = tracks.at(ms(100));
    ASSERT_EQ(boxes.size(), 1U);
    EXPECT_NEAR(boxes[0].x + boxes[0].width / 2, 120, 0.01);
}

TEST(Tracks, ReachesBackAndHolds) {
    Tracks tracks{{640, 480}, {.hold = ms(400), .reach_back = ms(300)}};
    tracks.update(ms(1000), {person(100)});
    EXPECT_EQ(tracks.at(ms(750)).size(), 1U);
    EXPECT_EQ(tracks.at(ms(650)).size(), 0U);
    EXPECT_EQ(tracks.at(ms(1390)).size(), 1U);
    EXPECT_EQ(tracks.at(ms(1450)).size(), 0U);
    // The longer ago, the larger: it may have moved.
    EXPECT_GT(tracks.at(ms(1390))[0].width, tracks.at(ms(1010))[0].width);
}

TEST(Tracks, AWeakDetectionCountsOnceTheTrackWasBelieved) {
    Tracks tracks{{640, 480}, {.believed = 0.5F}};
    tracks.update(ms(0), {person(100, 0.3F)});
    EXPECT_TRUE(tracks.at(ms(0)).empty());
    tracks.update(ms(200), {person(104, 0.7F)});
    tracks.update(ms(400), {person(108, 0.2F)});
    EXPECT_EQ(tracks.at(ms(0)).size(), 1U) << "and back to its begin";
    EXPECT_EQ(tracks.at(ms(400)).size(), 1U);
}

TEST(Tracks, AScoreOfLongAgoIsForgotten) {
    Tracks tracks{{640, 480}, {}};
    tracks.update(ms(0), {person(100, 0.9F)});
    for (int t = 400; t <= 4000; t += 400) tracks.update(ms(t), {person(100, 0.3F)});
    ASSERT_EQ(tracks.at(ms(4000)).size(), 1U);
    EXPECT_EQ(tracks.at(ms(4000))[0].best, 0.9F);
    tracks.update(ms(4400), {person(100, 0.3F)});
    ASSERT_EQ(tracks.at(ms(4400)).size(), 1U) << "but the track goes on";
    EXPECT_EQ(tracks.at(ms(4400))[0].best, 0.3F);
}

TEST(Tracks, TwoWhoStandApartAreTwo) {
    Tracks tracks{{640, 480}, {}};
    tracks.update(ms(0), {person(100), person(300)});
    tracks.update(ms(200), {person(302), person(102)});
    EXPECT_EQ(tracks.at(ms(100)).size(), 2U);
}

TEST(Tracks, EndWithTheStay) {
    Tracks tracks{{640, 480}, {.hold = ms(400), .reach_back = ms(300)}};
    tracks.update(ms(0), {person(100)});
    tracks.update(ms(2000), {});
    EXPECT_TRUE(tracks.at(ms(100)).empty());
}

}  // namespace
}  // namespace passerby::vision
