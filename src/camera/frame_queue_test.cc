#include "camera/frame_queue.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace passerby::camera {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class FrameQueueTest : public testing::Test {
  protected:
    void open(FrameQueue::Options options) { queue_.emplace(options); }
    // A frame shown at `time`, and taken in a second later.
    bool push(Micros time, const std::string& damage = {}) {
        return queue_->push(image::RawFrame{{}, nullptr, {time.count(), time}}, time + 1s, damage);
    }
    std::optional<Micros> pop() {
        const auto frame = queue_->pop();
        return frame ? std::optional{frame->when().time} : std::nullopt;
    }
    std::optional<FrameQueue> queue_;
};

TEST_F(FrameQueueTest, DropsTheOldestAndCounts) {
    open({.drop = true, .limit = 2});
    for (const Micros time : {0ms, 40ms, 80ms, 120ms}) EXPECT_TRUE(push(time));
    EXPECT_EQ(queue_->dropped(), 2U);
    EXPECT_EQ(pop(), 80ms);
    EXPECT_EQ(pop(), 120ms);
    EXPECT_FALSE(queue_->gap_before(120ms)) << "a moment is no gap";
}

TEST_F(FrameQueueTest, DoesNotReachFarBack) {
    open({.drop = true, .limit = 12, .span = 500ms});
    for (const Micros time : {0ms, 200ms, 500ms, 600ms}) EXPECT_TRUE(push(time));
    EXPECT_EQ(pop(), 200ms);
    EXPECT_TRUE(push(9s));
    EXPECT_EQ(pop(), 600ms) << "the last before a pause is not too old";
    EXPECT_EQ(pop(), 9s);
}

// An engine that takes one frame of eight, for a minute: what is left is spread evenly and never late.
TEST_F(FrameQueueTest, ASlowEngineSeesEveryEighthFrame) {
    open({.drop = true, .limit = 12, .span = 500ms});
    Micros last = -320ms;
    for (int i = 0; i < 1500; ++i) {
        const Micros now = i * 40ms;
        push(now);
        if (i % 8 != 7) continue;
        const auto got = pop();
        ASSERT_TRUE(got);
        EXPECT_LE(now - *got, 500ms) << i;
        EXPECT_TRUE(*got - last == 320ms || i < 24) << i;
        last = *got;
    }
    EXPECT_FALSE(queue_->gap_before(1h));
}

TEST_F(FrameQueueTest, AFileWaits) {
    open({.drop = false, .limit = 2});
    push(0ms);
    push(1ms);
    std::jthread reader{[this] { push(2ms); }};
    for (const Micros time : {0ms, 1ms, 2ms}) EXPECT_EQ(pop(), time);
    EXPECT_EQ(queue_->dropped(), 0U);
}

TEST_F(FrameQueueTest, ALongLossIsAGapWithItsCause) {
    open({.drop = true, .limit = 2, .hole = 1s});
    push(0ms);
    EXPECT_EQ(pop(), 0ms);
    for (Micros time = 100ms; time <= 2s; time += 100ms) push(time);
    EXPECT_EQ(pop(), 1900ms);
    EXPECT_EQ(pop(), 2s);
    push(4s, "bad packet");
    EXPECT_EQ(pop(), 4s);
    push(5500ms);
    EXPECT_EQ(pop(), 5500ms);
    push(5600ms);
    EXPECT_EQ(pop(), 5600ms);

    EXPECT_FALSE(queue_->gap_before(0ms));
    const auto overload = queue_->gap_before(1900ms);
    ASSERT_TRUE(overload);
    EXPECT_EQ(overload->cause, Cause::overload);
    EXPECT_EQ(overload->detail, "this machine did not keep up: 18 frames were dropped in 1.9 s");
    EXPECT_FALSE(queue_->gap_before(2s)) << "only once";
    const auto damage = queue_->gap_before(4s);
    ASSERT_TRUE(damage);
    EXPECT_EQ(damage->cause, Cause::decoder);
    EXPECT_THAT(damage->detail, HasSubstr("bad packet"));
    const auto silence = queue_->gap_before(5500ms);
    ASSERT_TRUE(silence);
    EXPECT_EQ(silence->cause, Cause::camera);
    EXPECT_FALSE(queue_->gap_before(5600ms));
}

TEST_F(FrameQueueTest, RemembersWhenAFrameWasTakenIn) {
    open({.drop = false, .limit = 20});
    for (int i = 0; i < 10; ++i) push(i * 40ms);
    for (int i = 0; i < 10; ++i) pop();
    EXPECT_EQ(queue_->taken_at(0ms), 1s);
    EXPECT_EQ(queue_->taken_at(80ms), 1080ms);
    EXPECT_EQ(queue_->taken_at(81ms), 1080ms) << "rounded up by a writer";
    EXPECT_EQ(queue_->taken_at(360ms), 1360ms);
}

TEST_F(FrameQueueTest, StoppedItGivesWhatItHas) {
    open({.drop = false, .limit = 1});
    push(0ms);
    std::jthread reader{[this] { EXPECT_FALSE(push(40ms)) << "full, and then stopped"; }};
    queue_->stop();
    reader.join();
    EXPECT_EQ(pop(), 0ms);
    EXPECT_EQ(pop(), std::nullopt);
    EXPECT_FALSE(push(80ms));
}

TEST_F(FrameQueueTest, ClearedItHasNothing) {
    open({.drop = true, .limit = 3});
    push(0ms);
    push(40ms);
    queue_->clear();
    queue_->stop();
    EXPECT_EQ(pop(), std::nullopt);
    EXPECT_EQ(queue_->dropped(), 0U);
}

TEST(FrameQueue, WaitsHalfASecondButNotInAnyAmountOfMemory) {
    EXPECT_EQ(FrameQueue::limit_for({768, 576}, 25), 12U);
    EXPECT_EQ(FrameQueue::limit_for({1920, 1080}, 15), 8U);
    EXPECT_EQ(FrameQueue::limit_for({3840, 2160}, 30), 8U);
    EXPECT_EQ(FrameQueue::limit_for({16000, 8000}, 30), 2U);
    EXPECT_EQ(FrameQueue::limit_for({768, 576}, 1), 2U);
    EXPECT_EQ(FrameQueue::limit_for({768, 576}, 90'000), 12U) << "a rate that is a mistake";
}

TEST(FrameQueue, ASlowCameraHasNoGapBetweenItsFrames) {
    EXPECT_EQ(FrameQueue::hole_for(25), 1s);
    EXPECT_EQ(FrameQueue::hole_for(1), 4s);
}

}  // namespace
}  // namespace passerby::camera
