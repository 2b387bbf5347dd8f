// A data folder that is what it promises has no findings; every kind of damage has one, and what is safe is
// mended.
#include "store/check.h"

#include <fstream>
#include <functional>

#include <SQLiteCpp/SQLiteCpp.h>

#include "store/ledger.h"
#include "store/paths.h"
#include "store/test_world.h"

namespace passerby::store {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CheckTest : public ::testing::Test {
  protected:
    void SetUp() override {
        store_ = must(Store::open(folder(), clock_));
        auto recorder = must(Recorder::create(store_, "yard"));
        Camera camera{*recorder, clock_};
        must(camera.begin());
        must(camera.send(130, 0.25));  // three files
        must(recorder->stop());
        recorder.reset();
        for (const auto& s : must(store_->segments("yard", {Micros::min() / 2}, {Micros::max() / 2})))
            files_.push_back(store_->recordings() / segment_path(s.camera, s.start));
        ASSERT_EQ(files_.size(), 3U);
        store_.reset();
    }
    std::filesystem::path folder() const { return temporary_.path() / "data"; }
    CheckReport look(Depth depth = Depth::bytes) {
        return must(check(folder(), depth, [](std::size_t, std::size_t) {}));
    }
    std::vector<std::string> said(Depth depth = Depth::bytes) {
        std::vector<std::string> all;
        for (const auto& f : look(depth).findings) all.push_back(f.what);
        return all;
    }
    void change(const char* sql) {
        SQLite::Database{(folder() / "catalogue.sqlite").string(), SQLite::OPEN_READWRITE}.exec(sql);
    }
    void flip(const std::filesystem::path& file, std::uintmax_t at) {
        std::fstream f{file, std::ios::in | std::ios::out | std::ios::binary};
        f.seekg(static_cast<std::streamoff>(at));
        const auto byte = static_cast<char>(f.get() ^ 1);
        f.seekp(static_cast<std::streamoff>(at));
        f.put(byte);
    }

