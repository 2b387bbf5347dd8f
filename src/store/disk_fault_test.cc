// The disk fails under a recorder: what was synced is kept, what is missing is a gap, and recording resumes
// by itself.
#include "store/catalogue.h"
#include "store/recorder.h"
#include "store/sql.h"
#include "store/test_world.h"

namespace passerby::store {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// What the disk will do; shared by all its files.
struct Disk {
    int appends_left = 1 << 20;  // then they fail
    int syncs_left = 1 << 20;    // then one fails
    bool creates = true;
    int syncs_after_failure = 0;
};

class FailingFile final : public FileSink {
  public:
    FailingFile(std::unique_ptr<FileSink> file, Disk& disk) : file_{std::move(file)}, disk_{disk} {}
    Status append(std::span<const std::byte> bytes) override {
        if (disk_.appends_left-- > 0) return file_->append(bytes);
        // As a full disk does: a part of it is written.
        static_cast<void>(file_->append(bytes.first(bytes.size() / 2)));
        return fail(ErrorKind::full, "no space left");
    }
    Status sync() override {
        if (failed_) ++disk_.syncs_after_failure;
        failed_ = failed_ || disk_.syncs_left-- == 0;
        return failed_ ? Status{fail(ErrorKind::unavailable, "input/output error")} : file_->sync();
    }
    Status truncate(std::uint64_t bytes) override { return file_->truncate(bytes); }

  private:
    std::unique_ptr<FileSink> file_;
    Disk& disk_;
    bool failed_ = false;
};

class DiskFaultTest : public ::testing::Test {
  protected:
    Result<std::unique_ptr<FileSink>> create(const std::filesystem::path& path) {
        if (!disk_.creates) return fail(ErrorKind::full, "no space left");
        return std::make_unique<FailingFile>(must(create_file_sink(path)), disk_);
    }
    // Every listed segment can be read to its end.
    void expect_all_readable() const {
        for (const auto& s : must(store_->segments(kId, {Micros{0}}, {Micros::max() / 2})))
            EXPECT_TRUE(Store::fragments(must(store_->open_segment(s.id)))) << to_iso8601(s.start);
    }

