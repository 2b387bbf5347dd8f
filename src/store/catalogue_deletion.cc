// What leaves the catalogue: segments and sealed parts that retention takes, and the notes of their files.
#include "store/catalogue.h"
#include "store/sql.h"

namespace passerby::store {

namespace {

using SQLite::Database;
using SQLite::Transaction;

int delete_sealed(Database& db, const std::string& camera, WallTime until, WallTime now) {
    constexpr const char* kWhich =
        "WHERE camera = ?1 AND end <= ?2 AND NOT EXISTS (SELECT 1 FROM protection AS p "
        "WHERE p.camera = sealed.camera AND p.ended IS NULL AND p.until > ?3 AND p.start < sealed.end "
        "AND p.end > sealed.start)";
    static const auto kNote =
        std::string{
            "INSERT INTO sealed_garbage (camera, start, disk) SELECT camera, start, disk FROM sealed "} +
        kWhich;
    static const auto kDelete = std::string{"DELETE FROM sealed "} + kWhich;
    execute(db, kNote.c_str(), camera, until.micros(), now.micros());
    return execute(db, kDelete.c_str(), camera, until.micros(), now.micros());
}

}  // namespace

Status Catalogue::expire(const std::vector<Segment>& segments, WallTime now) {
    return changes_->run([&](Database& db) {
        Transaction transaction{db};
        for (const auto& s : segments) {
            execute(db, "INSERT INTO garbage (id, camera, start, disk) VALUES (?1, ?2, ?3, ?4)", s.id,
                    s.camera, s.start.micros(), s.disk);
            execute(db, "DELETE FROM segment WHERE id = ?1", s.id);
            execute(db,
                    "UPDATE camera SET deleted_until = max(coalesce(deleted_until, ?2), ?2) WHERE id = ?1",
                    s.camera, s.end.micros());
            delete_sealed(db, s.camera, s.end, now);
        }
        // A gap goes with what was recorded before it: one that lies after a protected segment is still
        // needed.
        for (const auto& s : segments)
            execute(db,
                    "DELETE FROM gap WHERE camera = ?1 AND end <= ?2 AND end <= coalesce("
                    "(SELECT min(start) FROM segment WHERE camera = ?1), ?2)",
                    s.camera, s.end.micros());
        transaction.commit();
    });
}

Result<int> Catalogue::expire_sealed(const std::string& camera, WallTime until, WallTime now) {
    return changes_->run([&](Database& db) {
        Transaction transaction{db};
        const int deleted = delete_sealed(db, camera, until, now);
        transaction.commit();
        return deleted;
    });
}

Result<std::uint64_t> Catalogue::sealed_bytes(const Segment& s) const {
    return queries_->run([&](Database& db) {
        auto row = statement(
            db, "SELECT coalesce(sum(bytes), 0) FROM sealed WHERE camera = ?1 AND end > ?2 AND end <= ?3",
            s.camera, s.start.micros(), s.end.micros());
        row.executeStep();
        return static_cast<std::uint64_t>(row.getColumn(0).getInt64());
    });
}

Status Catalogue::give_up_sealing() {
    return changes_->run(
        [](Database& db) { execute(db, "UPDATE sealed_garbage SET writing = 0 WHERE writing <> 0"); });
}

Result<std::vector<Garbage>> Catalogue::garbage(DiskId disk, int limit) const {
    return queries_->run([&](Database& db) {
        std::vector<Garbage> found;
        auto rows =
            statement(db,
                      "SELECT id, camera, start, 0 FROM garbage WHERE disk = ?2 UNION ALL "
                      "SELECT id, camera, start, 1 FROM sealed_garbage WHERE disk = ?2 AND writing = 0 "
                      "ORDER BY 3 LIMIT ?1",
                      limit, disk);
        while (rows.executeStep())
            found.push_back({rows.getColumn(0).getInt64(), rows.getColumn(1).getString(),
                             wall(rows.getColumn(2)), rows.getColumn(3).getInt() != 0, disk});
        return found;
    });
}

Status Catalogue::forget(const std::vector<Garbage>& garbage) {
    return changes_->run([&](Database& db) {
        Transaction transaction{db};
        for (const auto& g : garbage)
            execute(
                db,
                g.sealed ? "DELETE FROM sealed_garbage WHERE id = ?1" : "DELETE FROM garbage WHERE id = ?1",
                g.id);
        transaction.commit();
    });
}

}  // namespace passerby::store
