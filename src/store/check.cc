#include "store/check.h"

#include <algorithm>
#include <map>
#include <set>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "crypto/digest.h"
#include "store/check_ledger.h"
#include "store/disks.h"
#include "store/paths.h"
#include "store/schema.h"
#include "store/sealed.h"
#include "store/segment_file.h"
#include "store/sql.h"

namespace passerby::store {

namespace fs = std::filesystem;

namespace {

// Holes that are closed up while recording (doc/storage.md).
constexpr Micros kJitter = std::chrono::milliseconds{500};
constexpr const char* kOwnFolder = "recordings";
constexpr const char* kRestore = "restore it from a backup";

// A stretch of a camera's time: a segment or a gap.
struct Stretch {
    WallTime start, end;
    bool recorded = false;
};

struct Rows {
    std::vector<Segment> segments;  // by camera and start
    std::vector<SealedFile> sealed;
    std::map<std::string, std::vector<Stretch>> stretches;  // of each camera, by start
    std::map<std::string, WallTime> deleted_until;          // holes before it are retention's
    std::set<fs::path> listed;         // every file that somebody lists, as file_of() names it
    std::map<DiskId, fs::path> disks;  // their folders, of those that are there
};

bool recorder_runs(const fs::path& folder) {
    const auto lock = open_file(folder / "lock", O_RDONLY | O_NOFOLLOW);
    return lock && ::flock(lock->get(), LOCK_SH | LOCK_NB) != 0;
}

std::string moment(const std::string& camera, WallTime time) {
    return camera + " " + to_iso8601(time);
}

class Check {
  public:
    Check(fs::path folder, Depth depth) : folder_{std::move(folder)}, depth_{depth} {}

    Result<CheckReport> run(const std::function<void(std::size_t, std::size_t)>& progress) {
        const auto catalogue = folder_ / "catalogue.sqlite";
        if (!fs::exists(catalogue))
            return fail(ErrorKind::not_found,
                        "there is no catalogue in '{}'; name the data folder of a recorder",
                        folder_.string());
        report_.recorder_runs = recorder_runs(folder_);
        try {
            Sql sql{catalogue, SQLite::OPEN_READONLY};
            const auto read = TRY(sql.run([&](SQLite::Database& db) { return look_at_catalogue(db); }));
            TRY_STATUS(read);
        } catch (const SQLite::Exception& e) {
            return tl::unexpected{sql_error(e, catalogue)};
        }
        for (const auto& [camera, stretches] : rows_.stretches) look_at_time(camera, stretches);
        if (depth_ != Depth::catalogue) {
            for (std::size_t i = 0; i < rows_.segments.size(); ++i) {
                const auto& s = rows_.segments[i];
                if (rows_.disks.contains(s.disk) && look_at_file(s))
                    report_.segments.push_back(
                        {s, folder_ / file_of(s.disk, segment_path(s.camera, s.start))});
                progress(i + 1, rows_.segments.size());
            }
            for (const auto& file : rows_.sealed)
                if (rows_.disks.contains(file.disk)) look_at_sealed(file);
            for (const auto& [id, root] : rows_.disks) look_for_strangers(root);
        }
        return std::move(report_);
    }

  private:
    void find(std::string where, std::string what, std::string mend, bool safe = false,
              SegmentId segment = 0) {
        report_.findings.push_back({std::move(where), std::move(what), std::move(mend), safe, segment});
    }

