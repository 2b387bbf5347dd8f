#include "server/live_queue.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace passerby::server {

namespace {

using camera::FeedEvent;

std::vector<std::byte> bytes(std::string_view text) {
    const auto* data = reinterpret_cast<const std::byte*>(text.data());
    return {data, data + text.size()};
}

FeedEvent init(std::string_view text) {
    FeedEvent event;
    event.init =
        std::make_shared<camera::StreamInit>(camera::StreamInit{bytes(text), "avc1.64001f", {64, 48}});
    return event;
}

FeedEvent fragment(std::string_view text, bool keyframe) {
    auto made = std::make_shared<camera::StreamFragment>();
    made->bytes = bytes(text);
    made->keyframe = keyframe;
    FeedEvent event;
    event.fragment = std::move(made);
    return event;
}

FeedEvent state(camera::State value) {
    auto made = std::make_shared<camera::CameraStatus>();
    made->state = value;
    FeedEvent event;
    event.status = std::move(made);
    return event;
}

FeedEvent gap() {
    FeedEvent event;
    event.gap = std::make_shared<FeedEvent::Gap>();
    return event;
}

class LiveQueueTest : public testing::Test {
  protected:
    std::string all() {
        std::string out;
        while (const auto message = queue.next()) {
            if (!out.empty()) out += ' ';
            if (message->bytes)
                out.append(reinterpret_cast<const char*>(message->bytes->data()), message->bytes->size());
            else
                out += nlohmann::json::parse(message->text)["type"];
        }
        return out;
    }
    int woken = 0;
    LiveQueue queue{{100, 5}, [this] { ++woken; }};
};

}  // namespace

TEST_F(LiveQueueTest, InitThenFragmentsFromAKeyframeOn) {
    queue.take(fragment("lost", true));
    queue.take(init("I1"));
    queue.take(fragment("p0", false));
    queue.take(fragment("k1", true));
    queue.take(fragment("p1", false));
    EXPECT_EQ(all(), "init I1 k1 p1");
    EXPECT_EQ(woken, 3);
}

TEST_F(LiveQueueTest, AfterAGapOnlyANewInitStartsAgain) {
    queue.take(init("I1"));
    queue.take(fragment("k1", true));
    queue.take(gap());
    queue.take(fragment("k2", true));
    EXPECT_EQ(all(), "init I1 k1");
    queue.take(init("I2"));
    queue.take(fragment("p3", false));
    queue.take(fragment("k4", true));
    EXPECT_EQ(all(), "init I2 k4");
}

TEST_F(LiveQueueTest, OnlyAnotherStateIsAChange) {
    using enum camera::State;
    queue.take(state(starting));
    EXPECT_TRUE(queue.take_state_change());
    queue.take(state(starting));
    EXPECT_FALSE(queue.take_state_change());
    queue.take(state(live));
    EXPECT_TRUE(queue.take_state_change());
    EXPECT_FALSE(queue.take_state_change());
}

TEST_F(LiveQueueTest, TooManyMessagesOverflow) {
    queue.take(init("I1"));
    for (int i = 0; i < 3; ++i) queue.take(fragment("k", true));
    EXPECT_FALSE(queue.overflowed());
    queue.take(fragment("k", true));
    EXPECT_TRUE(queue.overflowed());
    EXPECT_EQ(all(), "");
    queue.take(init("I2"));
    EXPECT_EQ(all(), "");
}

TEST_F(LiveQueueTest, TooManyBytesOverflowButOneMessageAloneNever) {
    queue.take(init("I1"));
    EXPECT_EQ(all(), "init I1");
    queue.take(fragment(std::string(1000, 'k'), true));
    EXPECT_FALSE(queue.overflowed());
    EXPECT_EQ(all().size(), 1000u);
    queue.take(fragment(std::string(99, 'k'), true));
    queue.take(fragment("k", true));
    EXPECT_FALSE(queue.overflowed());
    queue.take(fragment("k", true));
    EXPECT_TRUE(queue.overflowed());
}

}  // namespace passerby::server
