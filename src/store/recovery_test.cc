// A recorder that ends without stopping, and what is found at the next start.
#include <fstream>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/catalogue.h"
#include "store/paths.h"
#include "store/recorder.h"
#include "store/test_world.h"

namespace passerby::store {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace fs = std::filesystem;

class RecoveryTest : public ::testing::Test {
  protected:
    void open() { store_ = must(Store::open(folder_.path() / "data", clock_)); }
    // Records so many seconds from 12:00:00 on, and goes without a word.
    void record_and_crash(int fragments) {
        open();
        {
            auto recorder = must(Recorder::create(store_, kId));
            Camera camera{*recorder, clock_};
            must(camera.begin());
            must(camera.send(fragments, 0.5));
        }
        store_.reset();
    }
    fs::path file() const { return folder_.path() / "data/recordings/2026-03-01/12/gate/00.00.000.mp4"; }
    void write_into_file(std::uint64_t at, std::string_view text) {
        std::fstream f{file(), std::ios::in | std::ios::out | std::ios::binary};
        f.seekp(static_cast<std::streamoff>(at));
        f << text;
    }

    static inline const std::string kId = "gate";
    TempFolder folder_;
    FakeClock clock_{at("2026-03-01T12:00:00Z")};
    std::shared_ptr<Store> store_;
};

TEST_F(RecoveryTest, TheOpenSegmentIsEnteredAndTheRestIsAGap) {
    record_and_crash(8);
    clock_.pass(30s);
    open();
    EXPECT_EQ(store_->recovered().segments, 1);
    EXPECT_EQ(store_->recovered().bytes_cut, 0u);
    EXPECT_THAT(segments_of(*store_, kId), ElementsAre("12:00:00Z-12:00:08Z"));
    EXPECT_THAT(gaps_of(*store_, kId), ElementsAre("12:00:08Z- crash"));
    const auto s = must(store_->segments(kId, clock_.wall() - 60s, clock_.wall())).front();
    EXPECT_EQ(s.frames, 80);
    EXPECT_DOUBLE_EQ(s.covered, 0.5);
    EXPECT_EQ(s.bytes, fs::file_size(file()));

    auto recorder = must(Recorder::create(store_, kId));
    Camera camera{*recorder, clock_};
    must(camera.begin());
    must(camera.send());
    must(recorder->stop());
    EXPECT_THAT(gaps_of(*store_, kId), ElementsAre("12:00:08Z-12:00:38Z crash", "12:00:39Z- stop"));
}

TEST_F(RecoveryTest, ATornEndIsCutAtEveryLength) {
    // Whatever part of the last fragment and its index box reached the disk, the fragments before it are
    // found.
    for (std::uint64_t lost = 1; lost <= kStoredFragment; lost += 101) {
        clock_.set_wall(at("2026-03-01T12:00:00Z"));
        record_and_crash(4);
        fs::resize_file(file(), kInitBytes + 4 * kStoredFragment - lost);
        open();
        EXPECT_THAT(segments_of(*store_, kId), ElementsAre("12:00:00Z-12:00:03Z")) << lost;
        EXPECT_THAT(gaps_of(*store_, kId), ElementsAre("12:00:03Z- crash")) << lost;
        EXPECT_EQ(store_->recovered().bytes_cut, kStoredFragment - lost);
        EXPECT_EQ(fs::file_size(file()), kInitBytes + 3 * kStoredFragment);
        store_.reset();
        fs::remove_all(folder_.path() / "data");
    }
}

TEST_F(RecoveryTest, BlocksThatWereNeverWrittenAreNotTakenForPictures) {
    record_and_crash(4);
    // The length is right, but in the third fragment there are zeros: the fourth cannot be trusted to follow
    // it.
    write_into_file(kInitBytes + 2 * kStoredFragment + 200, std::string(50, '\0'));
    open();
    EXPECT_THAT(segments_of(*store_, kId), ElementsAre("12:00:00Z-12:00:02Z"));
    EXPECT_EQ(store_->recovered().bytes_cut, 2 * kStoredFragment);
}

TEST_F(RecoveryTest, AFileWithoutAWholeFragmentGoes) {
    record_and_crash(1);
    fs::resize_file(file(), kInitBytes + 100);
    clock_.pass(5s);
    open();
    EXPECT_EQ(store_->recovered().segments, 0);
    EXPECT_EQ(store_->recovered().removed, 1);
    EXPECT_THAT(segments_of(*store_, kId), IsEmpty());
    EXPECT_FALSE(fs::exists(file()));
    EXPECT_THAT(gaps_of(*store_, kId),
                IsEmpty());  // it was never recorded: nothing is missing from the middle
}

TEST_F(RecoveryTest, ACrashBetweenTheRowAndTheFile) {
    record_and_crash(1);
    fs::remove(file());
    open();
    EXPECT_THAT(segments_of(*store_, kId), IsEmpty());
    EXPECT_THAT(must(store_->catalogue().writing()), IsEmpty());
}

TEST_F(RecoveryTest, ARowThatLeadsOutOfTheFolderLeadsNowhere) {
    record_and_crash(1);
    // Where a camera of that name would have its file.
    const auto outside = folder_.path() / "00.00.000.mp4";
    std::ofstream{outside} << "mine";
    for (const char* sql :
         {"INSERT INTO garbage (id, camera, start) SELECT 99, '../../../..', start FROM writing",
          "UPDATE writing SET camera = '../../../..'"}) {
        SQLite::Database db{(folder_.path() / "data/catalogue.sqlite").string(), SQLite::OPEN_READWRITE};
        ASSERT_EQ(db.exec(sql), 1);
    }
    ASSERT_TRUE(fs::exists(file().parent_path().parent_path() / "../../../../00.00.000.mp4"));
    open();
    EXPECT_EQ(fs::file_size(outside), 4u);
}

TEST_F(RecoveryTest, TheDaysOfARowWithImpossibleTimesAreFew) {
    record_and_crash(3);
    open();
    for (const char* sql :
         {"UPDATE segment SET end = 9223372036854775807", "UPDATE segment SET start = -9223372036854775807",
          "UPDATE segment SET start = 1772366400000000, end = 0"}) {
        SQLite::Database db{(folder_.path() / "data/catalogue.sqlite").string(), SQLite::OPEN_READWRITE};
        db.exec("PRAGMA ignore_check_constraints = ON");
        ASSERT_EQ(db.exec(sql), 1);
        EXPECT_LE(must(store_->days(kId)).size(), 2u) << sql;
    }
}

TEST_F(RecoveryTest, RunsAgainWhenItIsInterrupted) {
    record_and_crash(4);
    fs::resize_file(file(), kInitBytes + 3 * kStoredFragment + 10);
    const auto before = folder_.path() / "before";
    fs::copy(folder_.path() / "data", before, fs::copy_options::recursive);
    open();
    store_.reset();
    // The file was cut, but the catalogue is still the one from before.
    for (const auto& entry : fs::directory_iterator{before})
        if (entry.is_regular_file())
            fs::copy_file(entry, folder_.path() / "data" / entry.path().filename(),
                          fs::copy_options::overwrite_existing);
    open();
    EXPECT_THAT(segments_of(*store_, kId), ElementsAre("12:00:00Z-12:00:03Z"));
    EXPECT_THAT(gaps_of(*store_, kId), ElementsAre("12:00:03Z- crash"));
}

TEST_F(RecoveryTest, ARecorderThatFollowsInTheSameProcessRecoversToo) {
    open();
    {
        auto lost = must(Recorder::create(store_, kId));
        Camera camera{*lost, clock_};
        must(camera.begin());
        must(camera.send(5, 0));
    }
    clock_.pass(5s);
    auto recorder = must(Recorder::create(store_, kId));
    Camera camera{*recorder, clock_};
    must(camera.begin());
    must(camera.send(2, 0));
    must(recorder->stop());
    EXPECT_THAT(segments_of(*store_, kId), ElementsAre("12:00:00Z-12:00:05Z", "12:00:10Z-12:00:12Z"));
    EXPECT_THAT(gaps_of(*store_, kId), ElementsAre("12:00:05Z-12:00:10Z crash", "12:00:12Z- stop"));
}

TEST_F(RecoveryTest, AGapThatWasOpenGoesOn) {
    open();
    {
        auto recorder = must(Recorder::create(store_, kId));
        Camera camera{*recorder, clock_};
        must(camera.begin());
        must(camera.send(5, 0));
        must(recorder->gap(GapCause::camera, "lost"));
    }
    store_.reset();
    open();
    EXPECT_THAT(gaps_of(*store_, kId), ElementsAre("12:00:05Z- camera"));
}

TEST_F(RecoveryTest, NothingThatWasAcknowledgedIsLostToASigkill) {
    int acknowledged = 0;
    for (int round = 0; round < 8; ++round) {
        int pipe[2];
        ASSERT_EQ(::pipe(pipe), 0);
        const auto child = ::fork();
        if (child == 0) {
            open();
            auto recorder = must(Recorder::create(store_, kId));
            Camera camera{*recorder, clock_};
            must(camera.begin());
            for (char one = 1;; must(camera.send()))
                if (::write(pipe[1], &one, 1) != 1) ::_exit(1);
        }
        ::close(pipe[1]);
        char one = 0;
        for (int i = 0; i <= 30 * round; ++i, ++acknowledged) ASSERT_EQ(::read(pipe[0], &one, 1), 1);
        --acknowledged;  // the first byte comes before the first fragment
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        ::close(pipe[0]);
        clock_.pass(1h);
    }
    open();
    int frames = 0;
    for (const auto& s : must(store_->segments(kId, {Micros{0}}, {Micros::max()}))) {
        frames += s.frames;
        EXPECT_TRUE(Store::fragments(must(store_->open_segment(s.id)))) << to_iso8601(s.start);
    }
    EXPECT_GE(frames, 10 * acknowledged);
}

}  // namespace
}  // namespace passerby::store
