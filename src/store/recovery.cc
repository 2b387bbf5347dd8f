#include "store/recovery.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <set>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/digest.h"
#include "store/paths.h"
#include "store/segment_file.h"

namespace passerby::store {

namespace fs = std::filesystem;

namespace {

std::uint64_t length_of(int fd) {
    struct stat s {};
    return ::fstat(fd, &s) == 0 ? static_cast<std::uint64_t>(s.st_size) : 0;
}

// Makes exactly `bytes` of the file survive.
Status settle(int fd, std::uint64_t bytes, const fs::path& file) {
    if (::ftruncate(fd, static_cast<off_t>(bytes)) != 0)
        return fail_errno(errno, fmt::format("cannot shorten '{}'", file.string()));
    if (::fsync(fd) != 0) return fail_errno(errno, fmt::format("cannot sync '{}'", file.string()));
    return sync_folder(file.parent_path());
}

// What the scan found of a file, put into its row. False when not one fragment is whole.
bool fill(Segment& segment, const ScannedFile& scanned) {
    if (scanned.fragments.empty()) return false;
    const auto& last = scanned.fragments.back();
    Micros weight{};
    double covered = 0;
    for (const auto& f : scanned.fragments) {
        segment.frames += f.frames;
        segment.kept = segment.kept.value_or(0) + f.kept;
        covered += f.covered * static_cast<double>(f.duration.count());
        weight += f.duration;
    }
    segment.media_duration = last.start + last.duration - segment.media_start;
    segment.end = segment.start + std::max(segment.media_duration, kShortestSegment);
    segment.covered =
        weight.count() > 0 ? std::clamp(covered / static_cast<double>(weight.count()), 0., 1.) : last.covered;
    segment.bytes = scanned.end;
    return segment.media_duration >= Micros{};
}

// The segment that was being written, as far as it is whole; nothing when nothing of it can be kept.
std::optional<Segment> whole_part(Segment segment, const fs::path& file, Store::Recovered& recovered) {
    const auto fd = open_file(file, O_RDWR | O_NOFOLLOW);
    if (!fd) {
        // Without a file there was nothing to lose: the crash came between the row and the file.
        if (fd.error().kind != ErrorKind::not_found) log_error("{}; it is given up", fd.error().message);
        return std::nullopt;
    }
    const auto length = length_of(fd->get());
    const auto scanned = scan_fragments(fd->get(), segment.init_bytes, length, Verify::bytes);
    if (!fill(segment, scanned)) return std::nullopt;
    auto hash = crypto::sha256_of_fd(fd->get(), scanned.end);
    if (!hash) {
        log_error("{}; the segment is given up", hash.error().message);
        return std::nullopt;
    }
    segment.sha256 = *std::move(hash);
    if (const auto settled = settle(fd->get(), scanned.end, file); !settled) {
        log_error("{}; the segment is given up", settled.error().message);
        return std::nullopt;
    }
    recovered.bytes_cut += length - scanned.end;
    return segment;
}

Status recover_segment(Catalogue& catalogue, const Disks& disks, const Segment& writing,
                       Store::Recovered& recovered) {
    Change change{.camera = writing.camera};
    const auto root = disks.folder(writing.disk);
    if (!root) {
        log_warning("{}: what was recorded from {} waits for its disk: {}", writing.camera,
                    to_iso8601(writing.start), root.error().message);
        return {};
    }
    change.finished = whole_part(writing, *root / segment_path(writing.camera, writing.start), recovered);
    if (change.finished) {
        ++recovered.segments;
        log_warning("{}: recovered {:.1f} s recorded from {}", writing.camera,
                    std::chrono::duration<double>(change.finished->media_duration).count(),
                    to_iso8601(writing.start));
    } else {
        change.lost = writing.id;
    }
    TRY(catalogue.apply(change));
    return {};
}

// Time that nobody accounted for began where the last segment or gap ended.
Status account_for_crash(Catalogue& catalogue, const std::string& camera) {
    if (TRY(catalogue.open_gap(camera))) return {};
    const auto until = TRY(catalogue.accounted_until(camera));
    if (!until) return {};
    Change change{.camera = camera};
    change.opened.push_back({.camera = camera,
                             .start = *until,
                             .cause = GapCause::crash,
                             .detail = "the recorder ended without stopping"});
    TRY(catalogue.apply(change));
    return {};
}

}  // namespace

namespace {

fs::path path_of(const Garbage& g) {
    return g.sealed ? sealed_path(g.camera, g.start) : segment_path(g.camera, g.start);
}

Result<int> take_out(Catalogue& catalogue, DiskId disk, const fs::path& recordings, int limit) {
    std::vector<Garbage> gone;
    std::set<fs::path> folders;
    for (const auto& g : TRY(catalogue.garbage(disk, limit))) {
        const auto path = path_of(g);
        if (::unlink((recordings / path).c_str()) != 0 && errno != ENOENT) {
            log_error("cannot delete '{}': {}; it is tried again", (recordings / path).string(),
                      std::generic_category().message(errno));
            continue;
        }
        gone.push_back(g);
        folders.insert(path.parent_path());
    }
    for (const auto& folder : folders) {
        const auto synced = sync_folder(recordings / folder);
        if (synced) {
            remove_empty_folders(recordings, folder);
        } else if (synced.error().kind != ErrorKind::not_found) {
            // After a power cut its files may be back, and must still be known.
            log_error("{}; what was deleted there stays noted", synced.error().message);
            std::erase_if(gone, [&](const Garbage& g) { return path_of(g).parent_path() == folder; });
        }
    }
    TRY_STATUS(catalogue.forget(gone));
    return static_cast<int>(gone.size());
}

}  // namespace

Result<int> take_out_garbage(Catalogue& catalogue, const Disks& disks, int limit) {
    int gone = 0;
    // On a disk that is not there no file is, and each would count as deleted.
    for (const auto& disk : disks.all())
        if (const auto root = disks.folder(disk.id)) gone += TRY(take_out(catalogue, disk.id, *root, limit));
    return gone;
}

Status recover_returned(Catalogue& catalogue, const Disks& disks) {
    const auto all = TRY(catalogue.writing());
    for (auto waiting = all.begin(); waiting != all.end(); ++waiting) {
        // The newest of a camera with a recorder may be the one that it is writing.
        const bool newest = std::none_of(waiting + 1, all.end(),
                                         [&](const Segment& s) { return s.camera == waiting->camera; });
        if (newest && catalogue.board().claimed(waiting->camera)) continue;
        Store::Recovered recovered;
        if (disks.folder(waiting->disk)) TRY_STATUS(recover_segment(catalogue, disks, *waiting, recovered));
    }
    return {};
}

Result<Store::Recovered> recover(Catalogue& catalogue, const Disks& disks,
                                 const std::optional<std::string>& only) {
    Store::Recovered recovered;
    for (const auto& writing : TRY(catalogue.writing()))
        if (!only || writing.camera == *only)
            TRY_STATUS(recover_segment(catalogue, disks, writing, recovered));
    for (const auto& usage : TRY(catalogue.usage()))
        if (!only || usage.camera == *only) TRY_STATUS(account_for_crash(catalogue, usage.camera));
    if (only) return recovered;
    TRY_STATUS(catalogue.give_up_sealing());
    recovered.removed = TRY(take_out_garbage(catalogue, disks, std::numeric_limits<int>::max()));
    return recovered;
}

}  // namespace passerby::store