    Status look_at_catalogue(SQLite::Database& db) {
        db.setBusyTimeout(10'000);
        const SQLite::Transaction one_view{db};
        if (db.execAndGet("PRAGMA application_id").getInt() != kApplicationId)
            return fail(ErrorKind::invalid,
                        "'{}' is not a catalogue of passerby; name the data folder of a recorder",
                        (folder_ / "catalogue.sqlite").string());
        if (const int version = db.execAndGet("PRAGMA user_version").getInt(); version > kSchemaVersion)
            return fail(
                ErrorKind::invalid,
                "the catalogue was made by a newer passerby (schema {}, this one knows {}); use that version",
                version, kSchemaVersion);
        else if (version < kSchemaVersion)
            return fail(ErrorKind::invalid,
                        "the catalogue was made by an older passerby (schema {}, this one has {}); start the "
                        "recorder "
                        "once, which brings it up to date",
                        version, kSchemaVersion);
        for (SQLite::Statement row{db, "PRAGMA integrity_check(20)"}; row.executeStep();)
            if (const auto said = row.getColumn(0).getString(); said != "ok")
                find("catalogue.sqlite", "SQLite says: " + said, kRestore);
        for (SQLite::Statement row{db, "PRAGMA foreign_key_check"}; row.executeStep();)
            find("catalogue.sqlite", "a row of " + row.getColumn(0).getString() + " refers to nothing",
                 kRestore);
        read_disks(db);
        read_rows(db);
        SQLite::Statement sums{
            db,
            "SELECT id, bytes, (SELECT coalesce(sum(bytes), 0) FROM segment WHERE camera = camera.id) + "
            "(SELECT coalesce(sum(bytes), 0) FROM sealed WHERE camera = camera.id) FROM camera"};
        while (sums.executeStep())
            if (sums.getColumn(1).getInt64() != sums.getColumn(2).getInt64())
                find(sums.getColumn(0).getString(),
                     fmt::format("{} bytes are counted, its files have {}", sums.getColumn(1).getInt64(),
                                 sums.getColumn(2).getInt64()),
                     kRestore);
        if (depth_ != Depth::catalogue)
            for (auto& finding : check_ledger(folder_, db, report_.recorder_runs))
                report_.findings.push_back(std::move(finding));
        return {};
    }

    // Nothing on a disk that is not there is lost: that is one thing to find, and not one for each file.
    void read_disks(SQLite::Database& db) {
        for (SQLite::Statement row{db, "SELECT number, name, folder, mark FROM disk"}; row.executeStep();) {
            const DiskId id = row.getColumn(0).getInt();
            // The data folder may have been moved as a whole.
            const fs::path root =
                id == kOwnDisk ? folder_ / kOwnFolder : fs::path{row.getColumn(2).getString()};
            if (const auto there = DiskMark{root, row.getColumn(3).getString()}.is_there(); there)
                rows_.disks.emplace(id, root);
            else if (depth_ != Depth::catalogue)
                find(root.string(), fmt::format("{}; nothing on it was looked at", there.error().message),
                     "mount the disk and look again");
        }
    }

    // As it is written in a finding: below the data folder, or whole where it is on another disk.
    fs::path file_of(DiskId disk, const fs::path& relative) const {
        const auto root = rows_.disks.find(disk);
        return (disk == kOwnDisk || root == rows_.disks.end() ? fs::path{kOwnFolder} : root->second) /
               relative;
    }

    void read_rows(SQLite::Database& db) {
        SQLite::Statement rows{db,
                               "SELECT id, camera, start, end, media_start, media_duration, bytes, "
                               "init_bytes, frames, sha256, disk "
                               "FROM segment ORDER BY camera, start"};
        while (rows.executeStep()) {
            Segment s;
            s.id = rows.getColumn(0).getInt64();
            s.camera = rows.getColumn(1).getString();
            s.start = wall(rows.getColumn(2)), s.end = wall(rows.getColumn(3));
            s.media_start = micros(rows.getColumn(4));
            s.media_duration = micros(rows.getColumn(5));
            s.bytes = static_cast<std::uint64_t>(rows.getColumn(6).getInt64());
            s.init_bytes = static_cast<std::uint64_t>(rows.getColumn(7).getInt64());
            s.frames = rows.getColumn(8).getInt();
            s.sha256 = blob(rows.getColumn(9));
            s.disk = rows.getColumn(10).getInt();
            if (!is_camera_id(s.camera)) {
                find("catalogue.sqlite", "a segment of a camera whose id is none", kRestore);
                continue;
            }
            rows_.stretches[s.camera].push_back({s.start, s.end, true});
            rows_.listed.insert(file_of(s.disk, segment_path(s.camera, s.start)));
            rows_.segments.push_back(std::move(s));
        }
        for (SQLite::Statement row{db, "SELECT camera, start, bytes, sha256, disk FROM sealed ORDER BY id"};
             row.executeStep();) {
            SealedFile file;
            file.camera = row.getColumn(0).getString();
            file.start = wall(row.getColumn(1));
            file.bytes = static_cast<std::uint64_t>(row.getColumn(2).getInt64());
            file.sha256 = blob(row.getColumn(3));
            file.disk = row.getColumn(4).getInt();
            if (!is_camera_id(file.camera)) {
                find("catalogue.sqlite", "a sealed part of a camera whose id is none", kRestore);
                continue;
            }
            rows_.listed.insert(file_of(file.disk, sealed_path(file.camera, file.start)));
            rows_.sealed.push_back(std::move(file));
        }
        for (SQLite::Statement row{db,
                                   "SELECT camera, start, disk, 1 FROM sealed_garbage UNION "
                                   "SELECT camera, start, disk, 0 FROM writing UNION "
                                   "SELECT camera, start, disk, 0 FROM garbage"};
             row.executeStep();) {
            const auto camera = row.getColumn(0).getString();
            if (!is_camera_id(camera)) continue;
            const auto path = row.getColumn(3).getInt() != 0 ? sealed_path : segment_path;
            rows_.listed.insert(file_of(row.getColumn(2).getInt(), path(camera, wall(row.getColumn(1)))));
        }
        for (SQLite::Statement row{db, "SELECT camera, start, end FROM gap WHERE end IS NOT NULL"};
             row.executeStep();)
            rows_.stretches[row.getColumn(0).getString()].push_back(
                {wall(row.getColumn(1)), wall(row.getColumn(2)), false});
        for (SQLite::Statement row{db,
                                   "SELECT id, deleted_until FROM camera WHERE deleted_until IS NOT NULL"};
             row.executeStep();)
            rows_.deleted_until.emplace(row.getColumn(0).getString(), wall(row.getColumn(1)));
        for (auto& [camera, stretches] : rows_.stretches) std::ranges::sort(stretches, {}, &Stretch::start);
    }

    // Invariants 3 and 4: nothing overlaps, and no moment is missing.
    void look_at_time(const std::string& camera, const std::vector<Stretch>& stretches) {
        for (std::size_t i = 1; i < stretches.size(); ++i) {
            const auto &before = stretches[i - 1], &after = stretches[i];
            const auto kind = [](const Stretch& s) { return s.recorded ? "a segment" : "a gap"; };
            if (after.start < before.end)
                find(moment(camera, after.start), fmt::format("{} overlaps {}", kind(after), kind(before)),
                     kRestore);
            else if (after.start - before.end > kJitter && !was_deleted(camera, after.start))
                find(moment(camera, before.end),
                     fmt::format("{:.1f} s are neither recorded nor a gap",
                                 std::chrono::duration<double>(after.start - before.end).count()),
                     kRestore);
        }
    }

    // The hole that ends here: retention deleted what was there, and something younger before it is
    // protected.
    bool was_deleted(const std::string& camera, WallTime hole_end) const {
        const auto until = rows_.deleted_until.find(camera);
        return until != rows_.deleted_until.end() && hole_end <= until->second + kJitter;
    }

    struct ListedFile {
        Fd fd;
        std::uint64_t length;
    };
    // Counts it as looked at. The error says what is wrong, in words for a finding.
    Result<ListedFile> open_listed(const fs::path& name, std::uint64_t bytes) {
        auto fd = open_file(folder_ / name, O_RDONLY | O_NOFOLLOW);
        if (!fd && fd.error().kind == ErrorKind::not_found)
            return fail(ErrorKind::not_found, "the file is gone");
        if (!fd) return tl::unexpected{fd.error()};
        struct stat about {};
        if (::fstat(fd->get(), &about) != 0 || !S_ISREG(about.st_mode))
            return fail(ErrorKind::corrupt, "it is no regular file");
        ++report_.files;
        report_.bytes += bytes;
        return ListedFile{*std::move(fd), static_cast<std::uint64_t>(about.st_size)};
    }
    static std::string wrong_length(std::uint64_t length, std::uint64_t listed) {
        return fmt::format("it has {} bytes, and {} are listed", length, listed);
    }

    // True when there is nothing to find.
    bool look_at_file(const Segment& s) {
        const auto name = file_of(s.disk, segment_path(s.camera, s.start));
        const auto damaged = [&](std::string what) {
            find(name.string(), std::move(what),
                 "restore it from a backup, or let --repair note the time as a gap (what is whole stays)",
                 true, s.id);
            return false;
        };
        const auto file = open_listed(name, s.bytes);
        if (!file) return damaged(file.error().message);
        const auto& [fd, length] = *file;
        if (length < s.bytes) return damaged(wrong_length(length, s.bytes));
        const auto verify = depth_ == Depth::bytes ? Verify::bytes : Verify::boxes;
        const auto scanned = scan_fragments(fd.get(), s.init_bytes, s.bytes, verify);
        if (scanned.end != s.bytes)
            return damaged(fmt::format("it is damaged from byte {} on, of {}", scanned.end, s.bytes));
        int frames = 0;
        for (const auto& f : scanned.fragments) frames += f.frames;
        if (frames != s.frames)
            return damaged(fmt::format("it has {} frames, and {} are listed", frames, s.frames));
        if (depth_ == Depth::bytes && !s.sha256.empty()) {
            const auto hash = crypto::sha256_of_fd(fd.get(), s.bytes);
            if (!hash || *hash != s.sha256) return damaged("it is not the file that its manifest names");
        }
        return true;
    }

    void look_at_sealed(const SealedFile& file) {
        const auto name = file_of(file.disk, sealed_path(file.camera, file.start));
        const auto damaged = [&](std::string what) { find(name.string(), std::move(what), kRestore); };
        const auto there = open_listed(name, file.bytes);
        if (!there) return damaged(there.error().message);
        if (there->length != file.bytes) return damaged(wrong_length(there->length, file.bytes));
        if (depth_ != Depth::bytes) return;
        const auto hash = crypto::sha256_of_fd(there->fd.get(), file.bytes);
        if (!hash || *hash != file.sha256) damaged("it is not the file that was sealed");
    }

    // Invariant 2: every file belongs to somebody.
    void look_for_strangers(const fs::path& root) {
        std::error_code ignored;
        const bool own = root == folder_ / kOwnFolder;
        for (fs::recursive_directory_iterator
                 it{root, fs::directory_options::skip_permission_denied, ignored},
             end;
             it != end; it.increment(ignored)) {
            if (it->is_directory(ignored) && !it->is_symlink(ignored)) continue;
            if (it->path() == root / DiskMark::kName) continue;
            const auto name = own ? it->path().lexically_relative(folder_) : it->path();
            // One that a recorder has begun since we looked into the catalogue.
            if (rows_.listed.contains(name) || report_.recorder_runs) continue;
            find(name.string(), "nobody lists this file",
                 "look whether it is yours; passerby leaves it alone");
        }
    }

    const fs::path folder_;
    const Depth depth_;
    Rows rows_;
    CheckReport report_;
};

}  // namespace

Result<Depth> depth_named(std::string_view text) {
    if (text == "catalogue") return Depth::catalogue;
    if (text == "files") return Depth::files;
    if (text == "bytes") return Depth::bytes;
    return fail(ErrorKind::invalid, "'{}' is no depth; write catalogue, files, bytes or pictures", text);
}

Result<CheckReport> check(const fs::path& folder, Depth depth,
                          const std::function<void(std::size_t, std::size_t)>& progress) {
    return Check{folder, depth}.run(progress);
}

}  // namespace passerby::store
