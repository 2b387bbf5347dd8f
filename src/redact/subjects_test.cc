// What stands still in a fixed scene and is to be covered never becomes background.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "redact/engine.h"
#include "redact/fake_detectors.h"
#include "redact/test_frames.h"

namespace passerby::redact {
namespace {

using vision::Kind;

constexpr image::Size kSize{160, 96};
constexpr image::Rect kVehicle{40, 20, 80, 60}, kPlate{70, 60, 20, 6}, kElsewhere{50, 28, 24, 16};

// A still scene with a texture.
image::RawFrame frame(int n) {
    image::PictureBuffer buffer = flat_picture(kSize, 120);
    auto p = buffer.writable();
    for (int y = 0; y < kSize.height; ++y)
        for (int x = 0; x < kSize.width; ++x)
            p.y.row(y)[x] = static_cast<std::uint8_t>(90 + 5 * ((x / 4 + y / 4) % 5));
    return raw_frame(std::move(buffer), std::chrono::milliseconds{40} * n);
}

vision::Detection detection(Kind kind, image::Rect r) {
    return {kind,
            0.9F,
            static_cast<float>(r.x),
            static_cast<float>(r.y),
            static_cast<float>(r.width),
            static_cast<float>(r.height)};
}

class SubjectsInAFixedScene : public testing::Test {
  protected:
    SubjectsInAFixedScene() {
        detectors_.sees_bodies = FakeDetectors::always({detection(Kind::vehicle, kVehicle)});
        detectors_.sees_texts = FakeDetectors::always({detection(Kind::text, kPlate)});
    }

    // The last of so many frames that all is proven that ever will be.
    image::SafeFrame last(Subjects cover) {
        Policy policy;
        policy.cover = cover;
        auto engine = Engine::create({kSize, 25}, policy, &detectors_);
        EXPECT_TRUE(engine);
        std::optional<image::SafeFrame> last;
        for (int n = 0; n < 200; ++n)
            for (auto& covered : (*engine)->push(frame(n))) last = std::move(covered.frame);
        return *last;
    }
    static bool is_covered(const image::SafeFrame& frame, image::Rect r) {
        const auto y = frame.picture().y;
        for (int row = r.y; row < r.bottom(); ++row)
            for (int x = r.x; x < r.right(); ++x)
                if (y.row(row)[x] != y.row(r.y)[r.x]) return false;
        return true;
    }
    FakeDetectors detectors_;
};

TEST_F(SubjectsInAFixedScene, ThePlateOfAParkedVehicleIsCoveredAndTheVehicleIsNot) {
    const auto shown = last({Subject::persons, Subject::faces, Subject::plates});
    EXPECT_TRUE(is_covered(shown, kPlate));
    EXPECT_FALSE(is_covered(shown, kElsewhere));
    EXPECT_FALSE(is_covered(shown, {2, 2, 30, 16})) << "nothing was proven: this shows nothing";
}

TEST_F(SubjectsInAFixedScene, ParkedVehiclesAreCoveredWhenChosen) {
    const auto shown = last({Subject::faces, Subject::vehicles});
    EXPECT_TRUE(is_covered(shown, kElsewhere));
    EXPECT_FALSE(is_covered(shown, {2, 2, 30, 16}));
    EXPECT_TRUE(detectors_.asked_for_texts.empty()) << "plates are not chosen";
}

TEST_F(SubjectsInAFixedScene, WhatIsNotChosenBecomesBackground) {
    const auto shown = last({Subject::persons, Subject::faces});
    EXPECT_FALSE(is_covered(shown, kPlate));
    EXPECT_FALSE(is_covered(shown, kElsewhere));
}

TEST_F(SubjectsInAFixedScene, ScreensAreCoveredWhenChosen) {
    detectors_.sees_bodies = FakeDetectors::always({detection(Kind::screen, kVehicle)});
    EXPECT_TRUE(is_covered(last({Subject::faces, Subject::screens}), kElsewhere));
    EXPECT_FALSE(is_covered(last({Subject::faces}), kElsewhere));
}

TEST_F(SubjectsInAFixedScene, WhereTheTextDetectorFailsAParkedVehicleIsCovered) {
    detectors_.sees_texts = FakeDetectors::failing;
    EXPECT_TRUE(is_covered(last(Policy{}.cover), kElsewhere));
}

}  // namespace
}  // namespace passerby::redact
