// Cameras on disks of their own: one that vanishes, one that comes back, one that is full, another
// recorder's.
#include "store/disks.h"

#include <fstream>

#include "store/catalogue.h"
#include "store/check.h"
#include "store/recorder.h"
#include "store/retention.h"
#include "store/schema.h"
#include "store/sealed.h"
#include "store/sql.h"
#include "store/test_world.h"

namespace passerby::store {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace fs = std::filesystem;

class DisksTest : public ::testing::Test {
  protected:
    DisksTest() { fs::create_directory(big()); }

    fs::path data() const { return folder_.path() / "data"; }
    fs::path big() const { return folder_.path() / "big"; }
    fs::path away() const { return folder_.path() / "away"; }
    Result<std::shared_ptr<Store>> open(const DiskPlan& plan) {
        store_.reset();
        return Store::open(data(), clock_, create_file_sink, plan);
    }
    DiskPlan plan() const { return {.folders = {{"big", big()}}, .of_camera = {{"yard", "big"}}}; }
    void start() { store_ = must(open(plan())); }

    // As unmounting does: the mount point is there, and nothing on it.
    void unmount() {
        fs::rename(big(), away());
        fs::create_directory(big());
    }
    void mount() {
        fs::remove(big());
        fs::rename(away(), big());
    }
    static std::size_t files_below(const fs::path& folder) {
        const auto all = fs::recursive_directory_iterator{folder};
        return static_cast<std::size_t>(std::count_if(
            begin(all), end(all), [](const auto& e) { return e.path().extension() == ".mp4"; }));
    }
    void record(const std::string& camera, int minutes) {
        auto recorder = must(Recorder::create(store_, camera));
        Camera source{*recorder, clock_};
        must(source.begin());
        must(source.send(60 * minutes, 0.25));
        must(recorder->stop());
    }
    std::vector<std::string> findings(Depth depth = Depth::bytes) {
        std::vector<std::string> found;
        for (const auto& f : must(check(data(), depth, [](auto, auto) {})).findings)
            found.push_back(f.where + ": " + f.what);
        return found;
    }

