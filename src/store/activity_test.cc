#include "store/activity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/test_world.h"

namespace passerby::store {
namespace {

using namespace testing;
using ::testing::ElementsAre;

class ActivityTest : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(activity.draw("entrance", {}, {place("door"), place("yard")}, by));
        const auto drawn = *activity.places("entrance");
        for (const auto& p : drawn) ids.push_back(p.id);
    }
    static DrawnPlace place(const std::string& name) { return {0, "entrance", name, "0.1,0.1 0.9,0.9", {}}; }
    ActivityNumber number(std::int64_t at, std::chrono::hours hour, std::int64_t persons = 5) const {
        return {at, now + hour, now + hour + std::chrono::hours{1}, {persons, -3}, {1, 2}, 4000, 1000};
    }

    TempFolder folder;
    FakeClock clock{at("2026-03-01T12:00:00Z")};
    std::shared_ptr<Store> store = must(Store::open(folder.path() / "data", clock));
    Activity activity{store};
    const WallTime now = clock.wall();
    const DrawnPlace::Done by{now, "ada"};
    std::vector<std::int64_t> ids;
};

TEST_F(ActivityTest, PlacesAreDrawnAndRemovedAndRemembered) {
    ASSERT_EQ(ids.size(), 2U);
    ASSERT_TRUE(activity.draw("entrance", {ids[1]}, {place("gate")}, {now + std::chrono::hours{1}, "bob"}));
    const auto drawn = *activity.places("entrance");
    ASSERT_EQ(drawn.size(), 2U);
    EXPECT_EQ(drawn[0].id, ids[1]);
    EXPECT_EQ(drawn[0].drawn.user, "ada");
    EXPECT_EQ(drawn[1].name, "gate");
    EXPECT_NE(drawn[1].id, ids[0]);
    const auto all = *activity.places("entrance", true);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].removed->user, "bob");
    EXPECT_TRUE(activity.places("other")->empty());
}

TEST_F(ActivityTest, NumbersAreKeptAsTheyCame) {
    ASSERT_TRUE(activity.add(
        "entrance", {number(ids[0], std::chrono::hours{0}), number(ids[1], std::chrono::hours{0}, -7)}));
    ASSERT_TRUE(activity.add("entrance", {number(ids[0], std::chrono::hours{1})}));
    const auto found = *activity.of("entrance", now, now + std::chrono::hours{1});
    ASSERT_EQ(found.size(), 2U);
    EXPECT_THAT(found[0].persons, ElementsAre(5, -3));
    EXPECT_THAT(found[0].vehicles, ElementsAre(1, 2));
    EXPECT_EQ(found[1].persons[0], -7);
    EXPECT_EQ(found[0].scale_of, 4000U);
    EXPECT_EQ(activity.of("entrance", now, now + std::chrono::hours{9})->size(), 3U);
    EXPECT_TRUE(activity.of("other", now, now + std::chrono::hours{9})->empty());
}

// A second number of the same beginning would spend the budget twice, and the process that tells it is not
// trusted.
TEST_F(ActivityTest, NothingIsToldTwiceNorOfAnotherCamera) {
    ASSERT_TRUE(activity.add("entrance", {number(ids[0], std::chrono::hours{0})}));
    EXPECT_EQ(activity.add("entrance", {number(ids[0], std::chrono::hours{0}, 9)}).error().kind,
              ErrorKind::denied);
    EXPECT_EQ(activity.add("other", {number(ids[0], std::chrono::hours{2})}).error().kind, ErrorKind::denied);
    EXPECT_EQ(
        activity.add("entrance", {number(ids[1], std::chrono::hours{3}), number(99, std::chrono::hours{3})})
            .error()
            .kind,
        ErrorKind::denied);
    const auto found = *activity.of("entrance", now, now + std::chrono::hours{9});
    ASSERT_EQ(found.size(), 1U) << "all of a message or nothing";
    EXPECT_EQ(found[0].persons[0], 5);
}

TEST_F(ActivityTest, OldNumbersAreForgotten) {
    ASSERT_TRUE(activity.add(
        "entrance", {number(ids[0], std::chrono::hours{0}), number(ids[1], std::chrono::hours{24})}));
    ASSERT_TRUE(activity.forget(now + Activity::kKept));
    EXPECT_EQ(activity.of("entrance", now, now + std::chrono::hours{99})->size(), 2U);
    ASSERT_TRUE(activity.forget(now + Activity::kKept + std::chrono::hours{1}));
    EXPECT_EQ(activity.of("entrance", now, now + std::chrono::hours{99})->size(), 1U);
    EXPECT_EQ(activity.places("entrance")->size(), 2U);
}

}  // namespace
}  // namespace passerby::store
