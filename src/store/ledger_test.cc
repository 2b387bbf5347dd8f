// The recorder's ledger with its real catalogue: what gets on the record, restarts, copies, backups.
#include "store/ledger.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "ledger/audit.h"
#include "store/catalogue.h"
#include "store/manifest.h"
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

class LedgerTest : public ::testing::Test {
  protected:
    fs::path data() const { return folder_.path() / "data"; }
    void start() {
        store_ = must(Store::open(data(), clock_));
        ledger_ = must(Ledger::open(store_, "example.org/gate"));
    }
    void stop() {
        ledger_.reset();
        store_.reset();
    }
    void record(int minutes) {
        auto recorder = must(Recorder::create(store_, "gate", R"({"cover":["persons"]})"));
        Camera source{*recorder, clock_};
        must(source.begin());
        must(source.send(60 * minutes, 0));
        must(recorder->stop());
    }
    std::vector<std::string> kinds() const {
        std::vector<std::string> found;
        must(ledger_->each([&](auto, const ledger::Fields& e) { found.push_back(e["kind"]); }));
        return found;
    }
    std::vector<std::string> findings() const {
        return must(ledger::audit(ledger::fetch_from_folder((data() / "ledger").string()),
                                  {.verifier = ledger_->verifier()}, [](auto, const auto&) {}))
            .findings;
    }
    // As cp -r does: new files, also of the key.
    void replace_by_copy() {
        fs::copy(data(), folder_.path() / "copy", fs::copy_options::recursive);
        fs::remove_all(data());
        fs::rename(folder_.path() / "copy", data());
    }

    TempFolder folder_;
    FakeClock clock_{at("2026-03-01T12:00:00Z")};
    std::shared_ptr<Store> store_;
    std::unique_ptr<Ledger> ledger_;
};

TEST_F(LedgerTest, AKeyThatWasBeingWrittenIsNoKey) {
    fs::create_directory(data());
    must(write_file_atomically(data() / "ledger.key.tmp", "passerby-ed2", 0600));
    start();
    const auto key = ledger_->verifier().to_string();
    EXPECT_FALSE(fs::exists(data() / "ledger.key.tmp"));
    stop();
    start();
    EXPECT_EQ(ledger_->verifier().to_string(), key);
}

TEST_F(LedgerTest, EntriesStayAcrossStarts) {
    start();
    EXPECT_EQ(must(ledger_->append("stop", {})), 0u);
    const auto key = ledger_->verifier().to_string();
    const auto name = ledger_->pseudonym("admin");
    stop();
    start();
    EXPECT_EQ(ledger_->verifier().to_string(), key);
    EXPECT_EQ(ledger_->pseudonym("admin"), name);
    EXPECT_NE(ledger_->pseudonym("admim"), name);
    EXPECT_THAT(name, ::testing::MatchesRegex("u-[0-9a-f]{10}"));
    EXPECT_EQ(must(ledger_->append("stop", {})), 1u);
    EXPECT_THAT(kinds(), ElementsAre("stop", "stop"));
    EXPECT_THAT(findings(), IsEmpty());
    EXPECT_EQ(must(read_file(data() / "ledger/key")), key + "\n");
}

