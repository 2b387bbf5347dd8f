#include "store/disks.h"

#include <algorithm>
#include <array>
#include <optional>

#include <sodium.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/file.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "store/catalogue.h"
#include "store/sql.h"

namespace passerby::store {

namespace fs = std::filesystem;

namespace {

struct Row {
    Disks::Disk disk;
    std::string mark;
    bool holds_something = false;
};

std::string new_mark() {
    std::array<std::byte, 16> bytes;
    randombytes_buf(bytes.data(), bytes.size());
    return crypto::to_hex(std::span<const std::byte>{bytes});
}

Result<std::vector<Row>> rows_of(Catalogue& catalogue) {
    return catalogue.changes().run([](SQLite::Database& db) {
        std::vector<Row> found;
        auto row = statement(
            db,
            "SELECT number, name, folder, mark, EXISTS (SELECT 1 FROM segment WHERE disk = number) "
            "OR EXISTS (SELECT 1 FROM writing WHERE disk = number) "
            "OR EXISTS (SELECT 1 FROM garbage WHERE disk = number) "
            "OR EXISTS (SELECT 1 FROM sealed WHERE disk = number) "
            "OR EXISTS (SELECT 1 FROM sealed_garbage WHERE disk = number) FROM disk ORDER BY number");
        while (row.executeStep())
            found.push_back(
                {{row.getColumn(0).getInt(), row.getColumn(1).getString(), row.getColumn(2).getString()},
                 row.getColumn(3).getString(),
                 row.getColumn(4).getInt() != 0});
        return found;
    });
}

Status put(Catalogue& catalogue, const Row& row) {
    return catalogue.changes().run([&](SQLite::Database& db) {
        execute(db, "INSERT OR REPLACE INTO disk (number, name, folder, mark) VALUES (?1, ?2, ?3, ?4)",
                row.disk.id, row.disk.name, row.disk.folder.string(), row.mark);
    });
}

// A power cut may come between the two. The data folder's own: the file first, which is taken over at the
// next start; a mark that only the catalogue has would lock us out. Another's: the catalogue first, which
// lists nothing on it yet and marks it anew; a mark that only the disk has would be another recorder's.
Status mark(Catalogue& catalogue, Row& row) {
    row.mark = new_mark();
    const auto mark_disk = [&] {
        return write_file_atomically(row.disk.folder / DiskMark::kName, row.mark + "\n");
    };
    const bool own = row.disk.id == kOwnDisk;
    if (own) TRY_STATUS(mark_disk());
    TRY_STATUS(put(catalogue, row));
    return own ? Status{} : mark_disk();
}

// One that the catalogue has not seen. The data folder's own may have outlived its catalogue.
Status add(Catalogue& catalogue, Row& row) {
    std::error_code ignored;
    if (auto made = make_folder_durably(row.disk.folder, 0700); !made && fs::exists(row.disk.folder, ignored))
        return made;
    const auto found = TRY(DiskMark::read(row.disk.folder));
    if (found.empty()) return mark(catalogue, row);
    if (row.disk.id != kOwnDisk)
        return fail(
            ErrorKind::invalid,
            "'{0}' holds recordings of another recorder, or of this one under another name; choose an empty "
            "folder for the disk '{1}', or remove '{0}/{2}' if they are of no use any more",
            row.disk.folder.string(), row.disk.name, DiskMark::kName);
    row.mark = found;
    return put(catalogue, row);
}

Status recognise(Catalogue& catalogue, Row& row, const fs::path& wanted) {
    const bool moved = row.disk.folder != wanted;
    row.disk.folder = wanted;
    if (row.mark.empty()) return add(catalogue, row);
    // Another disk may take the place of one on which there was nothing.
    if (!row.holds_something)
        if (const auto found = DiskMark::read(wanted); found && found->empty() && fs::is_directory(wanted))
            return mark(catalogue, row);
    if (moved) TRY_STATUS(put(catalogue, row));
    return {};
}

}  // namespace

Result<DiskSpace> disk_space(const fs::path& folder) {
    struct statvfs s {};
    if (::statvfs(folder.c_str(), &s) != 0)
        return fail_errno(errno, fmt::format("cannot ask for the free space of '{}'", folder.string()));
    return DiskSpace{.free = std::uint64_t{s.f_bavail} * s.f_frsize,
                     .total = std::uint64_t{s.f_blocks} * s.f_frsize};
}

Result<std::string> DiskMark::read(const fs::path& folder) {
    auto text = read_file(folder / kName);
    if (!text && text.error().kind == ErrorKind::not_found) return std::string{};
    if (!text) return text;
    return text->substr(0, text->find('\n'));
}

Status DiskMark::look() const {
    if (TRY(read(folder_)) == mark_) return {};
    return fail(ErrorKind::unavailable,
                "'{0}' is not the disk that the recordings are on: mount the right one there. If that one is "
                "lost for "
                "good, say so with: echo {1} > '{0}/{2}'",
                folder_.string(), mark_, kName);
}

Status DiskMark::is_there() const {
    struct stat about {};
    if (::stat(folder_.c_str(), &about) != 0)
        return fail(ErrorKind::unavailable, "the disk at '{}' is not there: {}; mount it", folder_.string(),
                    std::generic_category().message(errno));
    const std::lock_guard lock{mutex_};
    const std::pair<std::uint64_t, std::uint64_t> now{about.st_dev, about.st_ino};
    if (now == seen_) return {};
    TRY_STATUS(look());
    seen_ = now;
    return {};
}

Result<std::unique_ptr<Disks>> Disks::open(Catalogue& catalogue, fs::path recordings, const DiskPlan& plan) {
    auto rows = TRY(rows_of(catalogue));
    auto wanted = plan.folders;
    wanted.emplace("", std::move(recordings));
    for (const auto& [name, folder] : wanted) {
        auto row = std::ranges::find(rows, name, [](const Row& r) { return r.disk.name; });
        if (row == rows.end()) {
            const auto id = name.empty() ? kOwnDisk : std::max(rows.empty() ? 0 : rows.back().disk.id, 0) + 1;
            row = rows.insert(name.empty() ? rows.begin() : rows.end(), Row{{id, name, {}}, {}});
        }
        TRY_STATUS(recognise(catalogue, *row, folder));
    }
    std::unique_ptr<Disks> disks{new Disks};
    for (auto& row : rows) {
        auto mark = std::make_unique<DiskMark>(row.disk.folder, row.mark);
        if (const auto there = mark->is_there(); !there) {
            if (row.disk.id == kOwnDisk) return tl::unexpected{there.error()};
            log_error("the disk '{}': {}. Until then its cameras are not recorded", row.disk.name,
                      there.error().message);
        }
        disks->marks_.emplace(row.disk.id, std::move(mark));
        disks->disks_.push_back(std::move(row.disk));
    }
    for (const auto& [camera, name] : plan.of_camera) {
        const auto disk = std::ranges::find(disks->disks_, name, &Disk::name);
        if (disk == disks->disks_.end())
            return fail(ErrorKind::invalid, "camera '{}' records to a disk '{}', and there is none", camera,
                        name);
        disks->of_camera_.emplace(camera, disk->id);
    }
    return disks;
}

Result<fs::path> Disks::folder(DiskId id) const {
    const auto mark = marks_.find(id);
    const auto disk = std::ranges::find(disks_, id, &Disk::id);
    if (mark == marks_.end() || disk == disks_.end())
        return fail(ErrorKind::unavailable, "nothing is known of a disk {}", id);
    TRY_STATUS(mark->second->is_there());
    return disk->folder;
}

DiskId Disks::of(const std::string& camera) const {
    const auto own = of_camera_.find(camera);
    return own == of_camera_.end() ? kOwnDisk : own->second;
}

}  // namespace passerby::store