    TempFolder temporary_;
    FakeClock clock_{at("2026-03-01T12:00:00Z")};
    std::shared_ptr<Store> store_;
    std::vector<std::filesystem::path> files_;
};

TEST_F(CheckTest, WhatIsSoundHasNoFindings) {
    const auto report = look();
    EXPECT_THAT(report.findings, IsEmpty());
    EXPECT_EQ(report.files, 3U);
    EXPECT_EQ(report.segments.size(), 3U);
    EXPECT_GT(report.bytes, 130U * 500);
    EXPECT_FALSE(report.recorder_runs);
}

TEST_F(CheckTest, EachKindOfDamageIsFound) {
    const std::uintmax_t size = std::filesystem::file_size(files_[1]);
    std::filesystem::rename(files_[1], temporary_.path() / "kept");
    EXPECT_THAT(said(), ElementsAre("the file is gone"));
    EXPECT_THAT(said(Depth::catalogue), IsEmpty());
    std::filesystem::rename(temporary_.path() / "kept", files_[1]);

    std::filesystem::copy_file(files_[1], temporary_.path() / "whole");
    std::filesystem::resize_file(files_[1], size - 1);
    EXPECT_THAT(said(Depth::files), ElementsAre(HasSubstr("bytes, and")));
    std::filesystem::copy_file(temporary_.path() / "whole", files_[1],
                               std::filesystem::copy_options::overwrite_existing);
    EXPECT_THAT(said(), IsEmpty());

    flip(files_[1], size - 10);  // within the last fragment
    EXPECT_THAT(said(), ElementsAre(HasSubstr("it is damaged from byte")));
    EXPECT_THAT(said(Depth::files), IsEmpty()) << "its structure is whole";
    flip(files_[1], size - 10);

    std::ofstream{folder() / "recordings/holiday.mp4"} << "mine";
    const auto report = look();
    ASSERT_EQ(report.findings.size(), 1U);
    EXPECT_EQ(report.findings[0].where, "recordings/holiday.mp4");
    EXPECT_FALSE(report.findings[0].safe);
    std::filesystem::remove(folder() / "recordings/holiday.mp4");

    const std::pair<const char*, const char*> rows[] = {
        {"UPDATE segment SET frames = frames + 1 WHERE id = 2", "frames, and 601 are listed"},
        {"UPDATE segment SET end = end + 5000000 WHERE id = 1", "a segment overlaps a segment"},
        {"UPDATE segment SET end = end - 5000000 WHERE id = 2", "5.0 s are neither recorded nor a gap"},
        {"UPDATE camera SET bytes = bytes + 1", "bytes are counted"},
    };
    std::filesystem::copy_file(folder() / "catalogue.sqlite", temporary_.path() / "catalogue");
    for (const auto& [sql, what] : rows) {
        change(sql);
        const auto found = said();
        ASSERT_FALSE(found.empty()) << sql;
        EXPECT_THAT(found.front(), HasSubstr(what)) << sql;
        std::filesystem::copy_file(temporary_.path() / "catalogue", folder() / "catalogue.sqlite",
                                   std::filesystem::copy_options::overwrite_existing);
    }
    EXPECT_THAT(said(), IsEmpty());
}

TEST_F(CheckTest, RepairNotesTheLossAndKeepsWhatIsWhole) {
    std::filesystem::remove(files_[0]);
    flip(files_[1], std::filesystem::file_size(files_[1]) - 10);
    std::ofstream{folder() / "recordings/holiday.mp4"} << "mine";
    auto report = look();
    ASSERT_EQ(report.findings.size(), 3U);
    EXPECT_EQ(must(repair(folder(), report, clock_)), 2);

    report = look();
    ASSERT_EQ(report.findings.size(), 1U) << "what is not understood stays";
    EXPECT_EQ(report.findings[0].where, "recordings/holiday.mp4");
    EXPECT_TRUE(std::filesystem::exists(folder() / "recordings/holiday.mp4"));
    EXPECT_TRUE(std::filesystem::exists(files_[1]));

    store_ = must(Store::open(folder(), clock_));
    EXPECT_EQ(segments_of(*store_, "yard").size(), 2U);
    const auto gaps = must(store_->gaps("yard", {Micros::min() / 2}, {Micros::max() / 2}));
    ASSERT_EQ(gaps.size(), 3U);
    EXPECT_EQ(gaps[0].cause, GapCause::disk);
    EXPECT_EQ(gaps[0].start, at("2026-03-01T12:00:00Z"));
    EXPECT_EQ(gaps[1].cause, GapCause::disk);
    EXPECT_NEAR(static_cast<double>((*gaps[1].end - gaps[1].start).count()), 1e6, 2e4)
        << "one fragment of a second";
    EXPECT_EQ(gaps[2].cause, GapCause::stop);
}

TEST_F(CheckTest, ARepairIsOnTheRecordBeforeItHappens) {
    store_ = must(Store::open(folder(), clock_));
    must(Ledger::open(store_, ""));
    store_.reset();
    std::filesystem::remove(files_[0]);
    const auto report = look();
    // The ledger cannot be written: nothing is mended.
    std::filesystem::rename(folder() / "ledger.key", folder() / "key");
    std::ofstream{folder() / "ledger.key"} << "no key";
    EXPECT_FALSE(repair(folder(), report, clock_));
    std::filesystem::rename(folder() / "key", folder() / "ledger.key");
    EXPECT_EQ(look().findings.size(), report.findings.size());

    EXPECT_EQ(must(repair(folder(), report, clock_)), 1);
    store_ = must(Store::open(folder(), clock_));
    std::vector<std::string> entries;
    must(must(Ledger::open(store_, ""))->each([&](auto, const ledger::Fields& e) {
        entries.push_back(e.dump());
    }));
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_THAT(entries[0], HasSubstr(R"("kind":"repair","findings":1)"));
}

TEST_F(CheckTest, AManifestThatIsNoneIsFound) {
    store_ = must(Store::open(folder(), clock_));
    must(must(Ledger::open(store_, ""))->close_batches());
    store_.reset();
    ASSERT_THAT(said(), IsEmpty());
    const auto file = std::filesystem::directory_iterator {
        folder() / "manifests"
        } -> path();
    std::ofstream{file} << R"({"camera":"yard","sha256":5})";
    const auto found = said();
    ASSERT_FALSE(found.empty());
    EXPECT_THAT(found.front(), HasSubstr("no manifest of a recording"));
}

TEST_F(CheckTest, BesideARecorderItOnlyLooks) {
    store_ = must(Store::open(folder(), clock_));
    const auto report = look();
    EXPECT_TRUE(report.recorder_runs);
    EXPECT_THAT(report.findings, IsEmpty());
    const auto refused = repair(folder(), report, clock_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::denied);
}

TEST_F(CheckTest, WhereThereIsNothingToLookAtItSaysSo) {
    const auto nothing = check(temporary_.path(), Depth::bytes, [](std::size_t, std::size_t) {});
    ASSERT_FALSE(nothing);
    EXPECT_THAT(nothing.error().message, HasSubstr("name the data folder of a recorder"));
}

}  // namespace
}  // namespace passerby::store