TEST_F(LedgerTest, TimeNeverGoesBack) {
    start();
    must(ledger_->append("stop", {}));
    clock_.set_wall(at("2025-01-01T00:00:00Z"));
    must(ledger_->append("stop", {}));
    stop();
    start();
    must(ledger_->append("stop", {}));
    std::vector<std::string> times;
    must(ledger_->each([&](auto, const ledger::Fields& e) { times.push_back(e["time"]); }));
    EXPECT_THAT(times, ::testing::Each("2026-03-01T12:00:00Z"));
    EXPECT_THAT(times, SizeIs(3));
    EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(LedgerTest, WhatWasFinishedIsInABatchOnce) {
    start();
    EXPECT_EQ(must(ledger_->close_batches()), 0u);
    record(3);
    EXPECT_EQ(must(ledger_->close_batches()), 3u);
    EXPECT_EQ(must(ledger_->close_batches()), 0u);
    record(1);  // and the gap before it has ended
    EXPECT_EQ(must(ledger_->close_batches()), 2u);
    EXPECT_THAT(kinds(), ElementsAre("segments", "segments"));

    std::vector<ledger::Fields> entries;
    must(ledger_->each([&](auto, const ledger::Fields& e) { entries.push_back(e); }));
    EXPECT_EQ(entries[0]["count"], 3);
    EXPECT_EQ(entries[0]["from"], "2026-03-01T12:00:00Z");
    EXPECT_EQ(entries[0]["to"], "2026-03-01T12:03:00Z");
    const auto lines = must(ledger_->batches().manifests(entries[0]["root"]));
    ASSERT_THAT(lines, SizeIs(3));
    const auto manifest = ledger::Fields::parse(lines[0]);
    const auto segment =
        must(store_->segments("gate", at("2026-03-01T12:00:00Z"), at("2026-03-01T12:01:00Z"))).at(0);
    const auto file = must(read_file(store_->recordings() / "2026-03-01/12/gate/00.00.000.mp4"));
    EXPECT_EQ(manifest["sha256"], crypto::sha256_hex(file));
    EXPECT_EQ(manifest["sha256"], crypto::to_hex(segment.sha256));
    EXPECT_EQ(manifest["bytes"], file.size());
    EXPECT_EQ(manifest["frames"], 600);
    EXPECT_EQ(manifest["kept"], 0);
    EXPECT_EQ(manifest["policy"], crypto::sha256_hex(R"({"cover":["persons"]})"));
    EXPECT_EQ(must(ledger_->batches().entry_of(segment.id)), 0u);
    const auto second = must(ledger_->batches().manifests(entries[1]["root"]));
    EXPECT_THAT(second, ::testing::Contains(HasSubstr(R"("gap":"stop")")));
    EXPECT_FALSE(ledger_->batches().manifests(std::string(64, '0')));
}

TEST_F(LedgerTest, ARecoveredSegmentHasItsHashToo) {
    start();
    {
        auto recorder = must(Recorder::create(store_, "gate", "{}"));
        Camera source{*recorder, clock_};
        must(source.begin());
        source.kept = 4;
        must(source.send(7, 0));
    }  // as a crash
    stop();
    start();
    EXPECT_EQ(store_->recovered().segments, 1);
    EXPECT_EQ(must(ledger_->close_batches()), 1u);
    const auto s =
        must(store_->segments("gate", at("2026-03-01T12:00:00Z"), at("2026-03-01T12:01:00Z"))).at(0);
    EXPECT_EQ(crypto::to_hex(s.sha256),
              crypto::sha256_hex(must(read_file(store_->recordings() / "2026-03-01/12/gate/00.00.000.mp4"))));
    EXPECT_EQ(s.kept, 28);
}

// An export's proof finds a segment by what was said of it, word by word.
TEST_F(LedgerTest, WhatWasSaidOfAnOlderRecordingStaysAsItWas) {
    Segment older;
    older.camera = "gate";
    EXPECT_THAT(manifest_of(older, ""), ::testing::Not(HasSubstr("kept")));
    auto newer = older;
    newer.kept = 12;
    EXPECT_THAT(manifest_of(newer, ""), HasSubstr(R"("policy":"","kept":12})"));
}

TEST_F(LedgerTest, ACopyRefusesToSignUntilAPersonSaysSo) {
    start();
    must(ledger_->append("stop", {}));
    stop();
    replace_by_copy();
    store_ = must(Store::open(data(), clock_));
    const auto refused = Ledger::open(store_, "");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::denied);
    EXPECT_THAT(refused.error().message, HasSubstr("passerby ledger resume"));
    ledger_ = must(Ledger::resume(store_, ""));
    EXPECT_THAT(kinds(), ElementsAre("stop", "restore"));
    stop();
    start();
    EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(LedgerTest, AnOldCatalogueRefusesToSignUntilAPersonSaysSo) {
    start();
    must(ledger_->append("stop", {}));
    must(store_->catalogue().changes().run(
        [](SQLite::Database& db) { db.exec("PRAGMA wal_checkpoint(TRUNCATE)"); }));
    const auto backup = must(read_file(data() / "catalogue.sqlite"));
    must(ledger_->append("stop", {}));
    must(ledger_->append("stop", {}));
    stop();
    for (const char* suffix : {"-wal", "-shm"})
        fs::remove(data() / (std::string{"catalogue.sqlite"} + suffix));
    must(write_file_atomically(data() / "catalogue.sqlite", backup));
    store_ = must(Store::open(data(), clock_));
    EXPECT_FALSE(Ledger::open(store_, ""));
    ledger_ = must(Ledger::resume(store_, ""));
    EXPECT_THAT(kinds(), ElementsAre("stop", "stop", "stop", "restore"));
    EXPECT_THAT(findings(), IsEmpty());
    std::vector<ledger::Fields> entries;
    must(ledger_->each([&](auto, const ledger::Fields& e) { entries.push_back(e); }));
    EXPECT_EQ(entries[3]["published"], 3);
    EXPECT_EQ(entries[3]["continued"], 1);
}

TEST_F(LedgerTest, WithoutItsKeyThereIsNoNewOne) {
    start();
    must(ledger_->append("stop", {}));
    stop();
    fs::remove(data() / "ledger.key");
    store_ = must(Store::open(data(), clock_));
    EXPECT_FALSE(Ledger::open(store_, ""));
    EXPECT_FALSE(Ledger::resume(store_, ""));
    EXPECT_FALSE(fs::exists(data() / "ledger.key"));
}

class DiskMarkTest : public LedgerTest {};

TEST_F(DiskMarkTest, AnotherDiskInItsPlaceIsNoticed) {
    start();
    record(1);
    stop();
    // Not mounted: an empty folder.
    fs::rename(data() / "recordings", folder_.path() / "disk");
    const auto refused = Store::open(data(), clock_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
    EXPECT_THAT(refused.error().message, HasSubstr("is not the disk that the recordings are on"));
    // Another recorder's disk.
    must(write_file_atomically(data() / "recordings/.passerby-disk", std::string(32, '0') + "\n"));
    EXPECT_FALSE(Store::open(data(), clock_));
    fs::remove_all(data() / "recordings");
    fs::rename(folder_.path() / "disk", data() / "recordings");
    start();
    EXPECT_THAT(segments_of(*store_, "gate"), SizeIs(1));
}

TEST_F(DiskMarkTest, ADiskThatVanishesIsAGapAndComesBack) {
    start();
    auto recorder = must(Recorder::create(store_, "gate"));
    Camera source{*recorder, clock_};
    must(source.begin());
    must(source.send(60, 0));
    fs::rename(data() / "recordings", folder_.path() / "disk");
    fs::create_directory(data() / "recordings");
    source.restart_at_keyframe();
    const auto sent = source.send();
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().kind, ErrorKind::unavailable);
    for (int i = 0; i < 9; ++i) static_cast<void>(source.send());
    EXPECT_TRUE(no_folders(data() / "recordings"));
    fs::remove_all(data() / "recordings");
    fs::rename(folder_.path() / "disk", data() / "recordings");
    source.restart_at_keyframe();
    must(source.send(10, 0));
    must(recorder->stop());
    EXPECT_THAT(gaps_of(*store_, "gate"), ElementsAre("12:01:00Z-12:01:10Z disk", "12:01:20Z- stop"));
}

}  // namespace
}  // namespace passerby::store
