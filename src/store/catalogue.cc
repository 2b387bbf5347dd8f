#include "store/catalogue.h"

#include <algorithm>
#include <cerrno>
#include <limits>

#include <fcntl.h>
#include <unistd.h>

#include "store/schema.h"
#include "store/sql.h"

namespace passerby::store {

namespace {

using SQLite::Database;
using SQLite::Statement;
using SQLite::Transaction;

constexpr const char* kColumns =
    "id, camera, start, end, media_start, media_duration, clock_error, bytes, init_bytes, width, height, "
    "codec, frames, "
    "covered, sha256, coalesce(policy, 0), disk, kept";

Segment segment_of(Statement& row) {
    return {.id = row.getColumn(0).getInt64(),
            .camera = row.getColumn(1).getString(),
            .start = wall(row.getColumn(2)),
            .end = wall(row.getColumn(3)),
            .media_start = micros(row.getColumn(4)),
            .media_duration = micros(row.getColumn(5)),
            .clock_error = micros(row.getColumn(6)),
            .bytes = static_cast<std::uint64_t>(row.getColumn(7).getInt64()),
            .init_bytes = static_cast<std::uint64_t>(row.getColumn(8).getInt64()),
            .size = {row.getColumn(9).getInt(), row.getColumn(10).getInt()},
            .codec = row.getColumn(11).getString(),
            .frames = row.getColumn(12).getInt(),
            .covered = std::clamp(row.getColumn(13).getDouble(), 0., 1.),
            .kept = row.getColumn(17).isNull() ? std::nullopt : std::optional{row.getColumn(17).getInt()},
            .finished = true,
            .sha256 = blob(row.getColumn(14)),
            .policy = row.getColumn(15).getInt64(),
            .disk = row.getColumn(16).getInt()};
}

std::vector<Segment> segments_of(Statement rows) {
    std::vector<Segment> found;
    while (rows.executeStep()) found.push_back(segment_of(rows));
    return found;
}

std::optional<Segment> first_of(Statement rows) {
    auto found = segments_of(std::move(rows));
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

std::string select(const char* where) {
    return std::string{"SELECT "} + kColumns + " FROM segment " + where;
}

std::vector<Gap> gaps_of(Statement rows) {
    std::vector<Gap> found;
    while (rows.executeStep()) {
        Gap gap{.id = rows.getColumn(0).getInt64(),
                .camera = rows.getColumn(1).getString(),
                .start = wall(rows.getColumn(2)),
                .end = {},
                // A cause that a newer passerby wrote is still a gap.
                .cause = gap_cause_named(rows.getColumn(4).getString()).value_or(GapCause::camera),
                .detail = rows.getColumn(5).getString()};
        if (!rows.getColumn(3).isNull()) gap.end = wall(rows.getColumn(3));
        found.push_back(std::move(gap));
    }
    return found;
}

// What retention deleted, as gaps: from the first recording ever to the end of the last that was deleted,
// without what is left of it (protected segments, and the gaps between them).
std::vector<Gap> deleted_spans(Database& db, const std::string& camera) {
    std::vector<Gap> spans;
    auto whole = statement(db,
                           "SELECT recorded_from, deleted_until FROM camera "
                           "WHERE id = ?1 AND deleted_until > recorded_from",
                           camera);
    if (!whole.executeStep()) return spans;
    auto at = wall(whole.getColumn(0));
    const auto end = wall(whole.getColumn(1));
    const auto deleted = [&](WallTime until) {
        if (until > at)
            spans.push_back({.id = 0,
                             .camera = camera,
                             .start = at,
                             .end = until,
                             .cause = GapCause::policy,
                             .detail = "deleted by retention"});
    };
    auto left =
        statement(db,
                  "SELECT start, end FROM segment WHERE camera = ?1 AND start < ?2 UNION ALL "
                  "SELECT start, coalesce(end, ?2) FROM gap WHERE camera = ?1 AND start < ?2 ORDER BY 1",
                  camera, end.micros());
    while (left.executeStep()) {
        deleted(wall(left.getColumn(0)));
        at = std::max(at, wall(left.getColumn(1)));
    }
    deleted(end);
    return spans;
}

constexpr const char* kOpenGap =
    "SELECT id, camera, start, end, cause, detail FROM gap WHERE camera = ?1 AND end IS NULL";

void end_gap(Database& db, const std::string& camera, WallTime end) {
    execute(db, "DELETE FROM gap WHERE camera = ?1 AND end IS NULL AND start >= ?2", camera, end.micros());
    execute(db, "UPDATE gap SET end = ?2 WHERE camera = ?1 AND end IS NULL", camera, end.micros());
}

void begin_gap(Database& db, const Gap& gap) {
    const auto open = gaps_of(statement(db, kOpenGap, gap.camera));
    const std::string cause{name(gap.cause)};
    if (!open.empty() && open.front().cause == gap.cause) return;
    if (!open.empty()) end_gap(db, gap.camera, gap.start);
    // A disk that stays full makes one entry, not one for every attempt.
    if (execute(db, "UPDATE gap SET end = NULL, batch = NULL WHERE camera = ?1 AND end = ?2 AND cause = ?3",
                gap.camera, gap.start.micros(), cause) > 0)
        return;
    execute(db, "INSERT INTO gap (camera, start, cause, detail) VALUES (?1, ?2, ?3, ?4)", gap.camera,
            gap.start.micros(), cause, gap.detail);
}

void insert_segment(Database& db, const Segment& s) {
    auto insert = statement(
        db,
        "INSERT INTO segment (id, camera, start, end, media_start, media_duration, clock_error, bytes, "
        "init_bytes, "
        "width, height, codec, frames, covered, policy, disk, sha256, kept) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, nullif(?15, 0), ?16, ?17, ?18)",
        s.id, s.camera, s.start.micros(), s.end.micros(), s.media_start.count(), s.media_duration.count(),
        s.clock_error.count(), static_cast<std::int64_t>(s.bytes), static_cast<std::int64_t>(s.init_bytes),
        s.size.width, s.size.height, s.codec, s.frames, s.covered, s.policy, s.disk);
    if (!s.sha256.empty()) insert.bind(17, s.sha256.data(), static_cast<int>(s.sha256.size()));
    if (s.kept) insert.bind(18, *s.kept);
    insert.exec();
    execute(db, "DELETE FROM writing WHERE id = ?1", s.id);
    // One that waited for its disk lies where a gap was noted meanwhile.
    execute(db, "DELETE FROM gap WHERE camera = ?1 AND start >= ?2 AND end <= ?3", s.camera, s.start.micros(),
            s.end.micros());
    execute(db,
            "UPDATE gap SET start = ?3, batch = NULL WHERE camera = ?1 AND start >= ?2 AND start < ?3 "
            "AND (end IS NULL OR end > ?3)",
            s.camera, s.start.micros(), s.end.micros());
}

SegmentId insert_writing(Database& db, const Segment& s) {
    execute(db,
            "INSERT INTO writing (camera, start, media_start, clock_error, init_bytes, width, height, codec, "
            "policy, disk) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, nullif(?9, 0), ?10)",
            s.camera, s.start.micros(), s.media_start.count(), s.clock_error.count(),
            static_cast<std::int64_t>(s.init_bytes), s.size.width, s.size.height, s.codec, s.policy, s.disk);
    return db.getLastInsertRowid();
}

void prepare(Database& db, bool writable) {
    db.setBusyTimeout(10'000);
    db.exec("PRAGMA foreign_keys = ON");
    if (!writable) return;
    // WAL: readers and the writer do not wait for each other. FULL: a committed row survives a power cut.
    db.exec("PRAGMA journal_mode = WAL");
    db.exec("PRAGMA synchronous = FULL");
    db.exec("PRAGMA journal_size_limit = 4194304");
}

Status bring_up_to_date(Database& db, const std::filesystem::path& file) {
    const int version = db.execAndGet("PRAGMA user_version").getInt();
    const int application = db.execAndGet("PRAGMA application_id").getInt();
    const bool fresh = version == 0 && db.execAndGet("SELECT count(*) FROM sqlite_schema").getInt() == 0;
    if (!fresh && application != kApplicationId)
        return fail(ErrorKind::invalid, "'{}' is not a catalogue of passerby; choose another data folder",
                    file.string());
    if (version > kSchemaVersion)
        return fail(ErrorKind::invalid,
                    "the catalogue '{}' was made by a newer passerby (schema {}, this one knows {}); install "
                    "that version",
                    file.string(), version, kSchemaVersion);
    if (version == kSchemaVersion) return {};
    Transaction transaction{db};
    for (auto step = static_cast<std::size_t>(version); step < kSchema.size(); ++step) db.exec(kSchema[step]);
    db.exec(fmt::format("PRAGMA application_id = {}", kApplicationId));
    db.exec(fmt::format("PRAGMA user_version = {}", kSchemaVersion));
    transaction.commit();
    return {};
}

// A process that was killed may have left a change in the log that it had not synced yet. SQLite shows it all
// the same, and what recovery deletes because of it is gone: so first it is made to stay.
Status sync_what_is_there(const std::filesystem::path& file) {
    for (const auto* suffix : {"", "-wal", "-journal"}) {
        const auto fd = open_file(file.string() + suffix, O_RDONLY | O_NOFOLLOW);
        if (!fd && fd.error().kind == ErrorKind::not_found) continue;
        if (!fd) return tl::unexpected{fd.error()};
        if (::fsync(fd->get()) != 0)
            return fail_errno(errno, fmt::format("cannot sync '{}{}'", file.string(), suffix));
    }
    return sync_folder(file.parent_path());
}

}  // namespace

Catalogue::Catalogue(std::unique_ptr<Sql> changes, std::unique_ptr<Sql> queries)
    : changes_{std::move(changes)}, queries_{std::move(queries)} {}
Catalogue::~Catalogue() = default;

Result<std::unique_ptr<Catalogue>> Catalogue::open(const std::filesystem::path& file) {
    // It holds password hashes: made by us, so that nobody else may read it. SQLite gives its -wal and -shm
    // the same rights.
    TRY(open_file(file, O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
    TRY_STATUS(sync_what_is_there(file));
    try {
        auto changes = std::make_unique<Sql>(file, SQLite::OPEN_READWRITE);
        const auto ready = TRY(changes->run([&](Database& db) -> Status {
            prepare(db, true);
            return bring_up_to_date(db, file);
        }));
        TRY_STATUS(ready);
        auto queries = std::make_unique<Sql>(file, SQLite::OPEN_READONLY);
        TRY_STATUS(queries->run([](Database& db) { prepare(db, false); }));
        return std::unique_ptr<Catalogue>{new Catalogue{std::move(changes), std::move(queries)}};
    } catch (const SQLite::Exception& e) {
        return tl::unexpected{sql_error(e, file)};
    }
}

Result<SegmentId> Catalogue::apply(const Change& change) {
    return changes_->run([&](Database& db) {
        SegmentId begun = 0;
        Transaction transaction{db};
        execute(db, "INSERT OR IGNORE INTO camera (id) VALUES (?1)", change.camera);
        if (change.finished) insert_segment(db, *change.finished);
        if (change.lost) {
            execute(db,
                    "INSERT INTO garbage (id, camera, start, disk) "
                    "SELECT id, camera, start, disk FROM writing WHERE id = ?1",
                    *change.lost);
            execute(db, "DELETE FROM writing WHERE id = ?1", *change.lost);
        }
        for (const auto& gap : change.opened) begin_gap(db, gap);
        if (change.closed) end_gap(db, change.camera, *change.closed);
        if (change.begun) begun = insert_writing(db, *change.begun);
        transaction.commit();
        return begun;
    });
}

Result<std::vector<Segment>> Catalogue::segments(const std::string& camera, WallTime from,
                                                 WallTime to) const {
    return queries_->run([&](Database& db) {
        // Segments do not overlap, so of those that start at or before `from` only the last can reach into
        // the span.
        const auto sql = select(
            "WHERE camera = ?1 AND start < ?3 AND end > ?2 AND start >= coalesce("
            "(SELECT max(start) FROM segment WHERE camera = ?1 AND start <= ?2), ?2) ORDER BY start");
        return segments_of(statement(db, sql.c_str(), camera, from.micros(), to.micros()));
    });
}

Result<std::vector<RecordedHour>> Catalogue::hours(const std::string& camera, WallTime from,
                                                   WallTime to) const {
    constexpr std::int64_t kHour = std::chrono::microseconds{std::chrono::hours{1}}.count();
    return queries_->run([&](Database& db) {
        // The index alone is read: a month of minutes is spread over the whole file.
        auto row = statement(db,
                             "SELECT start / ?4, sum(end - start), sum(covered * (end - start)) "
                             "FROM segment INDEXED BY segment_in_hours "
                             "WHERE camera = ?1 AND start >= ?2 AND start < ?3 GROUP BY 1 ORDER BY 1",
                             camera, from.micros(), to.micros(), kHour);
        std::vector<RecordedHour> found;
        while (row.executeStep()) {
            const Micros recorded{row.getColumn(1).getInt64()};
            found.push_back({{Micros{row.getColumn(0).getInt64() * kHour}},
                             recorded,
                             row.getColumn(2).getDouble() / static_cast<double>(recorded.count())});
        }
        return found;
    });
}

Result<std::optional<Segment>> Catalogue::segment(SegmentId id) const {
    return queries_->run(
        [&](Database& db) { return first_of(statement(db, select("WHERE id = ?1").c_str(), id)); });
}

Result<std::optional<Segment>> Catalogue::newest(const std::string& camera, WallTime before) const {
    return queries_->run([&](Database& db) {
        const auto sql = select("WHERE camera = ?1 AND start < ?2 ORDER BY start DESC LIMIT 1");
        return first_of(statement(db, sql.c_str(), camera, before.micros()));
    });
}

Result<std::vector<Segment>> Catalogue::oldest(const Which& which, int limit,
                                               std::optional<WallTime> unprotected) const {
    // A time at which no protection lasts stands for "with all".
    const auto when = unprotected ? unprotected->micros() : std::numeric_limits<std::int64_t>::max();
    constexpr const char* kUnprotected =
        "NOT EXISTS (SELECT 1 FROM protection AS p WHERE p.camera = segment.camera AND p.ended IS NULL "
        "AND p.until > ?2 AND p.start < segment.end AND p.end > segment.start)";
    return queries_->run([&](Database& db) {
        const char* whose = which.camera ? "camera = ?3 AND" : which.disk ? "disk = ?3 AND" : "";
        const auto sql =
            select(fmt::format("WHERE {} {} ORDER BY start, id LIMIT ?1", whose, kUnprotected).c_str());
        auto rows = statement(db, sql.c_str(), limit, when);
        if (which.camera)
            rows.bind(3, *which.camera);
        else if (which.disk)
            rows.bind(3, *which.disk);
        return segments_of(std::move(rows));
    });
}

Result<std::vector<Segment>> Catalogue::without_batch(int limit) const {
    return queries_->run([&](Database& db) {
        return segments_of(statement(
            db, select("WHERE batch IS NULL AND sha256 IS NOT NULL ORDER BY id LIMIT ?1").c_str(), limit));
    });
}

Result<std::int64_t> Catalogue::policy_id(const std::string& text) {
    return changes_->run([&](Database& db) {
        execute(db, "INSERT OR IGNORE INTO policy (text) VALUES (?1)", text);
        auto row = statement(db, "SELECT id FROM policy WHERE text = ?1", text);
        row.executeStep();
        return row.getColumn(0).getInt64();
    });
}

Result<std::string> Catalogue::policy(std::int64_t id) const {
    return queries_->run([&](Database& db) -> std::string {
        auto row = statement(db, "SELECT text FROM policy WHERE id = ?1", id);
        return row.executeStep() ? row.getColumn(0).getString() : std::string{};
    });
}

Result<std::vector<Gap>> Catalogue::gaps(const std::string& camera, WallTime from, WallTime to) const {
    return queries_->run([&](Database& db) {
        auto found = gaps_of(statement(db,
                                       "SELECT id, camera, start, end, cause, detail FROM gap "
                                       "WHERE camera = ?1 AND start < ?3 AND (end IS NULL OR end > ?2)",
                                       camera, from.micros(), to.micros()));
        for (auto& deleted : deleted_spans(db, camera))
            if (deleted.start<to&& * deleted.end> from) found.push_back(std::move(deleted));
        std::ranges::sort(found, {}, &Gap::start);
        return found;
    });
}

Result<std::optional<Gap>> Catalogue::open_gap(const std::string& camera) const {
    return queries_->run([&](Database& db) -> std::optional<Gap> {
        auto open = gaps_of(statement(db, kOpenGap, camera));
        if (open.empty()) return std::nullopt;
        return std::move(open.front());
    });
}

Result<std::vector<Usage>> Catalogue::usage() const {
    return queries_->run([](Database& db) {
        std::vector<Usage> found;
        Statement rows{db, "SELECT id, bytes FROM camera ORDER BY id"};
        while (rows.executeStep())
            found.push_back(
                {rows.getColumn(0).getString(), static_cast<std::uint64_t>(rows.getColumn(1).getInt64())});
        return found;
    });
}

Result<std::optional<WallTime>> Catalogue::accounted_until(const std::string& camera) const {
    return queries_->run([&](Database& db) -> std::optional<WallTime> {
        auto row = statement(
            db,
            "SELECT max(t) FROM (SELECT max(end) AS t FROM (SELECT end FROM segment WHERE camera = ?1 "
            "ORDER BY start DESC LIMIT 1) "
            "UNION ALL SELECT max(coalesce(end, start)) FROM gap WHERE camera = ?1 "
            "UNION ALL SELECT deleted_until FROM camera WHERE id = ?1)",
            camera);
        if (!row.executeStep() || row.getColumn(0).isNull()) return std::nullopt;
        return wall(row.getColumn(0));
    });
}

Result<std::vector<Segment>> Catalogue::writing() const {
    return queries_->run([](Database& db) {
        return segments_of(
            {db,
             "SELECT id, camera, start, start, media_start, 0, clock_error, 0, init_bytes, width, "
             "height, codec, 0, 1, NULL, coalesce(policy, 0), disk, NULL FROM writing ORDER BY id"});
    });
}

}  // namespace passerby::store
