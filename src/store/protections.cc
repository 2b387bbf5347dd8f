#include "store/protections.h"

#include <algorithm>

#include "store/catalogue.h"
#include "store/paths.h"
#include "store/sql.h"

namespace passerby::store {

namespace {

using SQLite::Database;

constexpr const char* kColumns =
    "SELECT id, start, end, reason, at, user, until, ended, ended_by FROM protection WHERE camera = ?1 ";

std::vector<Protection> protections_of(const std::string& camera, SQLite::Statement row) {
    std::vector<Protection> found;
    while (row.executeStep()) {
        Protection p{row.getColumn(0).getInt64(),  camera,
                     wall(row.getColumn(1)),       wall(row.getColumn(2)),
                     row.getColumn(3).getString(), wall(row.getColumn(4)),
                     row.getColumn(5).getString(), wall(row.getColumn(6))};
        if (!row.isColumnNull(7)) p.ended = {wall(row.getColumn(7)), row.getColumn(8).getString()};
        found.push_back(std::move(p));
    }
    return found;
}

}  // namespace

Status Protections::validate(const Protection& p) {
    if (!is_camera_id(p.camera)) return fail(ErrorKind::invalid, "'{}' is not the id of a camera", p.camera);
    if (p.end <= p.start) return fail(ErrorKind::invalid, "the end of the span must be after its start");
    const auto blank =
        std::ranges::all_of(p.reason, [](char c) { return c == ' ' || c == '\t' || c == '\n'; });
    if (blank || p.reason.size() > kLongestReason)
        return fail(ErrorKind::invalid, "say in 1 to {} bytes why it is to be kept", kLongestReason);
    if (p.until <= p.at || p.until - p.at > kLongest)
        return fail(ErrorKind::invalid, "a protection ends within {} days; protect it again then",
                    kLongest.count());
    return {};
}

Result<std::int64_t> Protections::add(const Protection& p) {
    TRY_STATUS(validate(p));
    return store_->catalogue().changes().run([&](Database& db) {
        execute(db,
                "INSERT INTO protection (camera, start, end, reason, at, user, until) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                p.camera, p.start.micros(), p.end.micros(), p.reason, p.at.micros(), p.user,
                p.until.micros());
        return std::int64_t{db.getLastInsertRowid()};
    });
}

Status Protections::end(const std::string& camera, std::int64_t id, const std::string& user, WallTime at) {
    const int ended = TRY(store_->catalogue().changes().run([&](Database& db) {
        return execute(db,
                       "UPDATE protection SET ended = ?3, ended_by = ?4 "
                       "WHERE camera = ?1 AND id = ?2 AND ended IS NULL AND until > ?3",
                       camera, id, at.micros(), user);
    }));
    if (ended == 0)
        return fail(ErrorKind::not_found, "'{}' has no protection {}, or it has ended", camera, id);
    return {};
}

Result<std::vector<Protection>> Protections::of(const std::string& camera, WallTime from, WallTime to) const {
    return store_->catalogue().queries().run([&](Database& db) {
        const auto sql = std::string{kColumns} + "AND start < ?3 AND end > ?2 ORDER BY start, id";
        return protections_of(camera, statement(db, sql.c_str(), camera, from.micros(), to.micros()));
    });
}

Result<std::optional<Protection>> Protections::with_id(const std::string& camera, std::int64_t id) const {
    return store_->catalogue().queries().run([&](Database& db) -> std::optional<Protection> {
        const auto sql = std::string{kColumns} + "AND id = ?2";
        auto found = protections_of(camera, statement(db, sql.c_str(), camera, id));
        if (found.empty()) return std::nullopt;
        return std::move(found.front());
    });
}

}  // namespace passerby::store
