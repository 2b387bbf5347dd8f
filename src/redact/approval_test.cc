// Strict mode: what is shown was proven by the engine and approved by a person.
#include "redact/approval.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "media/picture_file.h"
#include "redact/engine.h"
#include "redact/fake_detectors.h"
#include "redact/painter.h"
#include "redact/scene_picture.h"
#include "redact/still_blocks.h"
#include "redact/test_frames.h"

namespace passerby::redact {
namespace {

using testing::HasSubstr;

constexpr image::Size kSize{192, 128};
constexpr Micros kStep = std::chrono::milliseconds{40};
constexpr image::Rect kCar{96, 64, 40, 24};

class ApprovalTest : public testing::Test {
  protected:
    // A textured street; `shift` moves all of it, `light` is in 64ths. `car`: something that was parked.
    image::RawFrame frame(int shift = 0, int light = 64, bool car = false) {
        image::PictureBuffer buffer = flat_picture(kSize, 120);
        auto p = buffer.writable();
        for (int y = 0; y < kSize.height; ++y)
            for (int x = 0; x < kSize.width; ++x) {
                const int sx = x + shift, brick = (sx * 7 / 9 + y * 5 / 8) * 2654435761U >> 26 & 31;
                const int block = (sx / 16 * 37 + y / 16 * 53) % 64;
                p.y.row(y)[x] = static_cast<std::uint8_t>(16 + (74 + brick + block) * light / 64);
            }
        if (car)
            for (int y = kCar.y; y < kCar.bottom(); ++y)
                std::fill_n(p.y.row(y) + kCar.x, kCar.width, std::uint8_t{230});
        return raw_frame(std::move(buffer), kStep * count_++);
    }

    std::unique_ptr<Engine> engine(Policy policy = {}) {
        policy.approval = Approval::required;
        auto made = Engine::create({kSize, 25}, std::move(policy), &detectors_);
        EXPECT_TRUE(made);
        return std::move(*made);
    }

    // The last frame that came out of so many.
    CoveredFrame feed(Engine& engine, int frames, int shift = 0, int light = 64, bool car = false) {
        std::optional<CoveredFrame> last;
        for (int i = 0; i < frames; ++i)
            for (auto& covered : engine.push(frame(shift, light, car))) last = std::move(covered);
        EXPECT_TRUE(last);
        return *last;
    }

    static image::ScenePicture seen(const Engine& engine) {
        auto scene = scene_from(engine.scene()->picture(), kSize);
        EXPECT_TRUE(scene);
        return *scene;
    }

    // Whether the frame shows the scene's own pixels in the rectangle, and whether it shows none of them.
    bool shows(const CoveredFrame& covered, image::Rect r, int shift = 0, int light = 64, bool car = false) {
        return count_alike(covered, r, shift, light, car) == r.area();
    }
    bool hides(const CoveredFrame& covered, image::Rect r) {
        const auto p = covered.frame.picture().y;
        for (int y = r.y; y < r.bottom(); ++y)
            for (int x = r.x; x < r.right(); ++x)
                if (p.row(y)[x] != kNotShown) return false;
        return true;
    }
    int count_alike(const CoveredFrame& covered, image::Rect r, int shift, int light, bool car) {
        const auto raw = frame(shift, light, car);
        --count_;
        int alike = 0;
        for (int y = r.y; y < r.bottom(); ++y)
            for (int x = r.x; x < r.right(); ++x)
                alike += std::abs(covered.frame.picture().y.row(y)[x] - raw.raw().y.row(y)[x]) <= kMostApart / 4;
        return alike;
    }

