// P2: whatever goes wrong covers the frame, wholly and with the reason.
#include "redact/engine.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "redact/test_frames.h"

namespace passerby::redact {
namespace {

using testing::HasSubstr;

constexpr image::Size kSize{96, 64};
constexpr Micros kStep = std::chrono::milliseconds{40};

// Detectors that see what the test says.
class FakeDetectors : public vision::Detectors {
  public:
    std::function<Result<std::vector<vision::Detection>>()> seen = [] {
        return std::vector<vision::Detection>{};
    };
    Result<std::vector<vision::Detection>> bodies(const image::Picture&, image::Rect) override {
        return seen();
    }
    Result<std::vector<vision::Detection>> faces(const image::Picture&, image::Rect) override {
        return std::vector<vision::Detection>{};
    }
    Result<std::vector<vision::Detection>> texts(const image::Picture&, image::Rect) override {
        return std::vector<vision::Detection>{};
    }
    const std::vector<vision::ModelInfo>& models() const override { return models_; }

  private:
    std::vector<vision::ModelInfo> models_;
};

class EngineTest : public testing::Test {
  protected:
    std::unique_ptr<Engine> make(Policy policy = {}, vision::Detectors* detectors = nullptr) {
        auto engine = Engine::create({kSize, 25}, std::move(policy), detectors);
        EXPECT_TRUE(engine);
        return std::move(*engine);
    }

    // A still scene with a texture; `paint` may put something on it.
    image::RawFrame frame(const std::function<void(image::MutablePicture)>& paint = {}) {
        image::PictureBuffer buffer = flat_picture(kSize, 120);
        auto p = buffer.writable();
        for (int y = 0; y < kSize.height; ++y)
            for (int x = 0; x < kSize.width; ++x)
                p.y.row(y)[x] = static_cast<std::uint8_t>(90 + 5 * ((x / 8 + y / 8) % 5));
        if (paint) paint(p);
        return raw_frame(std::move(buffer), kStep * count_++)
            .sent_as(std::make_shared<image::CodedPicture>());
    }

    std::vector<CoveredFrame> feed(Engine& engine, int frames,
                                   const std::function<void(image::MutablePicture)>& paint = {}) {
        std::vector<CoveredFrame> out;
        for (int i = 0; i < frames; ++i)
            for (auto& covered : engine.push(frame(paint))) out.push_back(std::move(covered));
        return out;
    }

