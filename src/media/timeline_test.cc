#include "media/timeline.h"

#include <vector>

#include <gtest/gtest.h>

namespace passerby::media {
namespace {

using Ticks = std::optional<std::int64_t>;
constexpr Ticks kMissing{};

std::vector<std::int64_t> mend(const std::vector<Ticks>& stream,
                               Timeline::Source source = Timeline::Source::file) {
    Timeline timeline{{1, 1000}, source};
    std::vector<std::int64_t> mended;
    for (const auto& ticks : stream) mended.push_back(timeline.next(ticks, 40).ticks);
    return mended;
}

using List = std::vector<std::int64_t>;

TEST(Timeline, LeavesGoodTimesAlone) {
    EXPECT_EQ(mend({-80, 0, 41, 42, 90'000}), (List{-80, 0, 41, 42, 90'000}));
}

TEST(Timeline, FillsMissingTimesWithTheNominalDuration) {
    EXPECT_EQ(mend({kMissing, kMissing, 90, kMissing}), (List{0, 40, 90, 130}));
}

TEST(Timeline, MovesAFrameOutOfOrderAsLittleAsPossible) {
    EXPECT_EQ(mend({0, 40, 40, 30, 80, 120}), (List{0, 40, 41, 42, 80, 120}));
}

TEST(Timeline, GoesOnWhenTheClockIsSetBack) {
    EXPECT_EQ(mend({50'000, 50'040, 0, 40, 80}), (List{50'000, 50'040, 50'080, 50'120, 50'160}));
}

TEST(Timeline, ClosesALeapOfACameraButNotOfAFile) {
    EXPECT_EQ(mend({0, 40, 60'000, 60'040}, Timeline::Source::live), (List{0, 40, 80, 120}));
    EXPECT_EQ(mend({0, 40, 60'000, 60'040}), (List{0, 40, 60'000, 60'040}));
}

TEST(Timeline, GoesOnWhenTheFileIsPlayedAgain) {
    Timeline timeline{{1, 1000}, Timeline::Source::file};
    timeline.next(100, 40);
    timeline.next(140, 40);
    timeline.rebase();
    EXPECT_EQ(timeline.next(100, 40).ticks, 180);
    EXPECT_EQ(timeline.next(140, 40).ticks, 220);
}

TEST(Timeline, CountsMicrosecondsFromTheFirstFrame) {
    Timeline timeline{{1001, 30'000}, Timeline::Source::file};
    EXPECT_EQ(timeline.next(10, 1).time, Micros{0});
    EXPECT_EQ(timeline.next(11, 1).time, Micros{33'367});
    EXPECT_EQ(timeline.next(40, 1).time, Micros{1'001'000});
}

}  // namespace
}  // namespace passerby::media
