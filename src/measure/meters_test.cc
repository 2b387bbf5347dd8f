#include <gmock/gmock.h>

#include "measure/box_meter.h"
#include "measure/mask_meter.h"
#include "measure/test_pictures.h"

namespace passerby::measure {
namespace {

using testing::ElementsAre;

const cv::Size kSize{200, 120};
// Its head is 24 pixels wide and 22 high, from (88, 10).
constexpr const char* kPerson = ",80,10,40,100";
const cv::Rect kHead{88, 10, 24, 22};

BoxLabels labels_from(const TempFolder& folder, const std::string& lines,
                      const std::string& name = "gt.txt") {
    auto labels = BoxLabels::read(folder.file(name, lines), 1);
    EXPECT_TRUE(labels) << labels.error().message;
    return *labels;
}

// Flat where `places` are.
cv::Mat covered(const cv::Mat& picture, const std::vector<cv::Rect>& places) {
    auto made = picture.clone();
    for (const auto& place : places) made(place) = 58;
    return made;
}

class BoxMeterTest : public testing::Test {
  protected:
    // One person in `frames` frames, whose head is covered but for the frames of `bare`.
    HeadFigures measure(const std::string& lines, int frames, const std::vector<int>& bare,
                        BoxRules rules = {}) {
        const auto persons = labels_from(folder_, lines);
        BoxMeter meter{persons, ignored_, rules};
        for (int frame = 1; frame <= frames; ++frame) {
            const auto before = noise(kSize, static_cast<unsigned>(frame));
            const bool shows = std::find(bare.begin(), bare.end(), frame) != bare.end();
            const auto look = meter.look(pair_of(before, shows ? before : covered(before, {kHead}), frame));
            EXPECT_TRUE(look);
            for (const auto& leak : look->leaks) leaks_.push_back(leak);
        }
        return std::get<HeadFigures>(meter.figures());
    }

    std::string person(int frames, const std::string& more = "") {
        std::string lines;
        for (int i = 1; i <= frames; ++i) lines += std::to_string(i) + ",5" + kPerson + more + "\n";
        return lines;
    }

