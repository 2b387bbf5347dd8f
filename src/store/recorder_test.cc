#include "store/recorder.h"

#include <fstream>

#include "store/paths.h"
#include "store/test_world.h"

namespace passerby::store {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kId = "entrance";

class RecorderTest : public ::testing::Test {
  protected:
    void start_recorder() { recorder_ = must(Recorder::create(store_, kId)); }
    Camera camera() {
        start_recorder();
        return Camera{*recorder_, clock_};
    }

    TempFolder folder_;
    FakeClock clock_{at("2026-03-01T12:00:00Z")};
    std::shared_ptr<Store> store_ = must(Store::open(folder_.path() / "data", clock_));
    std::unique_ptr<Recorder> recorder_;
};

TEST_F(RecorderTest, CutsAtTheMinuteAndNamesFilesByTheirStart) {
    auto camera = this->camera();
    clock_.pass(50s + 250ms);
    must(camera.begin());
    must(camera.send(25, 0.5));
    must(recorder_->stop());

    // The first keyframe after 12:01:00 is at 12:01:00.25.
    EXPECT_THAT(segments_of(*store_, kId),
                ElementsAre("12:00:50.250000Z-12:01:00.250000Z", "12:01:00.250000Z-12:01:15.250000Z"));
    EXPECT_THAT(gaps_of(*store_, kId),
                ElementsAre("12:00:00Z-12:00:50.250000Z camera", "12:01:15.250000Z- stop"));
    const auto recordings = folder_.path() / "data/recordings";
    EXPECT_EQ(std::filesystem::file_size(recordings / "2026-03-01/12/entrance/00.50.250.mp4"),
              kInitBytes + 10 * kStoredFragment);
    EXPECT_EQ(std::filesystem::file_size(recordings / "2026-03-01/12/entrance/01.00.250.mp4"),
              kInitBytes + 15 * kStoredFragment);
}

TEST_F(RecorderTest, DescribesWhatItRecorded) {
    auto camera = this->camera();
    must(camera.begin());
    must(camera.send(0.0));
    camera.length = 3s;
    camera.kept = 7;
    must(camera.send(1.0));
    must(recorder_->stop());

    const auto found = must(store_->segments(kId, at("2026-03-01T12:00:00Z"), at("2026-03-01T12:00:01Z")));
    ASSERT_EQ(found.size(), 1u);
    const auto& s = found.front();
    EXPECT_EQ(s.camera, kId);
    EXPECT_EQ(s.frames, 20);
    EXPECT_EQ(s.kept, 7);
    EXPECT_DOUBLE_EQ(s.covered, 0.75);  // one second of 0, three of 1
    EXPECT_EQ(s.media_duration, 4s);
    EXPECT_EQ(s.init_bytes, kInitBytes);
    EXPECT_EQ(s.bytes, kInitBytes + 2 * kStoredFragment);
    EXPECT_EQ(s.size, (image::Size{640, 360}));
    EXPECT_EQ(s.codec, "avc1.64001f");
    EXPECT_TRUE(s.finished);

    const auto file = must(store_->open_segment(s.id));
    const auto fragments = must(Store::fragments(file));
    ASSERT_EQ(fragments.size(), 2u);
    EXPECT_EQ(fragments[1].offset, kInitBytes + kStoredFragment + 72);
    EXPECT_EQ(fragments[1].bytes, kFragmentBytes);
    EXPECT_EQ(fragments[1].start, 1s);
    EXPECT_EQ(fragments[1].duration, 3s);
    EXPECT_TRUE(fragments[0].keyframe);
    EXPECT_FALSE(fragments[1].keyframe);
}

TEST_F(RecorderTest, ListsTheOpenSegmentUpToTheLastSync) {
    auto camera = this->camera();
    camera.length = 250ms;
    must(camera.begin());
    must(camera.send());
    EXPECT_THAT(segments_of(*store_, kId), ElementsAre("12:00:00Z-12:00:00.250000Z open"));
    must(camera.send());  // a quarter of a second is not synced now, half a second may be lost
    EXPECT_THAT(segments_of(*store_, kId), ElementsAre("12:00:00Z-12:00:00.250000Z open"));
    must(camera.send());
    EXPECT_THAT(segments_of(*store_, kId), ElementsAre("12:00:00Z-12:00:00.750000Z open"));

    const auto open =
        must(store_->segments(kId, at("2026-03-01T12:00:00Z"), at("2026-03-01T13:00:00Z"))).front();
    EXPECT_EQ(must(Store::fragments(must(store_->open_segment(open.id)))).size(), 3u);
    must(recorder_->stop());
    EXPECT_EQ(must(store_->segment(open.id)).finished, true);
    EXPECT_EQ(must(store_->days(kId)), std::vector<std::string>{"2026-03-01"});
}

TEST_F(RecorderTest, NotesEachCauseOfAGap) {
    auto camera = this->camera();
    must(camera.begin());
    must(camera.send(4, 0));
    must(recorder_->gap(GapCause::camera, "connection refused"));
    clock_.pass(10s);
    must(recorder_->gap(GapCause::camera, "still refused"));
    clock_.pass(10s);
    must(recorder_->gap(GapCause::decoder, "it did not decode"));
    clock_.pass(6s);
    must(camera.begin());
    must(camera.send(2, 0));
    must(recorder_->stop());
    clock_.pass(60s);
    recorder_.reset();

    auto again = this->camera();
    must(again.begin());
    must(again.send());
    must(recorder_->stop());
    EXPECT_THAT(segments_of(*store_, kId),
                ElementsAre("12:00:00Z-12:00:04Z", "12:00:30Z-12:00:32Z", "12:01:32Z-12:01:33Z"));
    EXPECT_THAT(gaps_of(*store_, kId),
                ElementsAre("12:00:04Z-12:00:24Z camera", "12:00:24Z-12:00:30Z decoder",
                            "12:00:32Z-12:01:32Z stop", "12:01:33Z- stop"));
    EXPECT_EQ(must(store_->gaps(kId, at("2026-03-01T12:00:04Z"), at("2026-03-01T12:00:05Z"))).front().detail,
              "connection refused");
}

TEST_F(RecorderTest, WaitsForAKeyframe) {
    auto camera = this->camera();
    must(camera.begin());
    must(camera.send());
    must(recorder_->gap(GapCause::camera, "lost"));
    must(camera.send());  // not a keyframe: of no use to a player
    must(camera.send());
    must(recorder_->stop());
    EXPECT_THAT(segments_of(*store_, kId), ElementsAre("12:00:00Z-12:00:01Z", "12:00:02Z-12:00:03Z"));
    EXPECT_THAT(gaps_of(*store_, kId), ElementsAre("12:00:01Z-12:00:02Z camera", "12:00:03Z- stop"));
}

TEST_F(RecorderTest, ANewInitSectionBeginsANewFileWithoutAGap) {
    auto camera = this->camera();
    must(camera.begin());
    must(camera.send(2, 0));
    clock_.pass(300ms);
    must(camera.begin());
    must(camera.send(2, 0));
    must(recorder_->stop());
    EXPECT_EQ(segments_of(*store_, kId).size(), 2u);
    EXPECT_THAT(gaps_of(*store_, kId), ElementsAre(HasSubstr("stop")));
}

TEST_F(RecorderTest, AStreamThatStartsAnewLateLeavesAGap) {
    auto camera = this->camera();
    must(camera.begin());
    must(camera.send(2, 0));
    must(camera.begin());
    clock_.pass(3s);
    must(camera.send(2, 0));
    must(recorder_->stop());
    EXPECT_THAT(gaps_of(*store_, kId), ElementsAre("12:00:02Z-12:00:05Z camera", "12:00:07Z- stop"));
}

TEST_F(RecorderTest, MediaTimeThatJumpsIsAGap) {
    auto camera = this->camera();
    must(camera.begin());
    must(camera.send(2, 0));
    camera.media += 7s;
    clock_.pass(7s);
    must(camera.send(2, 0));
    camera.media -= 5s;
    must(camera.send(2, 0));  // back: at the wall clock again, nothing is missing
    must(recorder_->stop());
    EXPECT_THAT(segments_of(*store_, kId),
                ElementsAre("12:00:00Z-12:00:02Z", "12:00:09Z-12:00:11Z", "12:00:11Z-12:00:13Z"));
    EXPECT_THAT(gaps_of(*store_, kId), ElementsAre("12:00:02Z-12:00:09Z decoder", "12:00:13Z- stop"));
}

TEST_F(RecorderTest, AClockSetAheadIsAGap) {
    auto camera = this->camera();
    must(camera.begin());
    must(camera.send(3, 0));
    clock_.set_wall(at("2026-03-01T13:00:00Z"));
    must(camera.send(3, 0));  // the first is no keyframe and still belongs to the old time
    must(recorder_->stop());
    EXPECT_THAT(segments_of(*store_, kId), ElementsAre("12:00:00Z-12:00:04.004000Z", "13:00:01Z-13:00:03Z"));
    EXPECT_THAT(gaps_of(*store_, kId), ElementsAre("12:00:04.004000Z-13:00:01Z clock", "13:00:03Z- stop"));
}

TEST_F(RecorderTest, AClockSetBackNeverMakesSegmentsOverlap) {
    auto camera = this->camera();
    must(camera.begin());
    must(camera.send(10, 0));
    clock_.set_wall(at("2026-03-01T11:00:00Z"));
    must(camera.send(120, 0));
    must(recorder_->gap(GapCause::camera, "lost"));
    must(camera.begin());
    camera.restart_at_keyframe();
    must(camera.send(2, 0));
    must(recorder_->stop());

    const auto found = must(store_->segments(kId, at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")));
    ASSERT_EQ(found.size(), 4u);
    for (std::size_t i = 1; i < found.size(); ++i) EXPECT_EQ(found[i].start, found[i - 1].end);
    // How wrong the times are is on record.
    EXPECT_EQ(found[0].clock_error, 0s);
    EXPECT_NEAR(static_cast<double>(found[2].clock_error.count()), 3'610e6, 1e6);
    EXPECT_THAT(gaps_of(*store_, kId), ElementsAre(HasSubstr("stop")));
}

TEST_F(RecorderTest, WorksOffTheDriftOfACamera) {
    auto camera = this->camera();
    must(camera.begin());
    for (int i = 0; i < 3600; ++i) {
        must(camera.send());
        clock_.pass(500us);  // its clock is 500 ppm slow
    }
    must(recorder_->stop());
    const auto found = must(store_->segments(kId, at("2026-03-01T12:00:00Z"), at("2026-03-01T14:00:00Z")));
    ASSERT_GE(found.size(), 60u);
    for (const auto& s : found) EXPECT_LE(std::chrono::abs(s.clock_error), 60ms) << to_iso8601(s.start);
    EXPECT_THAT(gaps_of(*store_, kId), ElementsAre(HasSubstr("stop")));
}

TEST_F(RecorderTest, RefusesWhatCannotBe) {
    EXPECT_EQ(Recorder::create(store_, "../etc").error().kind, ErrorKind::invalid);
    start_recorder();
    EXPECT_EQ(Recorder::create(store_, kId).error().kind, ErrorKind::exists);
    const auto bytes = boxes("moof", "mdat", 10);
    EXPECT_EQ(recorder_->add({.bytes = bytes, .keyframe = true}, clock_.wall()).error().kind,
              ErrorKind::invalid);
    must(recorder_->begin(init_section(), {640, 360}, "avc1.64001f"));
    EXPECT_EQ(recorder_->add({.bytes = bytes, .duration = -1s, .keyframe = true}, clock_.wall()).error().kind,
              ErrorKind::invalid);
    EXPECT_EQ(recorder_->begin({}, {640, 360}, "").error().kind, ErrorKind::invalid);
    EXPECT_THAT(segments_of(*store_, kId), IsEmpty());
}

TEST_F(RecorderTest, CamerasDoNotDisturbEachOther) {
    auto one = must(Recorder::create(store_, "one"));
    auto two = must(Recorder::create(store_, "two"));
    Camera first{*one, clock_}, second{*two, clock_};
    must(first.begin());
    must(second.begin());
    must(first.send(3, 0));
    must(second.send(3, 0));
    must(one->stop());
    must(two->stop());
    EXPECT_THAT(segments_of(*store_, "one"), ElementsAre("12:00:00Z-12:00:03Z"));
    EXPECT_THAT(segments_of(*store_, "two"), ElementsAre("12:00:03Z-12:00:06Z"));
    EXPECT_EQ(must(store_->bytes_used("one")), kInitBytes + 3 * kStoredFragment);
    EXPECT_EQ(must(store_->bytes_used()), 2 * (kInitBytes + 3 * kStoredFragment));
}

}  // namespace
}  // namespace passerby::store
