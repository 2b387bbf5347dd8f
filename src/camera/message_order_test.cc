#include "camera/message_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "camera/test_messages.h"

namespace passerby::camera {
namespace {

using testing::HasSubstr;

struct Case {
    const char* name;
    std::vector<FromCamera> messages;  // all but the last are accepted
    const char* why;                   // "": so is the last
};

TEST(MessageOrder, Table) {
    const Gap gap{Cause::camera, ""};
    const Failure failure{ErrorKind::unavailable, "x"};
    const Progress progress;
    const Log log{LogLevel::info, "x"};
    const std::vector<Case> table = {
        {"a stream",
         {log, progress, test_init(), test_fragment(0), test_fragment(1), progress, test_fragment(4)},
         ""},
        {"a stream after a gap",
         {test_init(), test_fragment(0), gap, gap, test_init(), test_fragment(8)},
         ""},
        {"a new init without a gap", {test_init(), test_fragment(0), test_init(), test_fragment(4)}, ""},
        {"no init", {test_fragment(0)}, "without an init section"},
        {"no init after a gap",
         {test_init(), test_fragment(0), gap, test_fragment(4)},
         "without an init section"},
        {"no keyframe first", {test_init(), test_fragment(1)}, "does not begin with a keyframe"},
        {"no keyframe after a new init",
         {test_init(), test_fragment(0), test_init(), test_fragment(1)},
         "does not begin"},
        {"the same again", {test_init(), test_fragment(0), test_fragment(0)}, "media time goes back"},
        {"back", {test_init(), test_fragment(4), test_fragment(0)}, "media time goes back"},
        {"back after a gap",
         {test_init(), test_fragment(4), gap, test_init(), test_fragment(0)},
         "media time goes back"},
        {"after the end", {failure, log}, "after the process said that it failed"},
    };
    for (const auto& c : table) {
        MessageOrder order;
        for (std::size_t i = 0; i + 1 < c.messages.size(); ++i) {
            const auto accepted = order.accept(c.messages[i], Micros{0});
            ASSERT_TRUE(accepted) << c.name << ", message " << i << ": " << accepted.error().message;
        }
        const auto last = order.accept(c.messages.back(), Micros{0});
        EXPECT_EQ(static_cast<bool>(last), std::string_view{c.why}.empty()) << c.name;
        if (last) continue;
        EXPECT_THAT(last.error().message, HasSubstr(c.why)) << c.name;
    }
}

TEST(MessageOrder, AKeyframeMustComeSometime) {
    MessageOrder order;
    ASSERT_TRUE(order.accept(test_init(), Micros{0}));
    for (int i = 0; i < MessageOrder::kMostFragmentsPerKeyframe; ++i) {
        auto f = test_fragment(i);
        f.keyframe = i == 0;
        ASSERT_TRUE(order.accept(f, f.start)) << i;
    }
    auto f = test_fragment(MessageOrder::kMostFragmentsPerKeyframe);
    f.keyframe = false;
    EXPECT_FALSE(order.accept(f, f.start));
}

TEST(MessageOrder, FragmentsWithoutAKeyframeAreBoundedInBytes) {
    MessageOrder order;
    ASSERT_TRUE(order.accept(test_init(), Micros{0}));
    auto f = test_fragment(0);
    f.bytes = test_box("moof") + test_box("mdat", kMostFromCamera / 3);
    f.keyframe = true;
    ASSERT_TRUE(order.accept(f, Micros{0}));
    f.keyframe = false;
    f.start += f.duration;
    ASSERT_TRUE(order.accept(f, Micros{0}));
    f.start += f.duration;
    EXPECT_FALSE(order.accept(f, Micros{0}));
}

TEST(MessageOrder, ManyMessagesAreAllowedForAMomentOnly) {
    const FromCamera log = Log{LogLevel::info, "x"};
    MessageOrder order;
    for (int i = 0; i < static_cast<int>(MessageOrder::kBurst); ++i)
        ASSERT_TRUE(order.accept(log, Micros{0})) << i;
    EXPECT_FALSE(order.accept(log, Micros{0}));

    MessageOrder steady;
    for (int i = 0; i < 5000; ++i) ASSERT_TRUE(steady.accept(log, i * Micros{10'000})) << i;
}

}  // namespace
}  // namespace passerby::camera
