#include "store/approvals.h"

#include <algorithm>

#include "base/log.h"
#include "crypto/digest.h"
#include "store/catalogue.h"
#include "store/lines.h"
#include "store/paths.h"
#include "store/sql.h"

namespace passerby::store {

namespace {

using SQLite::Database;

// Columns: at, user, sha256, refused, withdrawn, withdrawn_by.
Approval approval_from(const std::string& camera, SQLite::Statement& row) {
    Approval a{camera,
               row.getColumn(1).getString(),
               wall(row.getColumn(0)),
               row.getColumn(2).getString(),
               {},
               split_lines(row.getColumn(3).getString())};
    if (!row.isColumnNull(4)) a.withdrawn = {wall(row.getColumn(4)), row.getColumn(5).getString()};
    return a;
}

}  // namespace

Status Approvals::add(const Approval& a) {
    if (!is_camera_id(a.camera)) return fail(ErrorKind::invalid, "'{}' is not the id of a camera", a.camera);
    if (crypto::sha256_hex(a.picture) != a.sha256)
        return fail(ErrorKind::corrupt,
                    "the picture is not the one that was to be approved; look at it again");
    return store_->catalogue().changes().run([&](Database& db) {
        auto insert = statement(db,
                                "INSERT INTO approval (camera, at, user, sha256, refused, picture) "
                                "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                                a.camera, a.at.micros(), a.user, a.sha256, join_lines(a.refused));
        insert.bind(6, a.picture.data(), static_cast<int>(a.picture.size()));
        insert.exec();
    });
}

Status Approvals::withdraw(const std::string& camera, const std::string& user, WallTime at) {
    return store_->catalogue().changes().run([&](Database& db) {
        execute(
            db,
            "UPDATE approval SET withdrawn = ?2, withdrawn_by = ?3 WHERE camera = ?1 AND withdrawn IS NULL",
            camera, at.micros(), user);
    });
}

Result<std::vector<Approval>> Approvals::standing(const std::string& camera, std::size_t most) const {
    return store_->catalogue().queries().run([&](Database& db) {
        std::vector<Approval> all;
        auto row =
            statement(db,
                      "SELECT at, user, sha256, refused, withdrawn, withdrawn_by, picture FROM approval "
                      "WHERE camera = ?1 AND withdrawn IS NULL ORDER BY id DESC LIMIT ?2",
                      camera, static_cast<std::int64_t>(most));
        while (row.executeStep()) {
            auto a = approval_from(camera, row);
            a.picture = blob(row.getColumn(6));
            if (crypto::sha256_hex(a.picture) == a.sha256)
                all.push_back(std::move(a));
            else
                log_error(
                    "an approved picture of '{}' is damaged in the catalogue and counts for nothing; approve "
                    "the "
                    "scene anew",
                    camera);
        }
        std::reverse(all.begin(), all.end());
        return all;
    });
}

Result<std::vector<Approval>> Approvals::history(const std::string& camera) const {
    return store_->catalogue().queries().run([&](Database& db) {
        std::vector<Approval> all;
        auto row = statement(db,
                             "SELECT at, user, sha256, refused, withdrawn, withdrawn_by FROM approval "
                             "WHERE camera = ?1 ORDER BY id DESC LIMIT ?2",
                             camera, kHistory);
        while (row.executeStep()) all.push_back(approval_from(camera, row));
        return all;
    });
}

Result<std::string> Approvals::picture(const std::string& camera, const std::string& sha256) const {
    const auto found = TRY(store_->catalogue().queries().run([&](Database& db) -> std::optional<std::string> {
        auto row = statement(db, "SELECT picture FROM approval WHERE camera = ?1 AND sha256 = ?2 LIMIT 1",
                             camera, sha256);
        if (!row.executeStep()) return std::nullopt;
        return blob(row.getColumn(0));
    }));
    if (!found) return fail(ErrorKind::not_found, "no such picture of '{}' was ever approved", camera);
    if (crypto::sha256_hex(*found) != sha256)
        return fail(ErrorKind::corrupt, "the picture of '{}' is damaged in the catalogue", camera);
    return *found;
}

}  // namespace passerby::store