    FakeDetectors detectors_;
    int count_ = 0;
};

void square(image::MutablePicture p, int x0, int y0, int side) {
    for (int y = y0; y < y0 + side; ++y) std::fill_n(p.y.row(y) + x0, side, std::uint8_t{230});
}

bool uniform(const image::Plane& plane, image::Rect r) {
    for (int y = r.y; y < r.bottom(); ++y)
        for (int x = r.x; x < r.right(); ++x)
            if (plane.row(y)[x] != plane.row(r.y)[r.x]) return false;
    return true;
}

bool wholly_covered(const CoveredFrame& f) {
    const auto p = f.frame.picture();
    return uniform(p.y, {0, 0, p.y.size.width, p.y.size.height}) &&
           uniform(p.u, {0, 0, p.u.size.width, p.u.size.height});
}

TEST_F(EngineTest, KeepsNumberOrderAndTimesOfFrames) {
    const auto engine = make({}, &detectors_);
    auto out = feed(*engine, 60);
    for (auto& rest : engine->finish()) out.push_back(std::move(rest));
    ASSERT_EQ(out.size(), 60U);
    for (int i = 0; i < 60; ++i) EXPECT_EQ(out[static_cast<std::size_t>(i)].frame.when().time, kStep * i);
}

TEST_F(EngineTest, NothingIsShownBeforeItIsProvenAndAnEmptySceneIs) {
    const auto engine = make({}, &detectors_);
    const auto out = feed(*engine, 200);
    EXPECT_TRUE(wholly_covered(out.front()));
    EXPECT_TRUE(wholly_covered(out[40]));
    EXPECT_LT(out.back().report.covered, 0.01);
    EXPECT_GT(out.back().report.proven, 0.99);
}

TEST_F(EngineTest, WhatStandsThereForGoodIsLookedAtNowAndThen) {
    int looks = 0;
    detectors_.seen = [&] {
        ++looks;
        return std::vector<vision::Detection>{{vision::Kind::person, 0.9F, 30, 10, 30, 44}};
    };
    const auto engine = make({}, &detectors_);
    const auto looks_in = [&](int seconds, const std::function<void(image::MutablePicture)>& paint = {}) {
        const int before = looks;
        for (const auto& f : feed(*engine, 25 * seconds, paint))
            EXPECT_TRUE(uniform(f.frame.picture().y, {36, 16, 16, 32})) << "it stays covered";
        return looks - before;
    };
    looks_in(10);
    EXPECT_GE(looks_in(10), 35);
    looks_in(40);
    EXPECT_LE(looks_in(10), 12);
    // Somebody comes.
    int x = 0;
    EXPECT_GE(looks_in(10, [&](auto p) { square(p, x++ % 80, 4, 16); }), 30);
}

// What the camera sent of a frame goes on with it only where nothing at all is covered.
void expect_only_open_frames_are_coded(const std::vector<CoveredFrame>& frames) {
    for (const auto& f : frames)
        ASSERT_EQ(f.frame.coded() != nullptr, f.report.covered == 0)
            << f.frame.when().time.count() << ": " << f.report.covered;
}
int coded(const std::vector<CoveredFrame>& frames) {
    return static_cast<int>(std::ranges::count_if(frames, [](const auto& f) { return f.frame.coded(); }));
}

TEST_F(EngineTest, WhatTheCameraSentIsLetThroughOnlyWhereNothingIsCovered) {
    const auto engine = make({}, &detectors_);
    const auto before = feed(*engine, 250);
    expect_only_open_frames_are_coded(before);
    EXPECT_EQ(before.front().frame.coded(), nullptr);
    ASSERT_NE(before.back().frame.coded(), nullptr);
    const auto from = kStep * count_;
    auto out = feed(*engine, 30, [](image::MutablePicture p) { square(p, 40, 20, 16); });
    const auto to = kStep * count_;
    for (auto& f : feed(*engine, 60)) out.push_back(std::move(f));
    expect_only_open_frames_are_coded(out);
    for (const auto& f : out)
        if (f.frame.when().time >= from - kStep && f.frame.when().time <= to) {
            EXPECT_EQ(f.frame.coded(), nullptr) << "the frame before and the one after, too";
        }
    EXPECT_GT(coded(out), 10);
}

TEST_F(EngineTest, NothingThatTheCameraSentPassesAMaskADoubtOrAMovingScene) {
    Policy masked;
    masked.masks = {{{0, 0}, {0.05F, 0}, {0.05F, 0.05F}}};
    const auto with_mask = make(masked, &detectors_);
    EXPECT_EQ(coded(feed(*with_mask, 250)), 0);

    const auto drawn = make({}, &detectors_);
    EXPECT_GT(coded(feed(*drawn, 250)), 10);
    drawn->set_masks(masked.masks);
    EXPECT_EQ(coded(feed(*drawn, 20)), 0) << "the frames that wait, too";

    Policy strict;
    strict.approval = Approval::required;
    const auto unapproved = make(strict, &detectors_);
    EXPECT_EQ(coded(feed(*unapproved, 250)), 0);

    Policy moving;
    moving.scene = Scene::moving;
    const auto everywhere = make(moving, &detectors_);
    const auto out = feed(*everywhere, 50);
    EXPECT_EQ(out.back().report.covered, 0) << "nobody is seen, and that proves nothing";
    EXPECT_EQ(coded(out), 0);

    const auto failing = make({}, &detectors_);
    EXPECT_GT(coded(feed(*failing, 250)), 10);
    detectors_.seen = [] { return fail(ErrorKind::internal, "no looks"); };
    feed(*failing, 40);
    EXPECT_EQ(coded(feed(*failing, 20)), 0);

    EXPECT_EQ(coded(feed(*make({}, nullptr), 100)), 0) << "without models";
}

TEST_F(EngineTest, WhoStandsStillFromTheFirstFrameIsNeverShown) {
    detectors_.seen = [] {
        return std::vector<vision::Detection>{{vision::Kind::person, 0.9F, 20, 20, 16, 30}};
    };
    const auto engine = make({}, &detectors_);
    const auto out = feed(*engine, 600, [](image::MutablePicture p) { square(p, 22, 24, 10); });
    EXPECT_LT(out.back().report.covered, 0.5);
    EXPECT_GT(out.back().report.covered, 0.05);
    EXPECT_TRUE(uniform(out.back().frame.picture().y, {22, 24, 10, 10}));
    EXPECT_NE(out.back().frame.picture().y.row(28)[26], 230);
}

TEST_F(EngineTest, SomethingNewIsCoveredAtOnceAndForAsLongAsItMayBeAPerson) {
    const auto engine = make({}, &detectors_);
    feed(*engine, 200);
    const auto out = feed(*engine, 220, [](image::MutablePicture p) { square(p, 40, 20, 16); });
    ASSERT_GT(out.size(), 200U);
    int with_square = 0;
    for (const auto& f : out)
        if (f.frame.when().time >= kStep * 200) {
            ++with_square;
            EXPECT_NE(f.frame.picture().y.row(28)[48], 230) << "at " << f.frame.when().time.count();
        }
    EXPECT_GT(with_square, 150);
}

TEST_F(EngineTest, AThingThatIsNoPersonBecomesBackgroundAfterInspection) {
    const auto engine = make({}, &detectors_);
    feed(*engine, 200);
    const auto out = feed(*engine, 600, [](image::MutablePicture p) { square(p, 40, 20, 16); });
    EXPECT_EQ(out.back().frame.picture().y.row(28)[48], 230);
}

TEST_F(EngineTest, APersonThatStandsIsNotAbsorbedHoweverLong) {
    const auto engine = make({}, &detectors_);
    feed(*engine, 200);
    detectors_.seen = [] {
        return std::vector<vision::Detection>{{vision::Kind::person, 0.7F, 38, 18, 20, 20}};
    };
    const auto out = feed(*engine, 3000, [](image::MutablePicture p) { square(p, 40, 20, 16); });
    EXPECT_NE(out.back().frame.picture().y.row(28)[48], 230);
}

TEST_F(EngineTest, DrawnMasksAreCoveredAlways) {
    Policy policy;
    policy.masks = {{{0.5F, 0.5F}, {0.9F, 0.5F}, {0.9F, 0.9F}, {0.5F, 0.9F}}};
    const auto engine = make(policy, &detectors_);
    const auto out = feed(*engine, 200);
    EXPECT_TRUE(uniform(out.back().frame.picture().y, {50, 34, 34, 22}));
    EXPECT_LT(out.back().report.covered, 0.25);
}

TEST_F(EngineTest, MasksThatAreDrawnMeanwhileCoverTheFramesThatWaitToo) {
    const auto engine = make({}, &detectors_);
    const auto before = feed(*engine, 200);
    const image::Rect inside{50, 34, 34, 22};
    EXPECT_FALSE(uniform(before.back().frame.picture().y, inside));
    engine->set_masks({{{0.5F, 0.5F}, {0.9F, 0.5F}, {0.9F, 0.9F}, {0.5F, 0.9F}}});
    const auto after = feed(*engine, 40);
    ASSERT_FALSE(after.empty());
    // The first of them came in before the order.
    EXPECT_LT(after.front().frame.when().time, kStep * 200);
    for (const auto& f : after)
        EXPECT_TRUE(uniform(f.frame.picture().y, inside)) << f.frame.when().time.count();
    engine->set_masks({});
    EXPECT_FALSE(uniform(feed(*engine, 40).back().frame.picture().y, inside));
}

TEST_F(EngineTest, MostOfThePictureChangedIsDoubtAndIsProvenAgain) {
    const auto engine = make({}, &detectors_);
    feed(*engine, 200);
    const auto moved = [](image::MutablePicture p) {
        for (int y = 0; y < kSize.height; ++y)
            for (int x = 0; x < kSize.width; ++x)
                p.y.row(y)[x] = static_cast<std::uint8_t>(((x / 5) * 37 + (y / 5) * 59) % 200 + 20);
    };
    const auto out = feed(*engine, 400, moved);
    bool first = true;
    for (const auto& f : out) {
        if (f.frame.when().time < kStep * 200) continue;
        if (first) {
            EXPECT_TRUE(wholly_covered(f));
            EXPECT_THAT(f.report.doubt, HasSubstr("camera was moved"));
        }
        first = false;
    }
    EXPECT_FALSE(first);
    EXPECT_LT(out.back().report.covered, 0.05);
}

struct Fault {
    const char* name;
    std::function<Result<std::vector<vision::Detection>>()> seen;
    const char* doubt;
};

TEST_F(EngineTest, EveryFaultOfTheDetectorsCoversTheWholeFrame) {
    const std::vector<Fault> faults = {
        {"an error", [] { return fail(ErrorKind::internal, "the model failed"); }, "the model failed"},
        {"an exception", []() -> Result<std::vector<vision::Detection>> { throw std::runtime_error{"boom"}; },
         "boom"},
        {"no memory", []() -> Result<std::vector<vision::Detection>> { throw std::bad_alloc{}; },
         "engine failed"},
    };
    for (const auto scene : {Scene::fixed, Scene::moving})
        for (const auto& fault : faults) {
            Policy policy;
            policy.scene = scene;
            const auto engine = make(policy, &detectors_);
            detectors_.seen = [] { return std::vector<vision::Detection>{}; };
            feed(*engine, 200);
            detectors_.seen = fault.seen;
            auto out = feed(*engine, 60);
            int doubted = 0;
            for (const auto& f : out)
                if (!f.report.doubt.empty()) {
                    ++doubted;
                    EXPECT_TRUE(wholly_covered(f)) << fault.name;
                    EXPECT_THAT(f.report.doubt, HasSubstr(fault.doubt)) << fault.name;
                }
            EXPECT_GT(doubted, 0) << fault.name;
        }
}

TEST_F(EngineTest, WithoutModelsEverythingIsCovered) {
    for (const auto scene : {Scene::fixed, Scene::moving}) {
        Policy policy;
        policy.scene = scene;
        const auto engine = make(policy);
        const auto out = feed(*engine, 300);
        ASSERT_FALSE(out.empty());
        for (const auto& f : out) {
            ASSERT_TRUE(wholly_covered(f));
            EXPECT_THAT(f.report.doubt, HasSubstr("no models"));
        }
    }
}

TEST_F(EngineTest, AnotherSizeInMidStreamIsCovered) {
    const auto engine = make({}, &detectors_);
    feed(*engine, 200);
    engine->push(raw_frame(flat_picture({64, 64}, 200), kStep * 200));
    const auto out = engine->finish();
    ASSERT_FALSE(out.empty());
    EXPECT_TRUE(wholly_covered(out.back()));
    EXPECT_EQ(out.back().frame.size(), kSize);
    EXPECT_EQ(out.back().frame.when().time, kStep * 200);
    EXPECT_THAT(out.back().report.doubt, HasSubstr("another size"));
}

TEST_F(EngineTest, FlickerAndTimeThatStandsStillProveNothing) {
    const auto engine = make({}, &detectors_);
    std::vector<CoveredFrame> out;
    for (int i = 0; i < 300; ++i) {
        image::PictureBuffer buffer = flat_picture(kSize, 120);
        for (auto& f : engine->push(raw_frame(std::move(buffer), Micros{0}))) out.push_back(std::move(f));
    }
    for (auto& f : engine->finish()) out.push_back(std::move(f));
    ASSERT_EQ(out.size(), 300U);
    for (const auto& f : out) EXPECT_TRUE(wholly_covered(f));
}

TEST_F(EngineTest, AMovingSceneCoversWhatTheDetectorsSee) {
    Policy policy;
    policy.scene = Scene::moving;
    detectors_.seen = [] {
        return std::vector<vision::Detection>{{vision::Kind::person, 0.8F, 30, 16, 20, 30}};
    };
    const auto engine = make(policy, &detectors_);
    const auto out = feed(*engine, 50, [](image::MutablePicture p) { square(p, 32, 20, 16); });
    ASSERT_FALSE(out.empty());
    for (const auto& f : out) EXPECT_TRUE(uniform(f.frame.picture().y, {32, 20, 16, 16}));
    EXPECT_LT(out.back().report.covered, 0.5);
}

TEST(Engine, RefusesATinyPicture) {
    const auto engine = Engine::create({{8, 8}, 25}, {}, nullptr);
    ASSERT_FALSE(engine);
    EXPECT_THAT(engine.error().message, HasSubstr("too small"));
}

}  // namespace
}  // namespace passerby::redact
