#include "store/retention.h"

#include <thread>

#include "store/catalogue.h"
#include "store/check.h"
#include "store/protections.h"
#include "store/recorder.h"
#include "store/test_world.h"

namespace passerby::store {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace fs = std::filesystem;

constexpr std::uint64_t kSegmentBytes = kInitBytes + 60 * kStoredFragment;

class RetentionTest : public ::testing::Test {
  protected:
    // One segment a minute from 12:00 on; ends with the clock there.
    void record_minutes(const std::string& camera, int minutes) {
        clock_.set_wall(at("2026-03-01T12:00:00Z"));
        auto recorder = must(Recorder::create(store_, camera));
        Camera source{*recorder, clock_};
        must(source.begin());
        must(source.send(60 * minutes, 0));
        must(recorder->stop());
    }
    std::size_t segments(const std::string& camera) const { return segments_of(*store_, camera).size(); }
    std::size_t files() const {
        const auto entries = fs::recursive_directory_iterator{store_->recordings()};
        return static_cast<std::size_t>(std::count_if(
            begin(entries), end(entries), [](const auto& e) { return e.path().extension() == ".mp4"; }));
    }
    Swept sweep_all(const RetentionPlan& plan, int batch = 64) {
        Swept sum;
        for (bool more = true; more;) {
            const auto swept = must(sweep(*store_, plan, clock_.wall(), batch));
            sum.segments += swept.segments;
            sum.bytes += swept.bytes;
            more = swept.more;
        }
        return sum;
    }

