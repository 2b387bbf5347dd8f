// The log as it is written and as a stranger finds it: growth, crashes between its steps, backups, tampering.
#include "ledger/log.h"

#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "ledger/audit.h"

namespace passerby::ledger {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kOrigin = "example.org/gate";

// A lock that can be rolled back, and that can fail.
class FakeLock final : public LogLock {
  public:
    Result<LogState> read() override { return state; }
    Result<bool> replace(const LogState& expected, const LogState& next) override {
        if (fails) return fail(ErrorKind::full, "no space");
        if (state != expected) return false;
        state = next;
        if (loses_the_answer) return fail(ErrorKind::unavailable, "who knows");
        return true;
    }
    LogState state;
    bool fails = false, loses_the_answer = false;
};

class LogTest : public ::testing::Test {
  protected:
    fs::path folder() const { return fs::path{folder_.file("ledger")}; }
    Result<std::unique_ptr<Log>> open() { return Log::open(folder(), kOrigin, key_, lock_); }
    static std::string numbered(std::uint64_t i) {
        return *make_entry("segments", WallTime{Micros{1'772'366'400'000'000 + std::int64_t(i)}},
                           {{"root", crypto::sha256_hex(std::to_string(i))},
                            {"count", i},
                            {"from", "2026-03-01T12:00:00Z"},
                            {"to", "2026-03-01T13:00:00Z"}});
    }
    void append(Log& log, std::uint64_t n) {
        for (std::uint64_t i = 0; i < n; ++i) {
            const auto index = log.append({numbered(log.state().size)});
            ASSERT_TRUE(index) << index.error().message;
        }
    }
    Verifier verifier() const { return {kOrigin, Verifier::Kind::note, key_.verify_key()}; }

    std::set<std::string> files() const {
        std::set<std::string> found;
        for (const auto& e : fs::recursive_directory_iterator{folder()})
            if (e.is_regular_file()) found.insert(e.path().lexically_relative(folder()).string());
        return found;
    }
    Audited audited(std::optional<Checkpoint> seen = {}) {
        entries_ = 0;
        auto done = audit(fetch_from_folder(folder().string()),
                          {.verifier = verifier(), .seen = seen, .files = files()},
                          [&](std::uint64_t index, const Fields& entry) {
                              if (entry["count"] == index) ++entries_;
                          });
        if (!done) return {.note = {}, .checkpoint = {}, .findings = {done.error().message}};
        return *std::move(done);
    }

    TemporaryFolder folder_ = *TemporaryFolder::create();
    crypto::SigningKey key_ = crypto::SigningKey::from_seed("seed");
    FakeLock lock_;
    std::uint64_t entries_ = 0;  // that the last audited() found at their place
};

TEST_F(LogTest, GrowsByOneAndByMany) {
    auto log = *open();
    std::vector<std::string> many;
    append(*log, 3);
    for (std::uint64_t i = 3; i < 1000; ++i) many.push_back(numbered(i));
    EXPECT_EQ(*log->append(many), 3u);
    append(*log, 30);
    const auto found = audited();
    EXPECT_THAT(found.findings, IsEmpty());
    EXPECT_EQ(found.checkpoint.size, 1030u);
    EXPECT_EQ(entries_, 1030u);
    // What is full needs no partial ones, and what is not full is short.
    EXPECT_FALSE(fs::exists(folder() / "tile/0/000.p"));
    EXPECT_TRUE(fs::exists(folder() / "tile/0/004.p/6"));
    EXPECT_TRUE(fs::exists(folder() / "tile/1/000.p/4"));
}

TEST_F(LogTest, TwoLevelsOfTilesAndMore) {
    auto log = *open();
    std::vector<std::string> many;
    for (std::uint64_t i = 0; i < 256 * 256 + 300; ++i) many.push_back(numbered(i));
    ASSERT_TRUE(log->append(many));
    append(*log, 2);
    log.reset();
    log = *open();
    append(*log, 1);
    EXPECT_THAT(audited().findings, IsEmpty());
    EXPECT_EQ(entries_, 256u * 256 + 303);
    EXPECT_TRUE(fs::exists(folder() / "tile/1/000"));
    EXPECT_TRUE(fs::exists(folder() / "tile/2/000.p/1"));
    EXPECT_TRUE(fs::exists(folder() / "tile/entries/x000/257") ||
                fs::exists(folder() / "tile/entries/257.p/47"));
}

TEST_F(LogTest, GoesOnAfterEveryStart) {
    for (int i = 0; i < 20; ++i) {
        auto log = open();
        ASSERT_TRUE(log) << log.error().message;
        append(**log, 29);
    }
    EXPECT_THAT(audited().findings, IsEmpty());
    EXPECT_EQ(entries_, 580u);
}

TEST_F(LogTest, ProofsComeFromTheTiles) {
    auto log = *open();
    append(*log, 300);
    const auto old = audited().checkpoint;
    append(*log, 300);
    const auto now = audited(old);
    EXPECT_THAT(now.findings, IsEmpty());
    TileReader reader{fetch_from_folder(folder().string()), now.checkpoint.size};
    for (std::uint64_t i = 0; i < 600; i += 7) {
        const auto proof = inclusion_proof(i, 600, reader.subtrees());
        ASSERT_TRUE(proof) << proof.error().message;
        EXPECT_TRUE(verify_inclusion(leaf_hash(*reader.entry(i)), i, 600, now.checkpoint.root, *proof));
    }
    const auto proof = consistency_proof(300, 600, reader.subtrees());
    ASSERT_TRUE(proof);
    EXPECT_TRUE(verify_consistency(300, 600, old.root, now.checkpoint.root, *proof));
}

TEST_F(LogTest, ACrashBeforeTheLockLeavesNothing) {
    auto log = *open();
    append(*log, 255);
    lock_.fails = true;
    EXPECT_FALSE(log->append({numbered(999)}));
    lock_.fails = false;
    const auto refused = log->append({numbered(255)});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("restart"));
    log.reset();
    log = *open();
    EXPECT_EQ(log->state().size, 255u);
    append(*log, 2);
    EXPECT_THAT(audited().findings, IsEmpty());
    EXPECT_EQ(entries_, 257u);
}

TEST_F(LogTest, WhatACrashLeftHalfWrittenIsRemoved) {
    append(**open(), 5);
    for (const char* torn :
         {"checkpoint.tmp", "tile/0/000.tmp", "tile/0/000.p/6.tmp", "tile/entries/000.p/6.tmp"})
        std::ofstream{folder() / torn} << "half";
    append(**open(), 1);
    EXPECT_THAT(audited().findings, IsEmpty());
}

TEST_F(LogTest, ACrashAfterTheLockLosesNothing) {
    auto log = *open();
    append(*log, 7);
    lock_.loses_the_answer = true;
    EXPECT_FALSE(log->append({numbered(7)}));
    lock_.loses_the_answer = false;
    log.reset();
    EXPECT_EQ(audited().checkpoint.size, 7u);
    log = *open();
    EXPECT_EQ(log->state().size, 8u);
    EXPECT_EQ(audited().checkpoint.size, 8u);
    append(*log, 1);
    EXPECT_THAT(audited().findings, IsEmpty());
}

TEST_F(LogTest, TwoWritersCannotBothSign) {
    auto one = *open(), other = *open();
    append(*one, 1);
    const auto refused = other->append({numbered(0)});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::denied);
    EXPECT_FALSE(other->append({numbered(0)}));
    EXPECT_EQ(audited().checkpoint.size, 1u);
}

TEST_F(LogTest, ABackupOfTheCatalogueIsNoticed) {
    auto log = *open();
    append(*log, 5);
    const auto backup = lock_.state;
    append(*log, 5);
    log.reset();
    lock_.state = backup;
    const auto refused = open();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::denied);
    EXPECT_THAT(refused.error().message, HasSubstr("10 entries published and only 5"));
    EXPECT_EQ(audited().checkpoint.size, 10u);
}

