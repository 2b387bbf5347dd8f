#include "camera/feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "camera/feed_recording.h"

namespace passerby::camera {
namespace {

using testing::ElementsAre;

FeedEvent init() {
    return {.init = std::make_shared<const StreamInit>(StreamInit{{}, "avc1", {64, 48}})};
}
FeedEvent fragment(int number, bool keyframe) {
    StreamFragment f;
    f.start = std::chrono::seconds{number};
    f.keyframe = keyframe;
    return {.fragment = std::make_shared<const StreamFragment>(std::move(f))};
}
FeedEvent gap() {
    return {.gap = std::make_shared<const FeedEvent::Gap>()};
}

TEST(Feed, ANewcomerIsGivenWhatAPictureNeeds) {
    Feed feed;
    for (const auto& event :
         {init(), fragment(0, true), fragment(1, false), fragment(2, true), fragment(3, false)})
        feed.publish(event);
    FeedRecording late{feed};
    feed.publish(fragment(4, false));
    EXPECT_THAT(late.lines(), ElementsAre("status starting", "init 64x48 avc1", "key 2000", "fragment 3000",
                                          "fragment 4000"));
}

TEST(Feed, AfterAGapANewcomerWaits) {
    Feed feed;
    for (const auto& event : {init(), fragment(0, true), gap()}) feed.publish(event);
    FeedRecording late{feed};
    EXPECT_THAT(late.lines(), ElementsAre("status starting"));
}

TEST(Feed, NothingComesAfterTheEndOfASubscription) {
    Feed feed;
    int calls = 0;
    auto subscription = feed.subscribe([&](const FeedEvent&) { ++calls; });
    feed.publish(init());
    EXPECT_EQ(calls, 2);
    subscription = {};
    feed.publish(gap());
    EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace passerby::camera
