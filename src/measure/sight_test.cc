#include "measure/sight.h"

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include "measure/test_pictures.h"

namespace passerby::measure {
namespace {

const cv::Size kSize{40, 30};

int count(const cv::Mat& map) {
    return cv::countNonZero(map);
}

cv::Mat checkers(int low, int high) {
    cv::Mat picture{kSize, CV_8U};
    for (int y = 0; y < picture.rows; ++y)
        for (int x = 0; x < picture.cols; ++x)
            picture.at<std::uint8_t>(y, x) = static_cast<std::uint8_t>((x + y) % 2 ? high : low);
    return picture;
}

TEST(Sight, AllDetailOfAnUntouchedPictureIsSeen) {
    const auto picture = noise(kSize, 1);
    const auto sight = compare(picture, picture, Shape::whole);
    EXPECT_EQ(count(sight.detail), kSize.area());
    EXPECT_EQ(count(sight.seen), kSize.area());
}

TEST(Sight, ChangedContrastAndBrightnessHideNothing) {
    const auto picture = noise(kSize, 1);
    cv::Mat darker;
    picture.convertTo(darker, CV_8U, 0.3, 100);
    EXPECT_EQ(count(compare(picture, darker, Shape::whole).seen), kSize.area());
}

TEST(Sight, NothingIsSeenUnderAFlatFillNorInItsNegative) {
    const auto picture = noise(kSize, 1);
    EXPECT_EQ(count(compare(picture, flat(kSize, 58), Shape::whole).seen), 0);
    EXPECT_EQ(count(compare(picture, 255 - picture, Shape::whole).seen), 0);
}

TEST(Sight, OtherNoiseIsSeenByChanceOnly) {
    EXPECT_LT(count(compare(noise(kSize, 1), noise(kSize, 2), Shape::whole).seen), kSize.area() / 100);
}

TEST(Sight, DetailNeedsADeviationOfFour) {
    EXPECT_EQ(count(compare(checkers(100, 107), flat(kSize, 0), Shape::whole).detail), 0);
    EXPECT_EQ(count(compare(checkers(100, 109), flat(kSize, 0), Shape::whole).detail), kSize.area());
}

TEST(Sight, HalfACoverHidesHalf) {
    const auto picture = noise(kSize, 3);
    auto covered = picture.clone();
    covered.colRange(0, 20) = 58;
    const auto seen = compare(picture, covered, Shape::whole).seen;
    // Two pixels to both sides of the seam have neighbourhoods of both kinds.
    EXPECT_EQ(count(seen.colRange(0, 18)), 0);
    EXPECT_EQ(count(seen.colRange(22, 40)), 18 * 30);
}

TEST(Sight, AnEllipseTouchesAllSides) {
    const auto picture = noise({41, 31}, 1);
    const auto detail = compare(picture, picture, Shape::ellipse).detail;
    EXPECT_NEAR(count(detail), 3.1416 / 4 * 41 * 31, 8);
    EXPECT_EQ(detail.at<std::uint8_t>(0, 0), 0);
    for (const cv::Point side : {cv::Point{20, 0}, {20, 30}, {0, 15}, {40, 15}})
        EXPECT_EQ(detail.at<std::uint8_t>(side), 255) << side;
}

TEST(Sight, WhatIsBesideAPartIsNotItsNeighbourhood) {
    auto before = flat(kSize, 100);
    before(cv::Rect{20, 0, 20, 30}) = 200;
    const cv::Rect part{10, 10, 10, 10};
    EXPECT_EQ(count(compare(before(part), before(part), Shape::whole).detail), 0);
}

TEST(CoarseCorrelation, TellsBlurFromFill) {
    const auto face = cv::Mat{noise({6, 6}, 4)};
    cv::Mat head, blurred;
    cv::resize(face, head, {36, 48}, 0, 0, cv::INTER_LINEAR);
    cv::GaussianBlur(head, blurred, {0, 0}, 4);
    EXPECT_NEAR(coarse_correlation(head, head), 1, 1e-6);
    EXPECT_GT(coarse_correlation(head, blurred), 0.7);
    EXPECT_EQ(coarse_correlation(head, flat(head.size(), 58)), 0);
    EXPECT_NEAR(coarse_correlation(head, 255 - head), -1, 1e-6);
    EXPECT_NEAR(coarse_correlation(noise({7, 9}, 5), noise({7, 9}, 5)), 1, 1e-6) << "smaller than 12 pixels";
}

TEST(PartOf, RoundsHalvesToEvenAndStaysInThePicture) {
    EXPECT_EQ(part_of({1, 0.5, 1.5, 2, 4}, 0, 0, 1, 1, kSize), (cv::Rect{0, 2, 2, 4}));
    EXPECT_EQ(part_of({1, 2.5, 3.5, 2, 2}, 0, 0, 1, 1, kSize), (cv::Rect{2, 4, 2, 2}));
    EXPECT_EQ(part_of({1, -10, -10, 100, 100}, 0, 0, 1, 1, kSize), (cv::Rect{0, 0, 40, 30}));
    EXPECT_EQ(part_of({1, 10, 10, 20, 10}, -.25, -.25, 1.25, 1.25, kSize), (cv::Rect{5, 8, 30, 14}));
    for (const Box& outside : {Box{1, -30, 5, 20, 10}, Box{1, 50, 5, 20, 10}, Box{1, 5, -30, 10, 20}})
        EXPECT_TRUE(part_of(outside, 0, 0, 1, 1, kSize).empty()) << outside.x;
}

}  // namespace
}  // namespace passerby::measure