    TempFolder folder_;
    FakeClock clock_{at("2026-03-01T12:00:00Z")};
    std::shared_ptr<Store> store_;
};

TEST_F(DisksTest, EachCameraRecordsToItsDisk) {
    start();
    record("yard", 2);
    record("gate", 1);
    EXPECT_EQ(files_below(big()), 2u);
    EXPECT_EQ(files_below(data()), 1u);
    for (const auto& s : must(store_->segments("yard", {}, {Micros::max() / 2})))
        EXPECT_EQ(must(Store::fragments(must(store_->open_segment(s.id)))).size(), 60u);
    EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(DisksTest, APowerCutWhileADiskIsMarkedKeepsNobodyOut) {
    // Marking fails half-way: the catalogue knows the disk, and it bears no mark.
    const auto in_the_way = big() / (std::string{DiskMark::kName} + ".tmp");
    fs::create_directory(in_the_way);
    EXPECT_FALSE(open(plan()));
    EXPECT_FALSE(fs::exists(big() / DiskMark::kName));
    fs::remove(in_the_way);
    start();
    record("yard", 1);
    start();
    EXPECT_EQ(files_below(big()), 1u);
    EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(DisksTest, WhatWasRecordedBeforeACameraMovedStaysWhereItIs) {
    start();
    record("yard", 1);
    // The config names neither the disk nor its camera any more.
    store_ = must(open({}));
    record("yard", 1);
    EXPECT_EQ(files_below(big()), 1u);
    EXPECT_EQ(files_below(data()), 1u);
    const auto all = must(store_->segments("yard", {}, {Micros::max() / 2}));
    ASSERT_THAT(all, SizeIs(2));
    for (const auto& s : all) EXPECT_TRUE(store_->open_segment(s.id));
    EXPECT_THAT(findings(), IsEmpty());
    // Retention reaches both.
    clock_.pass(1h);
    EXPECT_EQ(must(sweep(*store_,
                         {.cameras = {{"yard", {.age = 1min, .bytes = {}}}}, .others = {}, .total_bytes = {}},
                         clock_.wall()))
                  .segments,
              2);
    EXPECT_EQ(files_below(big()) + files_below(data()), 0u);
}

TEST_F(DisksTest, OneThatVanishesIsAGapOfItsCamerasAlone) {
    start();
    auto yard = must(Recorder::create(store_, "yard")), gate = must(Recorder::create(store_, "gate"));
    Camera yard_source{*yard, clock_}, gate_source{*gate, clock_};
    must(yard_source.begin());
    must(gate_source.begin());
    must(yard_source.send(10, 0.25));
    must(yard->gap(GapCause::camera, "away"));  // its file is closed: that is not what is looked at here
    unmount();
    yard_source.restart_at_keyframe();
    const auto refused = yard_source.send();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
    EXPECT_FALSE(yard_source.send(5, 0.25));
    EXPECT_THAT(fs::directory_iterator{big()},
                ::testing::Eq(fs::directory_iterator{}));  // nothing is written there
    EXPECT_THAT(must(store_->catalogue().garbage(kOwnDisk + 1, 10)), IsEmpty());
    must(gate_source.send(5, 0.25));
    mount();
    yard_source.restart_at_keyframe();
    must(yard_source.send(10, 0.25));
    must(yard->stop());
    must(gate->stop());
    const auto gaps = gaps_of(*store_, "yard");
    ASSERT_THAT(gaps, SizeIs(3));
    EXPECT_THAT(gaps[1], HasSubstr(" disk"));
    EXPECT_THAT(gaps_of(*store_, "gate"), ElementsAre(HasSubstr(" camera"), HasSubstr(" stop")));
    EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(DisksTest, WhatACrashLeftOnADiskThatIsAwayWaitsForIt) {
    start();
    {
        auto recorder = must(Recorder::create(store_, "yard"));
        Camera source{*recorder, clock_};
        must(source.begin());
        must(source.send(20, 0.25));
    }  // without stop(): as a crash
    unmount();
    start();
    EXPECT_THAT(must(store_->segments("yard", {}, {Micros::max() / 2})), IsEmpty());
    auto recorder = must(Recorder::create(store_, "yard"));
    must(store_->recover_returned());
    EXPECT_THAT(must(store_->catalogue().writing()), SizeIs(1));

    mount();
    Camera source{*recorder, clock_};
    clock_.pass(30s);
    must(source.begin());
    must(source.send(5, 0.25));
    must(store_->recover_returned());
    EXPECT_THAT(segments_of(*store_, "yard"), ElementsAre("12:00:00Z-12:00:20Z", "12:00:50Z-12:00:55Z open"));
    must(recorder->stop());
    EXPECT_THAT(segments_of(*store_, "yard"), ElementsAre("12:00:00Z-12:00:20Z", "12:00:50Z-12:00:55Z"));
    EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(DisksTest, NothingOnADiskThatIsAwayCountsAsDeletedOrLost) {
    start();
    record("yard", 2);
    unmount();
    clock_.pass(1h);
    EXPECT_THAT(findings(), ElementsAre(HasSubstr("is not the disk that the recordings are on")));
    EXPECT_THAT(findings(Depth::catalogue), IsEmpty());
    // Retention gives them up, and deletes their files once they can be reached.
    const RetentionPlan old{.cameras = {}, .others = {.age = 1min, .bytes = {}}, .total_bytes = {}};
    EXPECT_EQ(must(sweep(*store_, old, clock_.wall())).segments, 2);
    EXPECT_EQ(files_below(away()), 2u);
    start();
    EXPECT_EQ(files_below(away()), 2u);
    mount();
    must(sweep(*store_, old, clock_.wall()));
    EXPECT_EQ(files_below(big()), 0u);
    EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(DisksTest, RepairTakesNothingForLostThatIsAway) {
    start();
    record("yard", 1);
    const auto file = must(check(data(), Depth::files, [](auto, auto) {})).segments.at(0).file;
    fs::resize_file(file, 5000);
    const auto report = must(check(data(), Depth::files, [](auto, auto) {}));
    ASSERT_THAT(report.findings, SizeIs(1));
    store_.reset();
    unmount();
    EXPECT_FALSE(repair(data(), report, clock_));
    mount();
    EXPECT_EQ(must(repair(data(), report, clock_)), 1);
    EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(DisksTest, AFullDiskGivesUpItsOldestAndNoOther) {
    start();
    record("gate", 3);
    clock_.set_wall(at("2026-03-01T13:00:00Z"));
    record("yard", 3);
    std::uint64_t missing = 1;  // on `big`
    RetentionPlan plan{.cameras = {}, .others = {}, .total_bytes = {}, .keep_free = 1000};
    plan.space = [&](const fs::path& folder) -> Result<DiskSpace> {
        return DiskSpace{folder == big() ? 1000 - missing : 1000, 5000};
    };
    EXPECT_EQ(must(sweep(*store_, plan, clock_.wall())).segments, 1);
    EXPECT_THAT(segments_of(*store_, "yard"), SizeIs(2));
    EXPECT_THAT(segments_of(*store_, "gate"), SizeIs(3));  // though older
    missing = 0;
    EXPECT_EQ(must(sweep(*store_, plan, clock_.wall())).segments, 0);
    missing = 900;
    EXPECT_EQ(must(sweep(*store_, plan, clock_.wall())).segments, 1);
    EXPECT_EQ(files_below(big()), 1u);
    EXPECT_EQ(usually_kept_free({.free = 0, .total = 1'000'000}), 50'000u);
    EXPECT_EQ(usually_kept_free({.free = 0, .total = std::uint64_t{4} << 40}), std::uint64_t{10} << 30);
}

TEST_F(DisksTest, AnotherRecordersDiskIsRefused) {
    std::ofstream{big() / DiskMark::kName} << std::string(32, 'a') << "\n";
    const auto refused = open(plan());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
    EXPECT_THAT(refused.error().message, HasSubstr("another recorder"));
    // The same folder under two names is one too.
    fs::remove(big() / DiskMark::kName);
    EXPECT_FALSE(open({.folders = {{"big", big()}, {"large", big()}}, .of_camera = {}}));
    EXPECT_FALSE(open({.folders = {{"far", folder_.path() / "not/there"}}, .of_camera = {}}));
    EXPECT_FALSE(open({.folders = {}, .of_camera = {{"yard", "nowhere"}}}));
}

TEST_F(DisksTest, AnOlderCatalogueIsBroughtUpToDate) {
    fs::create_directories(data() / "recordings");
    {
        SQLite::Database db{(data() / "catalogue.sqlite").string(),
                            SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
        for (int version = 0; version < 4; ++version) db.exec(kSchema[static_cast<std::size_t>(version)]);
        db.exec("PRAGMA user_version = 4");
        db.exec(fmt::format("PRAGMA application_id = {}", kApplicationId));
        db.exec("INSERT INTO disk VALUES (1, 'abc')");
        db.exec("INSERT INTO camera (id) VALUES ('yard')");
        db.exec("INSERT INTO writing VALUES (7, 'yard', 1, 0, 0, 100, 1, 1, 'avc1', NULL)");
    }
    std::ofstream{data() / "recordings" / DiskMark::kName} << "abc\n";
    store_ = must(Store::open(data(), clock_));
    EXPECT_THAT(must(store_->catalogue().writing()), IsEmpty());  // its file is gone: given up
    record("yard", 1);
    const auto all = must(store_->segments("yard", {}, {Micros::max() / 2}));
    ASSERT_THAT(all, SizeIs(1));
    EXPECT_GT(all[0].id, 7);  // an id is never used twice
    EXPECT_EQ(all[0].disk, kOwnDisk);
    EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(DisksTest, SealedPartsAreOnTheDiskOfTheirCamera) {
    start();
    const std::string bytes = "sealed";
    Sealed sealed{store_};
    must(sealed.keep("yard", clock_.wall(), clock_.wall() + 1s, "{}", std::as_bytes(std::span{bytes})));
    const auto found = must(sealed.of("yard", {}, {Micros::max() / 2}, 10));
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(must(sealed.read(found[0])), bytes);
    EXPECT_TRUE(fs::exists(big() / "2026-03-01"));
    unmount();
    EXPECT_FALSE(sealed.read(found[0]));
    EXPECT_FALSE(
        sealed.keep("yard", clock_.wall() + 1s, clock_.wall() + 2s, "{}", std::as_bytes(std::span{bytes})));
}

}  // namespace
}  // namespace passerby::store