    const TempFolder folder_;
    const BoxLabels ignored_;
    std::vector<Leak> leaks_;
};

TEST_F(BoxMeterTest, ACoveredHeadIsNotExposed) {
    const auto f = measure(person(4), 4, {});
    EXPECT_EQ(f.heads, 4);
    EXPECT_EQ(f.exposed, 0);
    EXPECT_EQ(f.tracks, 1);
    EXPECT_THAT(f.exposed_tracks, ElementsAre());
    EXPECT_EQ(f.residual, 0);
}

TEST_F(BoxMeterTest, ABareHeadIsExposedAndATrackAfterThreeFrames) {
    const auto two = measure(person(9), 9, {1, 2, 4, 5, 7, 9});
    EXPECT_EQ(two.heads, 9);
    EXPECT_EQ(two.exposed, 6);
    EXPECT_THAT(two.exposed_tracks, ElementsAre()) << "never three in a row";
    EXPECT_NEAR(*two.residual, 6.0 / 9, 1e-6);
    ASSERT_EQ(leaks_.size(), 6U);
    EXPECT_EQ(leaks_[2].frame, 4);
    EXPECT_EQ(leaks_[2].track, 5);
    EXPECT_EQ(leaks_[2].seen, 1);
    EXPECT_THAT(measure(person(9), 9, {4, 5, 6}).exposed_tracks, ElementsAre(5));
}

TEST_F(BoxMeterTest, AFrameWithoutALabelEndsARun) {
    auto lines = person(4);
    lines.erase(lines.find("3,5"), lines.find("4,5") - lines.find("3,5"));
    EXPECT_THAT(measure(lines, 4, {1, 2, 3, 4}).exposed_tracks, ElementsAre());
}

TEST_F(BoxMeterTest, MeasuresNobodyWhoIsIgnoredHiddenOrSmall) {
    EXPECT_EQ(measure(person(2, ",0"), 2, {1, 2}).heads, 0) << "confidence 0";
    EXPECT_EQ(measure(person(2, ",1,1,0.4"), 2, {1, 2}).heads, 0) << "visible by 40 %";
    EXPECT_EQ(measure(person(2, ",1,1,0.4"), 2, {1, 2}, {40, 0.4}).heads, 2);
    EXPECT_EQ(measure(person(2), 2, {1, 2}, {101, 0.5}).heads, 0) << "100 pixels high";
    EXPECT_EQ(measure("1,5,80,10,8,100\n", 1, {1}).heads, 0) << "a head of 5 pixels";
    EXPECT_EQ(measure("1,5,196,10,40,100\n", 1, {1}).heads, 0) << "the head is outside";
}

TEST_F(BoxMeterTest, AHeadWithoutDetailDoesNotCount) {
    const auto persons = labels_from(folder_, person(1));
    BoxMeter meter{persons, ignored_, {}};
    ASSERT_TRUE(meter.look(pair_of(flat(kSize, 90), flat(kSize, 90), 1)));
    EXPECT_EQ(std::get<HeadFigures>(meter.figures()).heads, 0);
    EXPECT_FALSE(std::get<HeadFigures>(meter.figures()).residual);
}

TEST_F(BoxMeterTest, AQuarterOfTheDetailExposes) {
    const auto persons = labels_from(folder_, person(1));
    const auto seen = [&](int rows) {
        BoxMeter meter{persons, ignored_, {}};
        const auto before = noise(kSize, 1);
        const auto look = meter.look(pair_of(
            before, covered(before, {{kHead.x, kHead.y + rows, kHead.width, kHead.height - rows}}), 1));
        EXPECT_TRUE(look->worst);
        EXPECT_EQ(look->leaks.empty(), look->seen < 0.25) << rows;
        EXPECT_EQ(look->worst->leak.seen, look->seen);
        EXPECT_EQ(look->worst->outlines.at(0).place, (image::Rect{80, 10, 40, 100}));
        EXPECT_EQ(look->worst->outlines.at(0).head, (image::Rect{88, 10, 24, 22}));
        return look->seen;
    };
    // Rows that are left bare, at the top of an ellipse 22 pixels high.
    EXPECT_LT(seen(5), 0.25);
    EXPECT_GT(seen(11), 0.4);
    EXPECT_LT(seen(11), 0.5);
}

TEST_F(BoxMeterTest, BackgroundIsOutsideOfEveryGrownBox) {
    const auto persons = labels_from(folder_, "1,1,80,40,40,40\n1,2,0,0,40,40,0\n");
    const auto ignored = labels_from(folder_, "1,1,160,80,80,80\n", "ignored.txt");
    BoxMeter meter{persons, ignored, {}};
    const auto look = meter.look(pair_of(flat(kSize, 90), flat(kSize, 90), 1));
    ASSERT_TRUE(look);
    EXPECT_EQ(cv::countNonZero(look->background), 200 * 120 - 60 * 60 - 50 * 50 - 60 * 60);
    EXPECT_EQ(look->background.at<std::uint8_t>(29, 70), 255);
    EXPECT_EQ(look->background.at<std::uint8_t>(30, 70), 0);
    // 4 pixels for the first two, 8 for the third.
    EXPECT_EQ(cv::countNonZero(meter.labelled()), 48 * 48 + 44 * 44 + 48 * 48);
}

class MaskMeterTest : public testing::Test {
  protected:
    MaskMeterTest() {
        cv::Mat mask = flat(kSize, 0);
        mask(kForeground) = 255;
        mask(kUnknown) = 170;
        for (int i = 1; i <= 2; ++i) write_png(folder_.path() + "/" + std::to_string(i) + ".png", mask);
    }

