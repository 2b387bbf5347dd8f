#include "store/sealed.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "crypto/digest.h"
#include "store/catalogue.h"
#include "store/open_segment.h"
#include "store/paths.h"
#include "store/sql.h"

namespace passerby::store {

namespace {

using SQLite::Database;

constexpr const char* kSelect =
    "SELECT sealed.id, camera, start, end, bytes, sha256, keyholders.text, disk FROM sealed "
    "JOIN keyholders ON keyholders.id = sealed.keyholders ";

std::vector<SealedFile> files_of(SQLite::Statement row) {
    std::vector<SealedFile> found;
    while (row.executeStep())
        found.push_back({row.getColumn(0).getInt64(), row.getColumn(1).getString(), wall(row.getColumn(2)),
                         wall(row.getColumn(3)), static_cast<std::uint64_t>(row.getColumn(4).getInt64()),
                         blob(row.getColumn(5)), row.getColumn(6).getString(), row.getColumn(7).getInt()});
    return found;
}

Status write(const Store& store, DiskId disk, const std::filesystem::path& relative,
             std::span<const std::byte> bytes) {
    auto sink = TRY(create_durably(store, disk, relative));
    TRY_STATUS(sink->append(bytes));
    return sink->sync();
}

Result<std::filesystem::path> path_of(const Store& store, const SealedFile& file) {
    return TRY(store.disks().folder(file.disk)) / sealed_path(file.camera, file.start);
}

}  // namespace

Status Sealed::keep(const std::string& camera, WallTime start, WallTime end, const std::string& keyholders,
                    std::span<const std::byte> bytes) {
    auto& changes = store_->catalogue().changes();
    const auto disk = store_->disks().of(camera);
    // First a note that a file may be there which nobody lists: what is left of a crash is found by it.
    const auto note = TRY(changes.run([&](Database& db) {
        execute(db, "INSERT INTO sealed_garbage (camera, start, writing, disk) VALUES (?1, ?2, 1, ?3)",
                camera, start.micros(), disk);
        return std::int64_t{db.getLastInsertRowid()};
    }));
    if (const auto written = write(*store_, disk, sealed_path(camera, start), bytes); !written) {
        // The one that was there before is somebody's.
        const bool was_there = written.error().kind == ErrorKind::exists;
        static_cast<void>(changes.run([&](Database& db) {
            execute(db,
                    was_there ? "DELETE FROM sealed_garbage WHERE id = ?1"
                              : "UPDATE sealed_garbage SET writing = 0 WHERE id = ?1",
                    note);
        }));
        return written;
    }
    const auto hash = crypto::Sha256{}.add(bytes).digest();
    return changes.run([&](Database& db) {
        SQLite::Transaction transaction{db};
        execute(db, "INSERT OR IGNORE INTO camera (id) VALUES (?1)", camera);
        execute(db, "INSERT OR IGNORE INTO keyholders (text) VALUES (?1)", keyholders);
        auto row = statement(
            db,
            "INSERT INTO sealed (camera, start, end, bytes, keyholders, disk, sha256) VALUES "
            "(?1, ?2, ?3, ?4, (SELECT id FROM keyholders WHERE text = ?5), ?6, ?7)",
            camera, start.micros(), end.micros(), static_cast<std::int64_t>(bytes.size()), keyholders, disk);
        row.bind(7, hash.data(), static_cast<int>(hash.size()));
        row.exec();
        execute(db, "DELETE FROM sealed_garbage WHERE id = ?1", note);
        transaction.commit();
    });
}

Result<std::vector<SealedFile>> Sealed::of(const std::string& camera, WallTime from, WallTime to,
                                           int limit) const {
    return store_->catalogue().queries().run([&](Database& db) {
        const auto sql =
            std::string{kSelect} + "WHERE camera = ?1 AND start < ?3 AND end > ?2 ORDER BY end LIMIT ?4";
        return files_of(statement(db, sql.c_str(), camera, from.micros(), to.micros(), limit));
    });
}

Result<std::vector<SealedFile>> Sealed::without_batch(int limit) const {
    return store_->catalogue().queries().run([&](Database& db) {
        const auto sql = std::string{kSelect} + "WHERE batch IS NULL ORDER BY sealed.id LIMIT ?1";
        return files_of(statement(db, sql.c_str(), limit));
    });
}

Result<SealedFile> Sealed::with_id(std::int64_t id) const {
    auto found = TRY(store_->catalogue().queries().run([&](Database& db) {
        return files_of(statement(db, (std::string{kSelect} + "WHERE sealed.id = ?1").c_str(), id));
    }));
    if (found.empty())
        return fail(ErrorKind::not_found, "there is no sealed part {}; it may have been deleted", id);
    return std::move(found.front());
}

Result<std::string> Sealed::read_begin(const SealedFile& file, std::size_t most) const {
    const auto name = TRY(path_of(*store_, file));
    const auto fd = TRY(open_file(name, O_RDONLY | O_NOFOLLOW));
    std::string bytes(std::min<std::size_t>(most, file.bytes), '\0');
    for (std::size_t at = 0; at < bytes.size();) {
        const auto n = ::pread(fd.get(), bytes.data() + at, bytes.size() - at, static_cast<off_t>(at));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return fail(ErrorKind::corrupt, "'{}' cannot be read at byte {}", name.string(), at);
        at += static_cast<std::size_t>(n);
    }
    return bytes;
}

Result<std::string> Sealed::read(const SealedFile& file) const {
    const auto name = TRY(path_of(*store_, file));
    auto bytes = TRY(read_file(name));
    const auto hash = crypto::sha256(bytes);
    if (bytes.size() != file.bytes ||
        std::string_view{reinterpret_cast<const char*>(hash.data()), hash.size()} != file.sha256)
        return fail(ErrorKind::corrupt, "'{}' is not the file that was sealed; restore it from a backup",
                    name.string());
    return bytes;
}

}  // namespace passerby::store
