#include "store/masks.h"

#include "store/catalogue.h"
#include "store/lines.h"
#include "store/paths.h"
#include "store/sql.h"

namespace passerby::store {

namespace {

using SQLite::Database;

constexpr const char* kColumns = "SELECT id, camera, user, at, areas, agreed, agreed_by FROM mask_version ";

std::vector<MaskVersion> versions_of(SQLite::Statement row) {
    std::vector<MaskVersion> found;
    while (row.executeStep()) {
        MaskVersion v{row.getColumn(0).getInt64(), row.getColumn(1).getString(), row.getColumn(2).getString(),
                      wall(row.getColumn(3)), split_lines(row.getColumn(4).getString())};
        if (!row.getColumn(5).isNull()) v.agreed = {wall(row.getColumn(5)), row.getColumn(6).getString()};
        found.push_back(std::move(v));
    }
    return found;
}

std::optional<MaskVersion> newest(Database& db, const std::string& camera, const char* which) {
    const auto sql = std::string{kColumns} + "WHERE camera = ?1 AND " + which + " ORDER BY id DESC LIMIT 1";
    auto found = versions_of(statement(db, sql.c_str(), camera));
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

constexpr const char* kCounts = "agreed IS NOT NULL";
constexpr const char* kWaits =
    "agreed IS NULL AND id > coalesce((SELECT max(id) FROM mask_version WHERE camera = ?1 AND agreed IS NOT "
    "NULL), 0)";

}  // namespace

Result<std::int64_t> Masks::add(const MaskVersion& v) {
    if (!is_camera_id(v.camera)) return fail(ErrorKind::invalid, "'{}' is not the id of a camera", v.camera);
    return store_->catalogue().changes().run([&](Database& db) {
        auto insert = statement(db,
                                "INSERT INTO mask_version (camera, user, at, areas, agreed, agreed_by) "
                                "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                                v.camera, v.user, v.at.micros(), join_lines(v.areas));
        if (v.agreed) {
            insert.bind(5, v.agreed->at.micros());
            insert.bind(6, v.agreed->user);
        }
        insert.exec();
        return std::int64_t{db.getLastInsertRowid()};
    });
}

Status Masks::agree(const std::string& camera, std::int64_t id, const MaskVersion::Agreement& by) {
    // As a version of its own moment: it is the newest from then on, whatever was agreed before.
    const int agreed = TRY(store_->catalogue().changes().run([&](Database& db) {
        const auto waits = newest(db, camera, kWaits);
        if (!waits || waits->id != id) return 0;
        return execute(db, "UPDATE mask_version SET agreed = ?2, agreed_by = ?3 WHERE id = ?1", id,
                       by.at.micros(), by.user);
    }));
    if (agreed == 0)
        return fail(ErrorKind::exists,
                    "that proposal does not wait any more; look at the masks as they are now");
    return {};
}

Result<std::vector<std::string>> Masks::standing(const std::string& camera) const {
    const auto found =
        TRY(store_->catalogue().queries().run([&](Database& db) { return newest(db, camera, kCounts); }));
    return found ? found->areas : std::vector<std::string>{};
}

Result<std::vector<MaskVersion>> Masks::history(const std::string& camera) const {
    return store_->catalogue().queries().run([&](Database& db) {
        const auto sql = std::string{kColumns} + "WHERE camera = ?1 ORDER BY id DESC LIMIT ?2";
        return versions_of(statement(db, sql.c_str(), camera, kHistory));
    });
}

Result<std::optional<MaskVersion>> Masks::waiting(const std::string& camera) const {
    return store_->catalogue().queries().run([&](Database& db) { return newest(db, camera, kWaits); });
}

}  // namespace passerby::store