    TempFolder folder_;
    FakeClock clock_{at("2026-03-01T12:00:00Z")};
    std::shared_ptr<Store> store_ = must(Store::open(folder_.path() / "data", clock_));
};

TEST_F(RetentionTest, WhatIsProtectedStaysAndTheRestIsOneStory) {
    record_minutes("a", 10);
    Protections protections{store_};
    Protection wanted{.id = 0,
                      .camera = "a",
                      .start = at("2026-03-01T12:02:30Z"),
                      .end = at("2026-03-01T12:04:00Z"),
                      .reason = "accident at the crossing",
                      .at = clock_.wall(),
                      .user = "admin",
                      .until = clock_.wall() + 24h};
    const auto id = must(protections.add(wanted));
    const RetentionPlan plan{.cameras = {{"a", {.age = 4min, .bytes = {}}}}, .others = {}, .total_bytes = {}};
    EXPECT_EQ(sweep_all(plan).segments, 4);
    EXPECT_THAT(segments_of(*store_, "a"),
                ElementsAre("12:02:00Z-12:03:00Z", "12:03:00Z-12:04:00Z", "12:06:00Z-12:07:00Z",
                            "12:07:00Z-12:08:00Z", "12:08:00Z-12:09:00Z", "12:09:00Z-12:10:00Z"));
    EXPECT_THAT(gaps_of(*store_, "a"),
                ElementsAre("12:00:00Z-12:02:00Z policy", "12:04:00Z-12:06:00Z policy", "12:10:00Z- stop"));
    EXPECT_THAT(must(check(folder_.path() / "data", Depth::bytes, [](auto, auto) {})).findings, IsEmpty());

    // Size counts what is protected, and takes the oldest of the rest.
    sweep_all({.cameras = {{"a", {.age = {}, .bytes = 4 * kSegmentBytes}}}, .others = {}, .total_bytes = {}});
    EXPECT_EQ(segments("a"), 4u);
    sweep_all({.cameras = {}, .others = {}, .total_bytes = kSegmentBytes});
    EXPECT_THAT(segments_of(*store_, "a"), ElementsAre("12:02:00Z-12:03:00Z", "12:03:00Z-12:04:00Z"));

    must(protections.end("a", id, "admin", clock_.wall()));
    sweep_all(plan);
    EXPECT_THAT(segments_of(*store_, "a"), IsEmpty());
    EXPECT_THAT(gaps_of(*store_, "a"), ElementsAre("12:00:00Z-12:10:00Z policy", "12:10:00Z- stop"));
    const auto history = must(protections.of("a", at("2026-03-01T12:00:00Z"), at("2026-03-01T13:00:00Z")));
    ASSERT_EQ(history.size(), 1u);
    EXPECT_EQ(history[0].reason, wanted.reason);
    EXPECT_TRUE(history[0].ended);
}

TEST_F(RetentionTest, AProtectionEndsByItself) {
    record_minutes("a", 3);
    Protections protections{store_};
    must(protections.add({.id = 0,
                          .camera = "a",
                          .start = at("2026-03-01T12:00:00Z"),
                          .end = at("2026-03-01T13:00:00Z"),
                          .reason = "a request",
                          .at = clock_.wall(),
                          .user = "admin",
                          .until = clock_.wall() + 1h}));
    const RetentionPlan plan{.cameras = {{"a", {.age = 0min, .bytes = {}}}}, .others = {}, .total_bytes = {}};
    EXPECT_EQ(sweep_all(plan).segments, 0);
    clock_.pass(1h);
    EXPECT_EQ(sweep_all(plan).segments, 3);
}

TEST_F(RetentionTest, AProtectionNeedsASpanAReasonAndAnEnd) {
    Protections protections{store_};
    const Protection good{.id = 0,
                          .camera = "a",
                          .start = at("2026-03-01T12:00:00Z"),
                          .end = at("2026-03-01T13:00:00Z"),
                          .reason = "a request",
                          .at = clock_.wall(),
                          .user = "admin",
                          .until = clock_.wall() + 1h};
    const auto refused = [&](auto change) {
        auto bad = good;
        change(bad);
        const auto added = protections.add(bad);
        return !added && added.error().kind == ErrorKind::invalid;
    };
    EXPECT_TRUE(refused([](Protection& p) { p.camera = "../a"; }));
    EXPECT_TRUE(refused([](Protection& p) { p.end = p.start; }));
    EXPECT_TRUE(refused([](Protection& p) { p.reason = "  "; }));
    EXPECT_TRUE(refused([](Protection& p) { p.reason = std::string(201, 'x'); }));
    EXPECT_TRUE(refused([](Protection& p) { p.until = p.at; }));
    EXPECT_TRUE(refused([](Protection& p) { p.until = p.at + std::chrono::days{367}; }));
    const auto id = must(protections.add(good));
    EXPECT_FALSE(protections.end("b", id, "admin", clock_.wall()));
    must(protections.end("a", id, "admin", clock_.wall()));
    EXPECT_FALSE(protections.end("a", id, "admin", clock_.wall()));
}

TEST_F(RetentionTest, ByAge) {
    record_minutes("a", 10);
    const RetentionPlan plan{.cameras = {{"a", {.age = 4min, .bytes = {}}}}, .others = {}, .total_bytes = {}};
    const auto swept = sweep_all(plan);
    EXPECT_EQ(swept.segments, 6);
    EXPECT_EQ(swept.bytes, 6 * kSegmentBytes);
    EXPECT_EQ(segments("a"), 4u);
    EXPECT_EQ(files(), 4u);
    EXPECT_EQ(must(store_->span("a"))->first, at("2026-03-01T12:06:00Z"));
    EXPECT_EQ(must(store_->bytes_used("a")), 4 * kSegmentBytes);
    EXPECT_EQ(sweep_all(plan).segments, 0);
}

TEST_F(RetentionTest, BySizeOfACamera) {
    record_minutes("a", 5);
    record_minutes("b", 5);
    sweep_all(
        {.cameras = {{"a", {.age = {}, .bytes = 2 * kSegmentBytes + 1}}}, .others = {}, .total_bytes = {}});
    EXPECT_EQ(segments("a"), 2u);
    EXPECT_EQ(segments("b"), 5u);
}

TEST_F(RetentionTest, BySizeOfAllTogetherTheOldestFirst) {
    record_minutes("a", 3);
    record_minutes("b", 6);
    sweep_all({.cameras = {}, .others = {}, .total_bytes = 4 * kSegmentBytes});
    // Of nine, five had to go: the minutes 0 and 1 of both, and minute 2 of the one that was recorded first.
    EXPECT_EQ(segments("a"), 0u);
    EXPECT_EQ(segments("b"), 4u);
}

TEST_F(RetentionTest, AllRulesTogether) {
    record_minutes("a", 10);
    record_minutes("b", 10);
    sweep_all({.cameras = {{"a", {.age = 8min, .bytes = 6 * kSegmentBytes}}},
               .others = {.age = 5min, .bytes = {}},
               .total_bytes = 9 * kSegmentBytes},
              3);
    EXPECT_EQ(must(store_->bytes_used()), 9 * kSegmentBytes);
    EXPECT_EQ(segments("a"), 4u);  // 6 by size; then the two oldest of all went for the total
    EXPECT_EQ(segments("b"), 5u);  // by the age for those that are not configured
}

TEST_F(RetentionTest, WhatWasDeletedIsOneGapOfPolicy) {
    clock_.pass(-1min);
    record_minutes("a", 2);
    clock_.pass(1min);
    {
        auto recorder = must(Recorder::create(store_, "a"));
        Camera source{*recorder, clock_};
        must(source.begin());
        must(source.send(60, 0));
        must(recorder->stop());
    }
    EXPECT_THAT(gaps_of(*store_, "a"), ElementsAre("12:02:00Z-12:03:00Z stop", "12:04:00Z- stop"));
    const auto keep = [&](Micros age) {
        return RetentionPlan{.cameras = {}, .others = {age, {}}, .total_bytes = {}};
    };
    sweep_all(keep(150s));
    EXPECT_THAT(gaps_of(*store_, "a"),
                ElementsAre("12:00:00Z-12:01:00Z policy", "12:02:00Z-12:03:00Z stop", "12:04:00Z- stop"));
    EXPECT_EQ(must(store_->gaps("a", at("2026-03-01T12:00:30Z"), at("2026-03-01T12:00:40Z"))).front().detail,
              "deleted by retention");
    sweep_all(keep(0s));
    EXPECT_THAT(gaps_of(*store_, "a"), ElementsAre("12:00:00Z-12:04:00Z policy", "12:04:00Z- stop"));
    EXPECT_THAT(must(store_->days("a")), IsEmpty());
    EXPECT_TRUE(no_folders(store_->recordings()));  // the folders are gone too
}

TEST_F(RetentionTest, WorksInBatches) {
    record_minutes("a", 10);
    const RetentionPlan none{.cameras = {}, .others = {.age = 0s, .bytes = {}}, .total_bytes = {}};
    const auto first = must(sweep(*store_, none, clock_.wall(), 4));
    EXPECT_EQ(first.segments, 4);
    EXPECT_TRUE(first.more);
    EXPECT_EQ(segments("a"), 6u);
    EXPECT_EQ(sweep_all(none, 4).segments, 6);
}

TEST_F(RetentionTest, ADeletionThatWasInterruptedIsCompletedAtTheNextStart) {
    record_minutes("a", 3);
    const auto all = must(store_->segments("a", at("2026-03-01T12:00:00Z"), at("2026-03-01T13:00:00Z")));
    must(store_->catalogue().expire({all[0], all[1]}, store_->clock().wall()));
    fs::remove(store_->recordings() / "2026-03-01/12/a/00.00.000.mp4");  // it came as far as this
    EXPECT_EQ(files(), 2u);
    store_.reset();
    store_ = must(Store::open(folder_.path() / "data", clock_));
    EXPECT_EQ(store_->recovered().removed, 2);
    EXPECT_EQ(files(), 1u);
    EXPECT_THAT(must(store_->catalogue().garbage(kOwnDisk, 10)), IsEmpty());
    EXPECT_EQ(segments("a"), 1u);
}

TEST_F(RetentionTest, AnOpenFileCanBeReadToItsEnd) {
    record_minutes("a", 1);
    const auto id =
        must(store_->segments("a", at("2026-03-01T12:00:00Z"), at("2026-03-01T12:01:00Z"))).front().id;
    const auto file = must(store_->open_segment(id));
    sweep_all({.cameras = {}, .others = {.age = 0s, .bytes = {}}, .total_bytes = {}});
    EXPECT_EQ(must(Store::fragments(file)).size(), 60u);
    EXPECT_EQ(store_->open_segment(id).error().kind, ErrorKind::not_found);
}

// Under TSan this also shows that the three do not race.
TEST_F(RetentionTest, RecordingDeletingAndAskingAtOnce) {
    const RetentionPlan plan{
        .cameras = {}, .others = {.age = {}, .bytes = 2 * kSegmentBytes}, .total_bytes = {}};
    const auto recorder = must(Recorder::create(store_, "a"));
    std::atomic<bool> done = false;
    std::jthread janitor{[&] {
        while (!done) must(sweep(*store_, plan, at("2026-03-01T12:00:00Z"), 2));
    }};
    std::jthread viewer{[&] {
        while (!done) {
            must(store_->days("a"));
            const auto found =
                must(store_->segments("a", at("2026-03-01T00:00:00Z"), at("2026-03-02T00:00:00Z")));
            for (std::size_t i = 1; i < found.size(); ++i) EXPECT_GE(found[i].start, found[i - 1].end);
        }
    }};
    Camera source{*recorder, clock_};
    must(source.begin());
    must(source.send(10 * 60, 0));
    done = true;
    janitor.join();
    must(recorder->stop());
    sweep_all(plan);
    EXPECT_EQ(segments("a"), 2u);
    EXPECT_EQ(files(), 2u);
}

}  // namespace
}  // namespace passerby::store