    static constexpr image::Rect kWhole{0, 0, kSize.width, kSize.height}, kCorner{0, 0, 40, 30};
    FakeDetectors detectors_;
    int count_ = 0;
};

TEST_F(ApprovalTest, WhatIsProvenAndNotApprovedIsCovered) {
    const auto strict = engine();
    const auto out = feed(*strict, 200);
    EXPECT_GT(out.report.proven, 0.99);
    EXPECT_EQ(out.report.approved, 0);
    EXPECT_EQ(out.report.covered, 1);
    EXPECT_TRUE(hides(out, kWhole));
    EXPECT_THAT(out.report.doubt, HasSubstr("nobody has approved this scene yet"));
}

TEST_F(ApprovalTest, WhatIsApprovedIsShown) {
    const auto strict = engine();
    feed(*strict, 200);
    strict->approve(seen(*strict));
    const auto out = feed(*strict, 30);
    EXPECT_GT(out.report.approved, 0.99);
    EXPECT_EQ(out.report.doubt, "");
    EXPECT_TRUE(shows(out, kWhole));
    strict->withdraw_approval();
    EXPECT_TRUE(hides(feed(*strict, 30), kWhole));
}

TEST_F(ApprovalTest, WhatIsApprovedIsNotShownBeforeItIsProvenAgain) {
    auto strict = engine();
    feed(*strict, 200);
    const auto approved = seen(*strict);
    strict = engine();
    strict->approve(approved);
    const auto out = feed(*strict, 40);
    EXPECT_LT(out.report.proven, 0.01);
    EXPECT_TRUE(hides(out, kWhole));
    EXPECT_TRUE(shows(feed(*strict, 160), kWhole));
}

TEST_F(ApprovalTest, ARefusedPartStaysCovered) {
    const auto strict = engine();
    feed(*strict, 200);
    auto approved = seen(*strict);
    image::Mask part{kSize, approved.cell};
    part.set(*part_from("0.5,0.25,0.25,0.5"));
    approved.refuse(part);
    strict->approve(approved);
    const auto out = feed(*strict, 30);
    EXPECT_TRUE(hides(out, {96, 32, 48, 64}));
    EXPECT_TRUE(shows(out, {0, 0, 90, 128}));
    EXPECT_NEAR(out.report.approved, 0.875, 0.01);
}

TEST_F(ApprovalTest, WhatBecameBackgroundLaterIsCoveredUntilItIsApprovedToo) {
    const auto strict = engine();
    feed(*strict, 200);
    strict->approve(seen(*strict));
    ASSERT_TRUE(shows(feed(*strict, 30), kWhole));
    const auto parked = feed(*strict, 600, 0, 64, true);
    EXPECT_GT(parked.report.proven, 0.99) << "the plate has the car";
    EXPECT_LT(parked.report.approved, 0.97);
    EXPECT_TRUE(hides(parked, kCar));
    EXPECT_TRUE(shows(parked, kCorner));
    strict->approve(seen(*strict));
    EXPECT_TRUE(shows(feed(*strict, 30, 0, 64, true), kWhole, 0, 64, true));
    // Both are approved now.
    EXPECT_TRUE(shows(feed(*strict, 600), kWhole));
}

TEST_F(ApprovalTest, NoFrameShowsTheChangeBeforeItWasJudged) {
    const auto strict = engine();
    feed(*strict, 200);
    strict->approve(seen(*strict));
    feed(*strict, 30);
    int with_car = 0;
    for (int i = 0; i < 600; ++i)
        for (const auto& covered : strict->push(frame(0, 64, true))) {
            if (covered.frame.when().time < kStep * 230) continue;
            ++with_car;
            const auto luma = covered.frame.picture().y;
            for (int y = kCar.y; y < kCar.bottom(); ++y)
                for (int x = kCar.x; x < kCar.right(); ++x)
                    ASSERT_NE(luma.row(y)[x], 230) << "at frame " << covered.frame.when().time / kStep;
        }
    EXPECT_GT(with_car, 500);
}

TEST_F(ApprovalTest, OtherLightIsNoOtherScene) {
    const auto strict = engine();
    feed(*strict, 200);
    strict->approve(seen(*strict));
    feed(*strict, 30);
    for (int light = 63; light >= 40; --light) feed(*strict, 25, 0, light);
    EXPECT_TRUE(shows(feed(*strict, 100, 0, 40), kWhole, 0, 40));
}

TEST_F(ApprovalTest, AMovedCameraShowsNothingUntilItIsApprovedAnew) {
    const auto strict = engine();
    feed(*strict, 200);
    strict->approve(seen(*strict));
    ASSERT_TRUE(shows(feed(*strict, 30), kWhole));
    const auto moved = feed(*strict, 400, 41);
    EXPECT_GT(moved.report.proven, 0.99) << "proven by itself";
    EXPECT_TRUE(hides(moved, kWhole));
    EXPECT_THAT(moved.report.doubt, HasSubstr("not the one that was approved"));
    strict->approve(seen(*strict));
    EXPECT_TRUE(shows(feed(*strict, 30, 41), kWhole, 41));
}

TEST_F(ApprovalTest, AnotherPictureSizeApprovesNothing) {
    const auto strict = engine();
    feed(*strict, 200);
    auto foreign = seen(*strict);
    foreign.of = {kSize.width, kSize.height + 1};
    strict->approve(foreign);
    const auto out = feed(*strict, 30);
    EXPECT_TRUE(hides(out, kWhole));
    EXPECT_THAT(out.report.doubt, HasSubstr("another picture size"));
    auto torn = seen(*strict);
    torn.v.pop_back();
    strict->approve(torn);
    EXPECT_TRUE(hides(feed(*strict, 30), kWhole));
}

TEST_F(ApprovalTest, TheOldestOfTooManyPicturesIsForgotten) {
    const auto strict = engine();
    feed(*strict, 200);
    strict->approve(seen(*strict));
    auto other = seen(*strict);
    std::reverse(other.y.begin(), other.y.end());
    for (std::size_t i = 0; i + 1 < SceneApproval::kMostPictures; ++i) strict->approve(other);
    ASSERT_TRUE(shows(feed(*strict, 30), kWhole));
    strict->approve(other);
    EXPECT_TRUE(hides(feed(*strict, 30), kWhole));
}

TEST_F(ApprovalTest, AMovingSceneHasNothingToApprove) {
    Policy policy;
    policy.scene = Scene::moving;
    policy.approval = Approval::required;
    const auto made = Engine::create({kSize, 25}, policy, &detectors_);
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().message, HasSubstr("no background that could be approved"));
}

TEST_F(ApprovalTest, ThePictureHoldsWhatIsProvenOnlyAndNoMasks) {
    Policy policy;
    policy.masks = {*part_from("0,0,0.25,0.25")};
    detectors_.sees_bodies = FakeDetectors::always({{vision::Kind::person, 0.9F, 120, 40, 30, 60}});
    const auto strict = engine(policy);
    feed(*strict, 400);
    const auto scene = seen(*strict);
    const auto at = [&](int x, int y) {
        return scene.y[static_cast<std::size_t>(y * scene.grid().width + x)];
    };
    ASSERT_EQ(scene.cell, 1);
    EXPECT_EQ(at(10, 10), 0) << "masked";
    EXPECT_EQ(at(135, 70), 0) << "a person stands there";
    const auto raw = frame();
    EXPECT_NEAR(at(60, 100), raw.raw().y.row(100)[60], 12);
    const auto shown = strict->scene();
    const auto picture = shown->picture();
    EXPECT_EQ(picture.size(), (image::Size{2 * kSize.width, 2 * kSize.height}));
    EXPECT_EQ(picture.y.row(140)[270], kNotShown);
}

class SceneFileTest : public ApprovalTest {
  protected:
    void SetUp() override {
        const auto strict = engine();
        feed(*strict, 200);
        painted_ = strict->scene();
        scene_ = seen(*strict);
    }
    static std::string error(std::string_view png, image::Size of = kSize) {
        const auto read = scene_from_png(png, of);
        return read ? "" : read.error().message;
    }
    std::optional<image::SafeFrame> painted_;
    image::ScenePicture scene_;
};

TEST_F(SceneFileTest, ComesBackFromItsFileAsItWas) {
    const auto read = scene_from_png(*scene_png(*painted_), kSize);
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->y.size(), scene_.y.size());
    int worst = 0;
    for (std::size_t i = 0; i < scene_.y.size(); ++i)
        worst = std::max({worst, std::abs(read->y[i] - scene_.y[i]), std::abs(read->u[i] - scene_.u[i]),
                          std::abs(read->v[i] - scene_.v[i])});
    EXPECT_LE(worst, 2);
    EXPECT_EQ(read->share(), 1);
}

TEST_F(SceneFileTest, OtherFilesApproveNothing) {
    const auto png = *scene_png(*painted_);
    EXPECT_EQ(error(png), "");
    EXPECT_THAT(error(png, {kSize.width, kSize.height - 2}),
                HasSubstr("is a picture of 384 x 256, and the scene's has 384 x 252"));
    EXPECT_THAT(error(png.substr(0, png.size() / 2)), HasSubstr("damaged"));
    std::string flipped = png;
    flipped[png.size() / 2] = static_cast<char>(flipped[png.size() / 2] ^ 0x10);
    EXPECT_THAT(error(flipped), HasSubstr("damaged"));
    EXPECT_NE(error(""), "");
    EXPECT_THAT(error(*media::encode_picture(*painted_, media::PictureFormat::jpeg, {})),
                HasSubstr("no PNG"));
}

}  // namespace
}  // namespace passerby::redact
