#include "store/sealed.h"

#include <fstream>

#include "store/catalogue.h"
#include "store/check.h"
#include "store/ledger.h"
#include "store/paths.h"
#include "store/protections.h"
#include "store/recorder.h"
#include "store/retention.h"
#include "store/sql.h"
#include "store/test_world.h"

namespace passerby::store {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace fs = std::filesystem;

constexpr const char* kKeyholders = "passerby keyholders 1, needed 1\nage1…\n";
constexpr std::size_t kBytes = 5000;

class SealedTest : public ::testing::Test {
  protected:
    static WallTime second(int s) { return at("2026-03-01T12:00:00Z") + std::chrono::seconds{s}; }
    static std::vector<std::byte> content(int s) {
        return std::vector<std::byte>(kBytes, std::byte(s % 251));
    }

    Status keep(const std::string& camera, int s) {
        return Sealed{store_}.keep(camera, second(s), second(s + 10), kKeyholders, content(s));
    }
    void keep_minutes(const std::string& camera, int minutes) {
        for (int s = 0; s < 60 * minutes; s += 10) must(keep(camera, s));
    }
    void record_minutes(const std::string& camera, int minutes) {
        clock_.set_wall(second(0));
        auto recorder = must(Recorder::create(store_, camera));
        Camera source{*recorder, clock_};
        must(source.begin());
        must(source.send(60 * minutes, 0));
        must(recorder->stop());
    }
    std::size_t parts(const std::string& camera) {
        return must(Sealed{store_}.of(camera, second(-3600), second(7200))).size();
    }
    std::size_t files() const {
        const auto entries = fs::recursive_directory_iterator{store_->recordings()};
        return static_cast<std::size_t>(std::count_if(
            begin(entries), end(entries), [](const auto& e) { return e.path().extension() == ".age"; }));
    }
    CheckReport checked(Depth depth = Depth::bytes) {
        return must(check(folder_.path() / "data", depth, [](std::size_t, std::size_t) {}));
    }
    void sweep_all(const RetentionPlan& plan) {
        while (must(sweep(*store_, plan, clock_.wall(), 64)).more) {
        }
        must(sweep(*store_, plan, clock_.wall(), 64));  // files whose rows went in the last round
    }

    TempFolder folder_;
    FakeClock clock_{at("2026-03-01T12:00:00Z")};
    std::shared_ptr<Store> store_ = must(Store::open(folder_.path() / "data", clock_));
};

TEST_F(SealedTest, WhatIsKeptIsListedAndRead) {
    keep_minutes("yard", 1);
    const Sealed sealed{store_};
    const auto found = must(sealed.of("yard", second(15), second(35)));
    ASSERT_THAT(found, SizeIs(3));
    EXPECT_EQ(found[0].start, second(10));
    EXPECT_EQ(found[0].keyholders, kKeyholders);
    EXPECT_EQ(must(sealed.read(found[1])),
              std::string(reinterpret_cast<const char*>(content(20).data()), kBytes));
    EXPECT_EQ(must(sealed.with_id(found[2].id)).start, second(30));
    EXPECT_EQ(must(store_->bytes_used("yard")), 6 * kBytes);
    EXPECT_THAT(checked().findings, IsEmpty());
}

TEST_F(SealedTest, ASecondOneOfTheSameMomentIsRefusedAndTheFirstStays) {
    must(keep("yard", 0));
    const auto again = keep("yard", 0);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, ErrorKind::exists);
    sweep_all({});
    EXPECT_EQ(files(), 1u);
    EXPECT_THAT(checked().findings, IsEmpty());
}

TEST_F(SealedTest, RetentionByAgeTakesBothHalves) {
    record_minutes("yard", 10);
    keep_minutes("yard", 10);
    clock_.set_wall(second(600));
    RetentionPlan plan;
    plan.others.age = std::chrono::minutes{4};
    sweep_all(plan);
    const auto segments = segments_of(*store_, "yard");
    ASSERT_THAT(segments, SizeIs(4));
    EXPECT_EQ(parts("yard"), 24u);
    EXPECT_EQ(files(), 24u);
    EXPECT_THAT(checked().findings, IsEmpty());
}

TEST_F(SealedTest, RetentionBySizeCountsWhatIsSealed) {
    record_minutes("yard", 10);
    const auto covered = must(store_->bytes_used("yard"));
    keep_minutes("yard", 10);
    ASSERT_EQ(must(store_->bytes_used("yard")), covered + 60 * kBytes);
    RetentionPlan plan;
    plan.others.bytes = (covered + 60 * kBytes) / 2;
    clock_.set_wall(second(600));
    sweep_all(plan);
    EXPECT_LE(must(store_->bytes_used("yard")), *plan.others.bytes);
    EXPECT_EQ(segments_of(*store_, "yard").size(), 5u);
    EXPECT_EQ(parts("yard"), 30u);
    EXPECT_THAT(checked().findings, IsEmpty());
}