TEST_F(LogTest, ABackupOfTheFilesIsMadeUpForOrRefused) {
    auto log = *open();
    append(*log, 5);
    fs::copy(folder(), fs::path{folder_.file("backup")}, fs::copy_options::recursive);
    append(*log, 5);
    log.reset();
    fs::remove_all(folder());
    fs::rename(fs::path{folder_.file("backup")}, folder());
    // The entries 5 to 9 are gone: the log cannot go on.
    EXPECT_FALSE(open());
}

TEST_F(LogTest, AnotherKeyOrNameIsRefused) {
    append(**open(), 3);
    const auto other = crypto::SigningKey::from_seed("another");
    EXPECT_FALSE(Log::open(folder(), kOrigin, other, lock_));
    EXPECT_FALSE(Log::open(folder(), "example.org/yard", key_, lock_));
    EXPECT_FALSE(Log::open(folder(), "two words", key_, lock_));
}

TEST_F(LogTest, WhatIsNoEntryIsRefusedAndHarmsNothing) {
    auto log = *open();
    EXPECT_FALSE(log->append({}));
    EXPECT_FALSE(log->append({""}));
    EXPECT_FALSE(log->append({std::string(65'536, 'x')}));
    append(*log, 1);
    EXPECT_THAT(audited().findings, IsEmpty());
}

// Every byte of every file, one bit of it: found. PASSERBY_LEDGER_ENTRIES=1000 does it for the whole size
// that is promised.
TEST_F(LogTest, EveryChangedByteIsFound) {
    const auto* wanted = std::getenv("PASSERBY_LEDGER_ENTRIES");
    const auto size = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 12;
    auto log = *open();
    append(*log, 2);
    std::vector<std::string> many;
    for (std::uint64_t i = 2; i < size; ++i) many.push_back(numbered(i));
    ASSERT_TRUE(log->append(many));
    log.reset();
    ASSERT_THAT(audited().findings, IsEmpty());
    const auto list = files();
    std::map<std::string, std::string> content;
    for (const auto& f : list) content[f] = *read_file(folder() / f);
    std::uint64_t changes = 0, missed = 0;
    unsigned turn = 0;
    for (auto& [file, bytes] : content)
        for (auto& byte : bytes) {
            // In memory: a million changes would wear a disk.
            byte = static_cast<char>(byte ^ (1 << turn++ % 8));
            const Fetch fetch = [&](const std::string& path) -> Result<std::string> {
                const auto found = content.find(path);
                if (found == content.end()) return fail(ErrorKind::not_found, "{}: gone", path);
                return found->second;
            };
            const auto done =
                audit(fetch, {.verifier = verifier(), .files = list}, [](std::uint64_t, const Fields&) {});
            if (done && done->findings.empty()) ++missed, ADD_FAILURE() << file;
            byte = static_cast<char>(byte ^ (1 << (turn - 1) % 8));
            ++changes;
        }
    EXPECT_EQ(missed, 0u);
    EXPECT_GT(changes, size * 100);
    std::printf("%llu changes of one bit, %llu missed\n", static_cast<unsigned long long>(changes),
                static_cast<unsigned long long>(missed));
}

TEST_F(LogTest, RemovedShortenedSwappedAndRolledBackFilesAreFound) {
    auto log = *open();
    append(*log, 300);
    const auto seen = audited().checkpoint;
    fs::copy(folder(), fs::path{folder_.file("old")}, fs::copy_options::recursive);
    append(*log, 300);
    ASSERT_THAT(audited(seen).findings, IsEmpty());
    const auto with = [&](const std::string& file, const auto& change) {
        const auto before = *read_file(folder() / file);
        change(folder() / file);
        EXPECT_FALSE(audited(seen).findings.empty()) << file;
        std::ofstream{folder() / file, std::ios::binary | std::ios::trunc} << before;
    };
    for (const char* file :
         {"tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/001", "checkpoint"}) {
        with(file, [](const fs::path& p) { fs::remove(p); });
        with(file, [](const fs::path& p) { fs::resize_file(p, fs::file_size(p) - 1); });
        with(file, [](const fs::path& p) { fs::resize_file(p, 0); });
        with(file, [](const fs::path& p) { std::ofstream{p, std::ios::app} << 'x'; });
    }
    with("tile/entries/001", [&](const fs::path& p) {
        fs::copy_file(folder() / "tile/entries/000", p, fs::copy_options::overwrite_existing);
    });
    std::ofstream{folder() / "tile/more"} << 'x';
    EXPECT_FALSE(audited(seen).findings.empty());
    fs::remove(folder() / "tile/more");
    ASSERT_THAT(audited(seen).findings, IsEmpty());
    // As a whole: an older copy is consistent in itself, and only who has seen the newer one notices.
    const auto newer = audited().checkpoint;
    fs::remove_all(folder());
    fs::rename(fs::path{folder_.file("old")}, folder());
    EXPECT_THAT(audited().findings, IsEmpty());
    EXPECT_THAT(audited(newer).findings,
                ::testing::ElementsAre(HasSubstr("rolled back: it had 600 entries, and has 300")));
}

TEST_F(LogTest, AnotherHistoryIsFoundByWhoSawTheFirst) {
    auto log = *open();
    append(*log, 10);
    const auto seen = audited().checkpoint;
    log.reset();
    fs::remove_all(folder());
    lock_.state = {};
    log = *open();
    ASSERT_TRUE(log->append({numbered(5)}));
    for (int i = 0; i < 11; ++i) ASSERT_TRUE(log->append({numbered(6)}));
    const auto done = audit(fetch_from_folder(folder().string()), {.verifier = verifier(), .seen = seen},
                            [](std::uint64_t, const Fields&) {});
    ASSERT_TRUE(done);
    EXPECT_THAT(done->findings, ::testing::Contains(HasSubstr("not those that were seen before")));
}

TEST_F(LogTest, WitnessesAreCounted) {
    auto log = *open();
    append(*log, 2);
    const auto witness = crypto::SigningKey::from_seed("w");
    auto note = *Note::parse(*read_file(folder() / "checkpoint"));
    note.signatures.push_back(cosign(note, "w", witness, 1'800'000'000));
    std::ofstream{folder() / "checkpoint", std::ios::trunc} << note.to_string();
    AuditRequest request{.verifier = verifier(),
                         .witnesses = {{"w", Verifier::Kind::cosignature, witness.verify_key()}},
                         .quorum = 1};
    const auto ignore = [](std::uint64_t, const Fields&) {};
    auto done = audit(fetch_from_folder(folder().string()), request, ignore);
    ASSERT_TRUE(done);
    EXPECT_THAT(done->findings, IsEmpty());
    EXPECT_EQ(done->witnesses, 1u);
    request.quorum = 2;
    EXPECT_FALSE(audit(fetch_from_folder(folder().string()), request, ignore)->findings.empty());
}

TEST(Entry, HasTheFieldsOfItsKindAndNoOthers) {
    const WallTime noon{Micros{1'772'366'400'000'000}};
    const Fields good{
        {"who", "u-1a2b3c4d"}, {"role", "administrator"}, {"camera", "gate"}, {"purpose", "incident"}};
    const auto text = make_entry("live", noon, good);
    ASSERT_TRUE(text) << text.error().message;
    EXPECT_EQ(
        *text,
        R"({"passerby":1,"time":"2026-03-01T12:00:00Z","kind":"live","who":"u-1a2b3c4d","role":"administrator",)"
        R"("camera":"gate","purpose":"incident"})");
    EXPECT_TRUE(parse_entry(*text));
    EXPECT_EQ(describe(*parse_entry(*text)), "a camera was looked at live (gate)");
    const auto refused = [&](const Fields& change) {
        auto fields = good;
        fields.update(change);
        return !make_entry("live", noon, fields);
    };
    EXPECT_TRUE(refused({{"who", "Jane Doe"}}));
    EXPECT_TRUE(refused({{"who", 7}}));
    EXPECT_TRUE(refused({{"purpose", "looking for Jane"}}));
    EXPECT_TRUE(refused({{"camera", "../gate"}}));
    EXPECT_TRUE(refused({{"note", "x"}}));
    auto without = good;
    without.erase("who");
    EXPECT_FALSE(make_entry("live", noon, without));
    EXPECT_FALSE(make_entry("lives", noon, good));
    for (const auto& bad :
         {std::string{}, std::string{"{}"}, std::string{"[1,2,3]"}, std::string{"null"},
          std::string{*text + " "}, text->substr(0, text->size() - 1) + R"(,"camera":"gate"})",
          std::string(70'000, '['),
          std::string{R"({"passerby":2,"time":"2026-03-01T12:00:00Z","kind":"stop"})"},
          std::string{R"({"passerby":1,"time":"2026-03-01 12:00","kind":"stop"})"}})
        EXPECT_FALSE(parse_entry(bad)) << bad.substr(0, 80);
}

}  // namespace
}  // namespace passerby::ledger