    static inline const std::string kId = "yard";
    Disk disk_;
    TempFolder folder_;
    FakeClock clock_{at("2026-03-01T12:00:00Z")};
    std::shared_ptr<Store> store_ =
        must(Store::open(folder_.path() / "data", clock_, [this](const auto& path) { return create(path); }));
    std::unique_ptr<Recorder> recorder_ = must(Recorder::create(store_, kId));
    Camera camera_{*recorder_, clock_};
};

TEST_F(DiskFaultTest, AFailedSyncCostsWhatWasNotSyncedAndIsNeverTriedAgain) {
    camera_.length = 250ms;
    must(camera_.begin());
    must(camera_.send(3, 0));  // synced after the first and the third
    disk_.syncs_left = 0;
    must(camera_.send());
    EXPECT_THAT(camera_.send().error().message, HasSubstr("input/output error"));
    EXPECT_EQ(disk_.syncs_after_failure, 0);
    disk_.syncs_left = 1 << 20;
    must(camera_.send(3, 0));
    must(recorder_->stop());
    EXPECT_THAT(segments_of(*store_, kId),
                ElementsAre("12:00:00Z-12:00:00.750000Z", "12:00:01.500000Z-12:00:02Z"));
    EXPECT_THAT(gaps_of(*store_, kId),
                ElementsAre("12:00:00.750000Z-12:00:01.500000Z disk", "12:00:02Z- stop"));
    expect_all_readable();
}

TEST_F(DiskFaultTest, AFailedWriteKeepsTheWholeFragmentsBefore) {
    must(camera_.begin());
    must(camera_.send(4, 0));
    disk_.appends_left = 1;  // the index box fits, the fragment does not
    EXPECT_EQ(camera_.send().error().kind, ErrorKind::full);
    disk_.appends_left = 1 << 20;
    must(camera_.send(1, 0));
    must(camera_.send(2, 0));
    must(recorder_->stop());
    EXPECT_THAT(segments_of(*store_, kId), ElementsAre("12:00:00Z-12:00:04Z", "12:00:06Z-12:00:08Z"));
    EXPECT_THAT(gaps_of(*store_, kId), ElementsAre("12:00:04Z-12:00:06Z disk", "12:00:08Z- stop"));
    expect_all_readable();
}

TEST_F(DiskFaultTest, AFullDiskIsOneGapAndRecordingResumes) {
    must(camera_.begin());
    disk_.creates = false;
    for (int i = 0; i < 10; ++i) static_cast<void>(camera_.send());
    disk_.creates = true;
    disk_.appends_left = 0;  // now the file can be made, but not filled
    for (int i = 0; i < 10; ++i) static_cast<void>(camera_.send());
    disk_.appends_left = 1 << 20;
    must(camera_.send(4, 0));
    must(recorder_->stop());
    EXPECT_THAT(segments_of(*store_, kId), ElementsAre("12:00:20Z-12:00:24Z"));
    EXPECT_THAT(gaps_of(*store_, kId), ElementsAre("12:00:00Z-12:00:20Z disk", "12:00:24Z- stop"));
    expect_all_readable();
}

TEST_F(DiskFaultTest, TheFirstSyncFailing) {
    must(camera_.begin());
    disk_.syncs_left = 0;
    EXPECT_FALSE(camera_.send());
    must(recorder_->stop());
    EXPECT_THAT(gaps_of(*store_, kId), ElementsAre("12:00:00Z-12:00:01Z disk", "12:00:01Z- stop"));
    // Its file is given up, and goes with the next start.
    recorder_.reset();
    store_.reset();
    store_ = must(Store::open(folder_.path() / "data", clock_));
    EXPECT_EQ(store_->recovered().removed, 1);
    EXPECT_TRUE(no_folders(folder_.path() / "data/recordings"));
}

TEST_F(DiskFaultTest, TheLastSyncFailing) {
    camera_.length = 250ms;
    must(camera_.begin());
    must(camera_.send(2, 0));
    disk_.syncs_left = 0;
    EXPECT_FALSE(recorder_->stop());
    EXPECT_THAT(segments_of(*store_, kId), ElementsAre("12:00:00Z-12:00:00.250000Z"));
    EXPECT_THAT(gaps_of(*store_, kId),
                ElementsAre("12:00:00.250000Z-12:00:00.500000Z disk", "12:00:00.500000Z- stop"));
}

TEST_F(DiskFaultTest, ACatalogueThatCannotBeWrittenLearnsEverythingLater) {
    const auto sql = [&](const char* text) {
        must(store_->catalogue().changes().run([&](SQLite::Database& db) { db.exec(text); }));
    };
    must(camera_.begin());
    must(camera_.send(59, 0));
    sql("CREATE TEMP TRIGGER full BEFORE INSERT ON segment BEGIN SELECT RAISE(ABORT, 'full'); END");
    must(camera_.send(1, 0));
    for (int i = 0; i < 10; ++i) static_cast<void>(camera_.send());  // the minute is over
    EXPECT_FALSE(recorder_->gap(GapCause::camera, "lost"));
    EXPECT_THAT(segments_of(*store_, kId), ElementsAre("12:00:00Z-12:01:00Z open"));  // it can still be seen
    EXPECT_THAT(gaps_of(*store_, kId), ElementsAre("12:01:00Z-12:01:10Z disk", "12:01:10Z- camera"))
        << "and so can what is missing";
    clock_.pass(10s);
    sql("DROP TRIGGER full");
    camera_.restart_at_keyframe();
    must(camera_.send(2, 0));
    must(recorder_->stop());
    EXPECT_THAT(segments_of(*store_, kId), ElementsAre("12:00:00Z-12:01:00Z", "12:01:20Z-12:01:22Z"));
    EXPECT_THAT(gaps_of(*store_, kId),
                ElementsAre("12:01:00Z-12:01:10Z disk", "12:01:10Z-12:01:20Z camera", "12:01:22Z- stop"));
    expect_all_readable();
}

}  // namespace
}  // namespace passerby::store