TEST_F(SealedTest, WhatIsProtectedStays) {
    record_minutes("yard", 10);
    keep_minutes("yard", 10);
    clock_.set_wall(second(600));
    Protections protections{store_};
    must(protections.add({.id = 0,
                          .camera = "yard",
                          .start = second(125),
                          .end = second(155),
                          .reason = "incident",
                          .at = clock_.wall(),
                          .user = "admin",
                          .until = second(86'400)}));
    RetentionPlan plan;
    plan.others.age = std::chrono::minutes{1};
    sweep_all(plan);
    const auto kept = must(Sealed{store_}.of("yard", second(0), second(500)));
    ASSERT_THAT(kept, SizeIs(4));
    EXPECT_EQ(kept.front().start, second(120));
    EXPECT_EQ(kept.back().end, second(160));
    EXPECT_THAT(checked().findings, IsEmpty());
}

TEST_F(SealedTest, GoesByAgeWhereNothingElseIsRecorded) {
    keep_minutes("yard", 2);
    clock_.set_wall(second(120));
    RetentionPlan plan;
    plan.others.age = std::chrono::minutes{1};
    sweep_all(plan);
    EXPECT_EQ(parts("yard"), 6u);
    EXPECT_EQ(files(), 6u);
}

// A crash between the file and its row: the file is deleted at the next start, and nothing else.
TEST_F(SealedTest, WhatACrashLeftIsTakenOut) {
    must(keep("yard", 0));
    must(store_->catalogue().changes().run([&](SQLite::Database& db) {
        execute(db, "INSERT INTO sealed_garbage (camera, start, writing) VALUES ('yard', ?1, 1)",
                second(10).micros());
    }));
    std::ofstream{store_->recordings() / sealed_path("yard", second(10))} << "half";
    ASSERT_EQ(files(), 2u);
    sweep_all({});
    EXPECT_EQ(files(), 2u) << "it may still be written to";
    store_.reset();
    store_ = must(Store::open(folder_.path() / "data", clock_));
    EXPECT_EQ(files(), 1u);
    EXPECT_EQ(parts("yard"), 1u);
    EXPECT_THAT(checked().findings, IsEmpty());
}

TEST_F(SealedTest, CheckFindsWhatIsNotThereAnyMore) {
    keep_minutes("yard", 1);
    const auto file = [&](int s) { return store_->recordings() / sealed_path("yard", second(s)); };
    fs::remove(file(0));
    fs::resize_file(file(10), kBytes - 1);
    std::fstream{file(20), std::ios::in | std::ios::out | std::ios::binary}.put('!');
    std::ofstream{file(20).parent_path() / "59.59.999.age"} << "not ours";
    EXPECT_FALSE(Sealed{store_}.read(must(Sealed{store_}.of("yard", second(20), second(21))).front()));
    store_.reset();
    const auto by_files = checked(Depth::files).findings;
    ASSERT_THAT(by_files, SizeIs(3));
    EXPECT_EQ(by_files[0].what, "the file is gone");
    EXPECT_EQ(by_files[1].what, "it has 4999 bytes, and 5000 are listed");
    EXPECT_EQ(by_files[2].what, "nobody lists this file");
    const auto by_bytes = checked().findings;
    ASSERT_THAT(by_bytes, SizeIs(4));
    EXPECT_EQ(by_bytes[2].what, "it is not the file that was sealed");
}

TEST_F(SealedTest, IsInTheLedgersBatches) {
    record_minutes("yard", 1);
    keep_minutes("yard", 1);
    const auto ledger = must(Ledger::open(store_, ""));
    EXPECT_GT(must(ledger->close_batches()), 6u);
    std::string root;
    must(ledger->each([&](std::uint64_t, const ledger::Fields& entry) {
        if (entry["kind"] == "segments") root = entry["root"].get<std::string>();
    }));
    const auto manifests = must(ledger->batches().manifests(root));
    EXPECT_EQ(std::ranges::count_if(manifests, [](const auto& m) { return m.find("\"sealed\":") != m.npos; }),
              6);
    EXPECT_EQ(must(ledger->close_batches()), 0u) << "each once";
    EXPECT_THAT(checked().findings, IsEmpty());
}

TEST_F(SealedTest, AFullDiskLeavesNothing) {
    store_.reset();
    auto disk = std::make_shared<bool>(true);
    class Full final : public FileSink {
      public:
        Status append(std::span<const std::byte>) override { return fail(ErrorKind::full, "no space left"); }
        Status sync() override { return {}; }
        Status truncate(std::uint64_t) override { return {}; }
    };
    store_ = must(Store::open(folder_.path() / "data", clock_,
                              [disk](const fs::path& path) -> Result<std::unique_ptr<FileSink>> {
                                  if (!*disk) return create_file_sink(path);
                                  return std::unique_ptr<FileSink>{std::make_unique<Full>()};
                              }));
    const auto kept = keep("yard", 0);
    ASSERT_FALSE(kept);
    EXPECT_EQ(kept.error().kind, ErrorKind::full);
    EXPECT_EQ(parts("yard"), 0u);
    *disk = false;
    sweep_all({});
    must(keep("yard", 0));
    EXPECT_EQ(parts("yard"), 1u);
    EXPECT_THAT(checked().findings, IsEmpty());
}

}  // namespace
}  // namespace passerby::store
