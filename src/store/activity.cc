#include "store/activity.h"

#include <algorithm>

#include "store/catalogue.h"
#include "store/paths.h"
#include "store/sql.h"

namespace passerby::store {

namespace {

using SQLite::Database;

std::vector<DrawnPlace> places_of(Database& db, const std::string& camera, bool removed) {
    auto row = statement(
        db,
        "SELECT id, name, points, drawn, drawn_by, removed, removed_by FROM place WHERE camera = ?1 "
        "AND (?2 OR removed IS NULL) ORDER BY id",
        camera, removed ? 1 : 0);
    std::vector<DrawnPlace> found;
    while (row.executeStep()) {
        DrawnPlace p{row.getColumn(0).getInt64(),
                     camera,
                     row.getColumn(1).getString(),
                     row.getColumn(2).getString(),
                     {wall(row.getColumn(3)), row.getColumn(4).getString()}};
        if (!row.isColumnNull(5)) p.removed = {wall(row.getColumn(5)), row.getColumn(6).getString()};
        found.push_back(std::move(p));
    }
    return found;
}

}  // namespace

Result<std::vector<DrawnPlace>> Activity::places(const std::string& camera, bool removed) const {
    return store_->catalogue().queries().run([&](Database& db) { return places_of(db, camera, removed); });
}

Status Activity::draw(const std::string& camera, const std::vector<std::int64_t>& keep,
                      const std::vector<DrawnPlace>& add, const DrawnPlace::Done& by) {
    if (!is_camera_id(camera)) return fail(ErrorKind::invalid, "'{}' is not the id of a camera", camera);
    return store_->catalogue().changes().run([&](Database& db) {
        SQLite::Transaction all{db};
        for (const auto& place : places_of(db, camera, false))
            if (std::ranges::count(keep, place.id) == 0)
                execute(db, "UPDATE place SET removed = ?2, removed_by = ?3 WHERE id = ?1", place.id,
                        by.at.micros(), by.user);
        for (const auto& place : add)
            execute(db,
                    "INSERT INTO place (camera, name, points, drawn, drawn_by) VALUES (?1, ?2, ?3, ?4, ?5)",
                    camera, place.name, place.points, by.at.micros(), by.user);
        all.commit();
    });
}

Status Activity::add(const std::string& camera, const std::vector<ActivityNumber>& numbers) {
    const auto refused = TRY(store_->catalogue().changes().run([&](Database& db) -> std::string {
        SQLite::Transaction all{db};
        for (const auto& n : numbers) {
            auto known = statement(db, "SELECT 1 FROM place WHERE id = ?1 AND camera = ?2", n.place, camera);
            if (!known.executeStep()) return fmt::format("{} is no place of camera '{}'", n.place, camera);
            const int added = execute(
                db,
                "INSERT OR IGNORE INTO activity (place, start, end, persons_in, persons_out, vehicles_in, "
                "vehicles_out, scale_of, scale_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                n.place, n.from.micros(), n.to.micros(), n.persons[0], n.persons[1], n.vehicles[0],
                n.vehicles[1], static_cast<std::int64_t>(n.scale_of), static_cast<std::int64_t>(n.scale_by));
            if (added == 0)
                return fmt::format("there are numbers of place {} at {} already", n.place,
                                   to_iso8601(n.from));
        }
        all.commit();
        return {};
    }));
    if (!refused.empty()) return fail(ErrorKind::denied, "{}", refused);
    return {};
}

Result<std::vector<ActivityNumber>> Activity::of(const std::string& camera, WallTime from,
                                                 WallTime to) const {
    return store_->catalogue().queries().run([&](Database& db) {
        auto row = statement(
            db,
            "SELECT place, start, end, persons_in, persons_out, vehicles_in, vehicles_out, scale_of, "
            "scale_by FROM activity JOIN place ON place.id = activity.place "
            "WHERE camera = ?1 AND end > ?2 AND start < ?3 ORDER BY start, place",
            camera, from.micros(), to.micros());
        std::vector<ActivityNumber> found;
        while (row.executeStep())
            found.push_back({row.getColumn(0).getInt64(),
                             wall(row.getColumn(1)),
                             wall(row.getColumn(2)),
                             {row.getColumn(3).getInt64(), row.getColumn(4).getInt64()},
                             {row.getColumn(5).getInt64(), row.getColumn(6).getInt64()},
                             static_cast<std::uint64_t>(row.getColumn(7).getInt64()),
                             static_cast<std::uint64_t>(row.getColumn(8).getInt64())});
        return found;
    });
}

Status Activity::forget(WallTime now) {
    TRY(store_->catalogue().changes().run([&](Database& db) {
        return execute(db, "DELETE FROM activity WHERE end <= ?1", (now - kKept).micros());
    }));
    return {};
}

}  // namespace passerby::store
