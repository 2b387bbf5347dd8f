#include "measure/worst_frames.h"

#include <gmock/gmock.h>

#include "measure/test_pictures.h"

namespace passerby::measure {
namespace {

using testing::ElementsAre;

constexpr Micros kSecond = std::chrono::seconds{1};

class WorstFramesTest : public testing::Test {
  protected:
    void offer(std::int64_t frame, std::int64_t track, double seen) {
        const Leak leak{frame, track, seen};
        const Micros time = kSecond / 10 * frame;
        if (worst_.wants(leak, time))
            worst_.keep({leak, time, redact::Painter::safe(image::PictureBuffer{{2, 2}}), {}});
    }
    std::vector<std::int64_t> frames() {
        std::vector<std::int64_t> frames;
        for (const auto& w : worst_.take()) frames.push_back(w.leak.frame);
        return frames;
    }
    WorstFrames worst_{3, kSecond};
};

TEST_F(WorstFramesTest, KeepsOneOfASecondOfATrack) {
    for (int i = 0; i < 8; ++i) offer(10 + i, 1, i < 5 ? 0.1 * (i + 1) : 0.2);
    EXPECT_THAT(frames(), ElementsAre(14));
}

TEST_F(WorstFramesTest, KeepsOthersOfTheSameMoment) {
    offer(10, 1, 0.5);
    offer(10, 2, 0.6);
    offer(20, 1, 0.4);
    EXPECT_THAT(frames(), ElementsAre(10, 10, 20));
}

TEST_F(WorstFramesTest, TheWorstBeatsBothItsNeighbours) {
    offer(10, 1, 0.5);
    offer(20, 1, 0.6);
    offer(15, 1, 0.7);
    EXPECT_THAT(frames(), ElementsAre(15));
}

TEST_F(WorstFramesTest, KeepsNoMoreThanAskedFor) {
    for (int i = 1; i <= 9; ++i) offer(20 * i, 1, i == 4 ? 0.05 : 0.1 * i);
    EXPECT_THAT(frames(), ElementsAre(180, 160, 140));
    EXPECT_THAT(frames(), ElementsAre()) << "taken";
}

}  // namespace
}  // namespace passerby::measure
