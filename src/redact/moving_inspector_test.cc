#include "redact/moving_inspector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "redact/engine.h"
#include "redact/fake_detectors.h"
#include "redact/test_frames.h"

namespace passerby::redact {
namespace {

using testing::IsEmpty;
using testing::SizeIs;
using vision::Detection;
using vision::Kind;

constexpr image::Size kSize{800, 600};
constexpr image::Rect kWhole{0, 0, 800, 600};
constexpr Subjects kAll{Subject::persons, Subject::faces, Subject::plates, Subject::vehicles,
                        Subject::screens};

Result<std::vector<Detection>> seen(FakeDetectors& detectors, Effort effort, Subjects cover = kAll,
                                    std::uint8_t luma = 100) {
    auto inspector = make_moving_inspector(kSize, cover, detectors, effort);
    auto inspections = inspector->inspect(raw_frame(flat_picture(kSize, luma), Micros{}), nullptr, {});
    if (!inspections) return tl::unexpected{inspections.error()};
    EXPECT_THAT(*inspections, SizeIs(1));
    return inspections->front().found;
}

Policy moving_policy() {
    Policy policy;
    policy.scene = Scene::moving;
    return policy;
}

std::vector<Kind> kinds(const std::vector<Detection>& found) {
    std::vector<Kind> out;
    for (const auto& d : found) out.push_back(d.kind);
    return out;
}

TEST(MovingInspector, GivesWhatIsChosenOnly) {
    FakeDetectors detectors;
    detectors.sees_bodies = FakeDetectors::always({{Kind::person, 0.9F, 10, 10, 50, 100},
                                                   {Kind::vehicle, 0.9F, 300, 300, 100, 80},
                                                   {Kind::screen, 0.9F, 500, 10, 60, 40}});
    detectors.sees_faces = FakeDetectors::always({{Kind::face, 0.9F, 20, 20, 20, 20}});
    detectors.sees_texts = FakeDetectors::always({{Kind::text, 0.9F, 330, 350, 40, 10}});
    using testing::UnorderedElementsAre;
    EXPECT_THAT(kinds(*seen(detectors, Effort::live, {Subject::faces})),
                UnorderedElementsAre(Kind::face, Kind::face))
        << "the face, and the head of the person";
    EXPECT_THAT(kinds(*seen(detectors, Effort::live, Policy{}.cover)),
                testing::AllOf(testing::Contains(Kind::person), testing::Contains(Kind::face),
                               testing::Contains(Kind::plate), testing::Not(testing::Contains(Kind::vehicle)),
                               testing::Not(testing::Contains(Kind::screen))));
    EXPECT_THAT(kinds(*seen(detectors, Effort::live)),
                testing::AllOf(testing::Contains(Kind::vehicle), testing::Contains(Kind::screen),
                               testing::Not(testing::Contains(Kind::text))));
}

TEST(MovingInspector, OneThingSeenInSeveralPartsIsOneThing) {
    FakeDetectors detectors;
    detectors.sees_bodies = FakeDetectors::always({{Kind::person, 0.9F, 300, 200, 50, 100}});
    EXPECT_THAT(*seen(detectors, Effort::film), SizeIs(1));
}

TEST(MovingInspector, WhatFillsAPartAndIsNotSeenInTheWholeIsNothing) {
    FakeDetectors detectors;
    detectors.sees_bodies = [](const image::Picture&, image::Rect where) {
        std::vector<Detection> found;
        if (where != kWhole)
            found.push_back({Kind::person, 0.9F, static_cast<float>(where.x), static_cast<float>(where.y),
                             static_cast<float>(where.width), static_cast<float>(where.height)});
        return found;
    };
    EXPECT_THAT(*seen(detectors, Effort::still), IsEmpty());
}

TEST(MovingInspector, AStillIsLookedAtInTheMirrorToo) {
    FakeDetectors detectors;
    // The picture gets darker to the right: only its mirror image is dark on the left.
    detectors.sees_faces = [](const image::Picture& picture, image::Rect where) {
        std::vector<Detection> found;
        if (where == kWhole && picture.y.row(0)[0] < picture.y.row(0)[799])
            found.push_back({Kind::face, 0.9F, 100, 100, 100, 100});
        return found;
    };
    auto buffer = flat_picture(kSize, 100);
    for (int y = 0; y < kSize.height; ++y)
        std::fill_n(buffer.writable().y.row(y) + 400, 400, std::uint8_t{50});
    const auto frame = raw_frame(std::move(buffer), Micros{});
    for (const auto effort : {Effort::film, Effort::still}) {
        const auto found =
            *make_moving_inspector(kSize, kAll, detectors, effort)->inspect(frame, nullptr, {});
        if (effort == Effort::film) {
            EXPECT_THAT(found.front().found, IsEmpty());
        } else {
            ASSERT_THAT(found.front().found, SizeIs(1));
            const auto& head = found.front().found.front();
            EXPECT_LT(head.x, 600);
            EXPECT_GT(head.x + head.width, 700);
        }
    }
}

TEST(MovingInspector, AFailingDetectorCoversTheWholePicture) {
    for (FakeDetectors::See FakeDetectors::*which :
         {&FakeDetectors::sees_bodies, &FakeDetectors::sees_faces, &FakeDetectors::sees_texts}) {
        FakeDetectors detectors;
        detectors.*which = FakeDetectors::failing;
        const auto found = seen(detectors, Effort::still);
        ASSERT_FALSE(found);
        EXPECT_EQ(found.error().message, "the model is ill");
        auto engine =
            Engine::create({kSize}, moving_policy(),
                           make_moving_inspector(kSize, kAll, detectors, Effort::still), std::nullopt);
        ASSERT_TRUE(engine);
        (*engine)->push(raw_frame(flat_picture(kSize, 100), Micros{}));
        const auto covered = (*engine)->finish();
        ASSERT_THAT(covered, SizeIs(1));
        EXPECT_EQ(covered[0].report.covered, 1);
        EXPECT_EQ(covered[0].report.doubt, "the model is ill");
    }
}

}  // namespace
}  // namespace passerby::redact
