#include "camera/backoff.h"

#include <gtest/gtest.h>

namespace passerby::camera {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, CountsFromStartToStartAndForgetsAfterAGoodTime) {
    Backoff backoff;
    EXPECT_EQ(backoff.next_start(0s, 0s, 0s), 500ms);
    EXPECT_EQ(backoff.next_start(500ms, 500ms, 0s), 1500ms);
    // A connection that timed out after five seconds has waited long enough.
    EXPECT_EQ(backoff.next_start(10s, 15s, 0s), 15500ms);
    EXPECT_EQ(backoff.next_start(20s, 20s, 0s), 21500ms);
    EXPECT_EQ(backoff.next_start(30s, 30s, 0s), 31500ms);
    EXPECT_EQ(backoff.next_start(40s, 95s, 55s), 95500ms);
    EXPECT_EQ(backoff.next_start(100s, 161s, 60s), 161500ms);
    EXPECT_EQ(backoff.next_start(170s, 170s, 0s), 171s) << "the second after a good time";
}

}  // namespace
}  // namespace passerby::camera
