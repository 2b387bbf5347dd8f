#include "camera/live_edge.h"

#include <gtest/gtest.h>

namespace passerby::camera {
namespace {

using namespace std::chrono_literals;

TEST(LiveEdge, IsWhereFramesHaveToBeWaitedFor) {
    LiveEdge edge;
    Micros now = 100s;
    for (Micros time = 0ms; time <= 1200ms; time += 40ms)
        EXPECT_FALSE(edge.reached(time, now += 6ms)) << "decoded at full speed";
    EXPECT_TRUE(edge.reached(1240ms, now += 35ms));
    EXPECT_TRUE(edge.reached(1280ms, now += 1ms)) << "from then on, jitter is jitter";
}

TEST(LiveEdge, AFileInRealTimeIsLiveWithItsSecondFrame) {
    LiveEdge edge;
    EXPECT_FALSE(edge.reached(0ms, 100s));
    EXPECT_TRUE(edge.reached(100ms, 100s + 100ms));
}

TEST(LiveEdge, TheEngineIsNotKeptWaitingForEver) {
    LiveEdge edge;
    for (Micros time = 0ms; time <= LiveEdge::kMostBacklog; time += 40ms)
        EXPECT_FALSE(edge.reached(time, 100s));
    EXPECT_TRUE(edge.reached(LiveEdge::kMostBacklog + 40ms, 100s));
}

}  // namespace
}  // namespace passerby::camera
