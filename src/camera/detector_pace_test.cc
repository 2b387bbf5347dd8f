#include "camera/detector_pace.h"

#include <gtest/gtest.h>

namespace passerby::camera {
namespace {

using namespace std::chrono_literals;

TEST(DetectorPace, IsWholeWhileTheQueueIsShort) {
    DetectorPace pace;
    for (Micros t{}; t < 10s; t += 40ms) EXPECT_EQ(pace.next(0.3, t), 1);
}

TEST(DetectorPace, HalvesUntilTheQueueIsShortAgain) {
    DetectorPace pace;
    EXPECT_EQ(pace.next(0.6, 0ms), 0.5);
    EXPECT_EQ(pace.next(0.9, 40ms), 0.5);  // what it brought is not to be seen yet
    EXPECT_EQ(pace.next(0.9, 250ms), 0.25);
    for (Micros t = 300ms; t < 3s; t += 40ms) pace.next(1, t);
    EXPECT_EQ(pace.next(1, 3s), DetectorPace::kLeast);  // and never stops
}

TEST(DetectorPace, ComesBackAfterAWhileOfQuiet) {
    DetectorPace pace;
    pace.next(1, 0ms);
    pace.next(1, 1s);
    EXPECT_EQ(pace.next(0.1, 2900ms), 0.25);
    EXPECT_EQ(pace.next(0.4, 2950ms), 0.25);  // not quiet: the while begins anew
    EXPECT_EQ(pace.next(0.1, 4900ms), 0.25);
    EXPECT_EQ(pace.next(0.1, 4950ms), 0.5);
    EXPECT_EQ(pace.next(0.1, 6950ms), 1);
    EXPECT_EQ(pace.next(0.1, 20s), 1);
}

}  // namespace
}  // namespace passerby::camera