    static inline const cv::Rect kForeground{60, 40, 40, 50}, kUnknown{100, 40, 10, 50};
    const TempFolder folder_;
};

TEST_F(MaskMeterTest, SumsUpWhatIsSeenOfTheForeground) {
    const auto labels = MaskLabels::list(folder_.path());
    ASSERT_TRUE(labels);
    MaskMeter meter{*labels};
    const auto before = noise(kSize, 1);
    // The lower half is bare, but for two rows that the cover's edge spoils or not.
    const auto half = meter.look(pair_of(before, covered(before, {{0, 0, 200, 65}}), 1));
    ASSERT_TRUE(half) << half.error().message;
    EXPECT_NEAR(half->seen, 0.5, 0.04);
    ASSERT_EQ(half->leaks.size(), 1U);
    EXPECT_EQ(half->leaks[0].frame, 1);
    ASSERT_TRUE(half->worst);
    ASSERT_EQ(half->worst->outlines.size(), 1U);
    EXPECT_NEAR(half->worst->outlines[0].place.y, 65 - 6, 2);
    EXPECT_EQ(half->worst->outlines[0].place.right(), 100 + 6);
    const auto none = meter.look(pair_of(before, covered(before, {{0, 0, 200, 120}}), 2));
    ASSERT_TRUE(none);
    EXPECT_EQ(none->seen, 0);
    EXPECT_FALSE(none->worst);
    const auto f = std::get<ForegroundFigures>(meter.figures());
    EXPECT_EQ(f.detail, 2 * 40 * 50) << "what is unknown does not count";
    EXPECT_NEAR(1.0 * static_cast<double>(f.seen) / static_cast<double>(f.detail), 0.25, 0.02);
    EXPECT_EQ(f.frames_exposed, 1);
}

TEST_F(MaskMeterTest, OneTwentiethExposesAFrame) {
    const auto labels = MaskLabels::list(folder_.path());
    ASSERT_TRUE(labels);
    const auto before = noise(kSize, 1);
    for (const int bare : {1, 8}) {
        MaskMeter meter{*labels};
        auto after = covered(before, {{0, 0, 200, 120}});
        const cv::Rect hole{64, 44, 12,
                            bare + 4};  // its inner 8 x `bare` pixels have neighbourhoods without cover
        before(hole).copyTo(after(hole));
        const auto look = meter.look(pair_of(before, after, 1));
        ASSERT_TRUE(look);
        EXPECT_GE(look->seen, 8.0 * bare / 2000);
        EXPECT_EQ(look->leaks.size(), bare == 8 ? 1U : 0U);
        EXPECT_EQ(std::get<ForegroundFigures>(meter.figures()).frames_exposed, bare == 8);
    }
}

TEST_F(MaskMeterTest, BackgroundIsSixteenPixelsFromAllThatIsLabelled) {
    const auto labels = MaskLabels::list(folder_.path());
    ASSERT_TRUE(labels);
    MaskMeter meter{*labels};
    const auto look = meter.look(pair_of(flat(kSize, 90), flat(kSize, 90), 1));
    ASSERT_TRUE(look);
    EXPECT_EQ(cv::countNonZero(look->background), 200 * 120 - (50 + 30) * (50 + 30));
    EXPECT_EQ(cv::countNonZero(meter.labelled()), (50 + 8) * (50 + 8));
    EXPECT_EQ(look->seen, 0) << "no detail";
}

TEST_F(MaskMeterTest, AMaskOfAnotherSizeIsScaled) {
    const auto labels = MaskLabels::list(folder_.path());
    ASSERT_TRUE(labels);
    MaskMeter meter{*labels};
    const auto before = noise({400, 240}, 1);
    ASSERT_TRUE(meter.look(pair_of(before, before, 1)));
    EXPECT_EQ(std::get<ForegroundFigures>(meter.figures()).detail, 4 * 40 * 50);
}

}  // namespace
}  // namespace passerby::measure
