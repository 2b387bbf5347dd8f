#include "redact/plates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "redact/fake_detectors.h"
#include "redact/test_frames.h"

namespace passerby::redact {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using vision::Detection;
using vision::Kind;
using namespace std::chrono_literals;

constexpr image::Size kSize{400, 300};

image::RawFrame frame(Micros when) {
    return raw_frame(flat_picture(kSize, 100), when);
}

Detection car(float x, float width = 100) {
    return {Kind::vehicle, 0.7F, x, 100, width, 80};
}
Detection text(float x, float y, float width = 30, float height = 8) {
    return {Kind::text, 0.8F, x, y, width, height};
}

MATCHER_P2(Around, x, y, "") {
    return arg.kind == Kind::plate && arg.x < x && arg.x + arg.width > x && arg.y < y &&
           arg.y + arg.height > y;
}

std::vector<Detection> plates_of(PlateFinder& finder, Micros when, std::vector<Detection> found) {
    EXPECT_TRUE(finder.add(frame(when), found));
    std::erase_if(found, [](const auto& d) { return d.kind != Kind::plate; });
    return found;
}

TEST(Plates, AreWhatIsWrittenOnVehicles) {
    FakeDetectors detectors;
    detectors.sees_texts = FakeDetectors::always({text(35, 150), text(300, 20)});
    PlateFinder finder{detectors, {}};
    EXPECT_THAT(plates_of(finder, 0ms, {car(0)}), ElementsAre(Around(50.F, 154.F)));
    ASSERT_THAT(detectors.asked_for_texts, SizeIs(1));
    EXPECT_EQ(detectors.asked_for_texts[0], (image::Rect{0, 92, 111, 97}))
        << "the vehicle and a tenth around it";
}

TEST(Plates, NoVehicleNoPlate) {
    FakeDetectors detectors;
    detectors.sees_texts = FakeDetectors::always({text(35, 150)});
    PlateFinder finder{detectors, {}};
    EXPECT_THAT(plates_of(finder, 0ms, {{Kind::person, 0.9F, 0, 100, 100, 80}}), IsEmpty());
    EXPECT_THAT(plates_of(finder, 40ms, {car(0, 30)}), IsEmpty()) << "too far away for its plate to be read";
    EXPECT_THAT(detectors.asked_for_texts, IsEmpty());
}

TEST(Plates, MoveWithTheirVehicleBetweenTwoLooks) {
    FakeDetectors detectors;
    detectors.sees_texts = FakeDetectors::always({text(35, 150)});
    PlateFinder finder{detectors, {.looks = 1}};
    EXPECT_THAT(plates_of(finder, 0ms, {car(0)}), SizeIs(1));
    detectors.sees_texts = FakeDetectors::nothing;  // a blurred frame
    EXPECT_THAT(plates_of(finder, 40ms, {car(20)}), ElementsAre(Around(70.F, 154.F)));
    EXPECT_THAT(plates_of(finder, 80ms, {car(40)}), ElementsAre(Around(90.F, 154.F)));
    // For two seconds.
    EXPECT_THAT(plates_of(finder, 1500ms, {car(40)}), SizeIs(1));
    EXPECT_THAT(plates_of(finder, 3000ms, {car(40)}), IsEmpty());
}

TEST(Plates, VehiclesAreLookedAtInTurn) {
    FakeDetectors detectors;
    PlateFinder finder{detectors, {.looks = 1}};
    for (const auto when : {0ms, 40ms, 80ms}) plates_of(finder, when, {car(0), car(150), car(300)});
    ASSERT_THAT(detectors.asked_for_texts, SizeIs(3));
    std::vector<int> begins;
    for (const auto& where : detectors.asked_for_texts) begins.push_back(where.x);
    EXPECT_THAT(begins, testing::UnorderedElementsAre(0, 140, 290));
}

TEST(Plates, OfAParkedVehicleStayWhereTheyWereWhenItIsMissed) {
    FakeDetectors detectors;
    detectors.sees_texts = FakeDetectors::always({text(35, 150)});
    PlateFinder finder{detectors, {.again = 2s, .parked = true}};
    EXPECT_THAT(plates_of(finder, 0ms, {car(0)}), SizeIs(1));
    EXPECT_THAT(plates_of(finder, 1s, {}), ElementsAre(Around(50.F, 154.F)));
    EXPECT_THAT(plates_of(finder, 1500ms, {car(1)}), SizeIs(1));
    EXPECT_THAT(detectors.asked_for_texts, SizeIs(1)) << "not again before two seconds are over";
    EXPECT_THAT(plates_of(finder, 2500ms, {car(1)}), SizeIs(1));
    EXPECT_THAT(detectors.asked_for_texts, SizeIs(2));
}

TEST(Plates, OfAVehicleThatStaysAreLookedForLessOftenInTime) {
    FakeDetectors detectors;
    PlateFinder finder{detectors, {.again = 2s, .later = 10s, .parked = true}};
    for (auto now = 0ms; now < 26s; now += 1s) plates_of(finder, now, {car(0)});
    EXPECT_THAT(detectors.asked_for_texts, SizeIs(5)) << "after 0, 2, 4, 14 and 24 s";
    plates_of(finder, 26s, {car(0), car(200)});
    EXPECT_THAT(detectors.asked_for_texts, SizeIs(6)) << "one that comes is looked at at once";
}

TEST(Plates, WhereTheDetectorFailsTheVehicleIsCovered) {
    FakeDetectors detectors;
    detectors.sees_texts = FakeDetectors::failing;
    PlateFinder finder{detectors, {}};
    const auto found = plates_of(finder, 0ms, {car(20)});
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].x, 20);
    EXPECT_EQ(found[0].y, 100);
    EXPECT_EQ(found[0].width, 100);
    EXPECT_EQ(found[0].height, 80);
    std::vector<Detection> none;
    const auto looked = finder.add_from(frame(0ms).raw(), {0, 0, 400, 300}, none);
    ASSERT_FALSE(looked);
    EXPECT_EQ(looked.error().message, "the model is ill");
}

TEST(Plates, OfANearVehicleThatShowsNoneThePlaceIsCovered) {
    FakeDetectors detectors;
    PlateFinder finder{detectors, {}};
    Detection near = car(20, 200);
    near.height = 160;
    EXPECT_THAT(plates_of(finder, 0ms, {near}), ElementsAre(Around(120.F, 220.F)));
    near.height = 100;  // from the side
    EXPECT_THAT(plates_of(finder, 5s, {near}), IsEmpty());
}

TEST(Plates, AnywhereThereAreOnlyThoseThatHaveTheShape) {
    FakeDetectors detectors;
    detectors.sees_texts =
        FakeDetectors::always({text(20, 20, 60, 15), text(20, 60, 200, 12), text(20, 100, 10, 40)});
    PlateFinder finder{detectors, {}};
    std::vector<Detection> found;
    ASSERT_TRUE(finder.add_from(frame(0ms).raw(), {0, 0, 400, 300}, found));
    EXPECT_THAT(found, ElementsAre(Around(50.F, 27.F)));
}

}  // namespace
}  // namespace passerby::redact
