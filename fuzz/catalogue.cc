// Rows that somebody else wrote into the catalogue: a store that opens it, a check, a repair.
//
// A row a line: the table, and its columns behind tabs: a whole number, "x'00ff'" for bytes, nothing for
// NULL, otherwise a text.
#include <charconv>
#include <optional>

#include <unistd.h>

#include "base/log.h"
#include "base/temporary_folder.h"
#include "ledger/note.h"
#include "store/approvals.h"
#include "store/check.h"
#include "store/ledger.h"
#include "store/masks.h"
#include "store/openings.h"
#include "store/paths.h"
#include "store/protections.h"
#include "store/retention.h"
#include "store/sql.h"
#include "store/users.h"
#include "target.h"

using namespace passerby;

namespace {

namespace fs = std::filesystem;
constexpr WallTime kBegin{Micros::min() / 2}, kEnd{Micros::max() / 2};
constexpr WallTime kNow{Micros{1'772'366'400'000'000}};
constexpr const char* kOrigin = "example.org/fuzz";

// The marks of the disks stay: they name folders to look into.
constexpr std::string_view kTables[] = {
    "camera",  "segment",        "writing",      "garbage", "gap",  "approval",   "policy",
    "sealed",  "sealed_garbage", "keyholders",   "opening", "user", "protection", "opening_keyholder",
    "session", "ledger",         "mask_version", "token"};

class StandingClock final : public Clock {
  public:
    WallTime wall() const override { return kNow; }
    Micros monotonic() const override { return {}; }
};

StandingClock standing;  // NOLINT: as long as the folder

// In memory where that is possible: each row is synced.
TemporaryFolder in_memory() {
    if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 0);
    return TemporaryFolder::create().value();
}

struct World {
    TemporaryFolder temporary = in_memory();
    fs::path folder = temporary.file("data");
    fs::path outside = temporary.file("outside");
    World() {
        set_log_level(LogLevel::error);
        fuzz::must(store::Store::open(folder, standing).has_value(), "a new folder opens");
    }
};

std::optional<std::string_view> next(std::string_view& text, char end) {
    if (text.empty()) return std::nullopt;
    const auto at = std::min(text.find(end), text.size());
    const auto part = text.substr(0, at);
    text.remove_prefix(std::min(at + 1, text.size()));
    return part;
}

void bind(SQLite::Statement& statement, int index, std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty()) {
        statement.bind(index);
    } else if (error == std::errc{} && end == text.data() + text.size()) {
        statement.bind(index, number);
    } else if (text.starts_with("x'") && text.ends_with("'") && text.size() > 2) {
        std::string bytes;
        const auto hex = text.substr(2, text.size() - 3);
        for (std::size_t i = 0; i + 2 <= hex.size(); i += 2) {
            unsigned byte = 0;
            std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
            bytes.push_back(static_cast<char>(byte));
        }
        statement.bind(index, bytes.data(), static_cast<int>(bytes.size()));
    } else {
        statement.bind(index, std::string{text});
    }
}

void write_row(SQLite::Database& db, std::string_view line) try {
    const auto table = next(line, '\t');
    if (!table || std::ranges::find(kTables, *table) == std::end(kTables)) return;
    std::vector<std::string_view> values;
    while (const auto value = next(line, '\t')) values.push_back(*value);
    if (values.empty() || values.size() > 20) return;
    std::string sql = fmt::format("INSERT OR REPLACE INTO {} VALUES (?", *table);
    for (std::size_t i = 1; i < values.size(); ++i) sql += ",?";
    SQLite::Statement insert{db, sql + ")"};
    for (std::size_t i = 0; i < values.size(); ++i) bind(insert, static_cast<int>(i) + 1, values[i]);
    insert.exec();
} catch (const SQLite::Exception&) {
    // No row of this table.
}

void write_rows(const fs::path& file, std::string_view text) {
    store::Sql sql{file, SQLite::OPEN_READWRITE};
    static_cast<void>(sql.run([&](SQLite::Database& db) {
        // What a file that was made elsewhere need not keep to.
        db.exec("PRAGMA ignore_check_constraints = ON");
        db.exec("PRAGMA foreign_keys = OFF");
        db.exec("PRAGMA synchronous = OFF");
        SQLite::Transaction transaction{db};
        for (const auto table : kTables) db.exec(fmt::format("DELETE FROM {}", table));
        while (const auto line = next(text, '\n')) write_row(db, *line);
        transaction.commit();
    }));
}

void look_at(const std::shared_ptr<store::Store>& store, const std::string& camera) {
    const auto timeline = store->timeline(camera, kBegin, kEnd);
    if (timeline) {
        for (const auto& s : timeline->segments) {
            if (const auto file = store->open_segment(s.id))
                static_cast<void>(store::Store::fragments(*file));
            static_cast<void>(to_iso8601(s.start) + to_iso8601(s.end));
            fuzz::must(s.covered >= 0 && s.covered <= 1, "a share is one");
        }
    }
    static_cast<void>(store->days(camera));
    static_cast<void>(store->span(camera));
    static_cast<void>(store->bytes_used(camera));
    static_cast<void>(store::Masks{store}.history(camera));
    static_cast<void>(store::Masks{store}.standing(camera));
    static_cast<void>(store::Masks{store}.waiting(camera));
    static_cast<void>(store::Approvals{store}.history(camera));
    static_cast<void>(store::Approvals{store}.standing(camera, 10));
    static_cast<void>(store::Protections{store}.of(camera, kBegin, kEnd));
    static_cast<void>(store::Ledger::rules_on_record(*store, camera));
}

void look_at_all(const std::shared_ptr<store::Store>& store) {
    auto cameras = store->cameras().value_or(std::vector<std::string>{});
    cameras.resize(std::min<std::size_t>(cameras.size(), 5));
    cameras.emplace_back("gate");
    for (const auto& camera : cameras) look_at(store, camera);
    if (const auto all = store::Openings{store}.all(100))
        for (const auto& opening : *all) static_cast<void>(opening.state(kNow));
    const store::Users users{store, nullptr};
    if (const auto all = users.all())
        for (const auto& user : *all) static_cast<void>(users.tokens(user.name));
    if (const auto ledger = store::Ledger::open(store, kOrigin))
        static_cast<void>((*ledger)->close_batches());
    static_cast<void>(store->recover_returned());
    store::RetentionPlan plan;
    plan.total_bytes = 10'000;
    plan.others.age = std::chrono::hours{24};
    plan.space = [](const fs::path&) -> Result<store::DiskSpace> {
        return store::DiskSpace{1 << 30, 1 << 30};
    };
    static_cast<void>(store::sweep(*store, plan, kNow));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const World world;
    for (const char* left : {"ledger", "manifests", "proofs", "ledger.key"})
        fs::remove_all(world.folder / left);
    fuzz::must(write_file_atomically(world.outside.string(), "mine").has_value(), "there is space");
    write_rows(world.folder / "catalogue.sqlite", fuzz::text_of(data, size));
    for (const auto depth : {store::Depth::catalogue, store::Depth::bytes})
        static_cast<void>(store::check(world.folder, depth, [](std::size_t, std::size_t) {}));
    if (const auto store = store::Store::open(world.folder, standing)) look_at_all(*store);
    if (const auto report = store::check(world.folder, store::Depth::bytes, [](std::size_t, std::size_t) {}))
        static_cast<void>(store::repair(world.folder, *report, standing));
    fuzz::must(fs::exists(world.outside), "no row leads out of the folder");
    return 0;
}
