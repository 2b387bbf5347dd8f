#include "store/store.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "store/catalogue.h"
#include "store/paths.h"
#include "store/recovery.h"
#include "store/segment_file.h"

namespace passerby::store {

namespace fs = std::filesystem;

namespace {

constexpr unsigned kOwnerOnly = 0700;

Result<Fd> lock_folder(const fs::path& folder) {
    auto fd = TRY(open_file(folder / "lock", O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return fail_errno(errno, fmt::format("cannot lock '{}'", folder.string()));
        const auto holder = read_file(folder / "lock");
        return fail(ErrorKind::denied,
                    "the data folder '{}' is in use by another passerby (process {}); stop that one, or "
                    "choose another folder",
                    folder.string(), holder && !holder->empty() ? *holder : "unknown");
    }
    const auto pid = std::to_string(::getpid());
    if (::ftruncate(fd.get(), 0) != 0)
        return fail_errno(errno, fmt::format("cannot write in '{}'", folder.string()));
    TRY_STATUS(write_all(fd.get(), std::as_bytes(std::span{pid})));
    return fd;
}

}  // namespace

Store::Store(fs::path folder, Clock& clock, CreateFile create_file, Fd lock)
    : folder_{std::move(folder)},
      clock_{clock},
      create_file_{std::move(create_file)},
      lock_{std::move(lock)} {}
Store::~Store() = default;

Result<std::shared_ptr<Store>> Store::open(fs::path folder, Clock& clock, CreateFile create_file,
                                           const DiskPlan& disks) {
    if (sodium_init() < 0) return fail(ErrorKind::internal, "libsodium does not start");
    folder = fs::absolute(folder).lexically_normal();
    TRY_STATUS(make_folder_durably(folder, kOwnerOnly));
    auto lock = TRY(lock_folder(folder));
    const std::shared_ptr<Store> store{new Store{folder, clock, std::move(create_file), std::move(lock)}};
    TRY_STATUS(make_folder_durably(store->recordings(), kOwnerOnly));
    store->catalogue_ = TRY(Catalogue::open(folder / "catalogue.sqlite"));
    store->disks_ = TRY(Disks::open(*store->catalogue_, store->recordings(), disks));
    store->recovered_ = TRY(recover(*store->catalogue_, *store->disks_));
    return store;
}

Result<std::vector<Segment>> Store::segments(const std::string& camera, WallTime from, WallTime to) const {
    // The board first, so that a segment which is finished in between is in both and not in none. It belongs
    // after all finished ones; if it does not, it was finished meanwhile, and so was its successor.
    const auto writing = catalogue_->board().of(camera);
    auto found = TRY(catalogue_->segments(camera, from, to));
    if (writing && writing->start < to && writing->end > from &&
        (found.empty() || found.back().end <= writing->start))
        found.push_back(*writing);
    return found;
}

Result<Segment> Store::segment(SegmentId id) const {
    const auto writing = catalogue_->board().with_id(id);
    if (auto found = TRY(catalogue_->segment(id))) return *std::move(found);
    if (writing) return *writing;
    return fail(ErrorKind::not_found, "there is no recording {}; it may have been deleted", id);
}

Result<std::vector<Gap>> Store::gaps(const std::string& camera, WallTime from, WallTime to) const {
    // The board first, as with segments: what the catalogue is told in between is in both.
    const auto unwritten = catalogue_->board().gaps_of(camera);
    auto found = TRY(catalogue_->gaps(camera, from, to));
    for (const auto& gap : unwritten) {
        if (gap.start >= to || (gap.end && *gap.end <= from) ||
            std::ranges::count(found, gap.start, &Gap::start) > 0)
            continue;
        // The catalogue may still have another one open, which ended where this one began.
        if (!found.empty() && !found.back().end) found.back().end = gap.start;
        found.push_back(gap);
    }
    return found;
}

Result<Store::Timeline> Store::timeline(const std::string& camera, WallTime from, WallTime to) const {
    // Gaps change whenever a segment begins or ends beside one. When they are the same before and after, they
    // were so in between. A stream that breaks off all the time is looked at a few times.
    constexpr int kTries = 5;
    auto gaps = TRY(this->gaps(camera, from, to));
    for (int tries = 1;; ++tries) {
        auto found = TRY(segments(camera, from, to));
        auto after = TRY(this->gaps(camera, from, to));
        const auto same = [](const Gap& a, const Gap& b) {
            return a.id == b.id && a.start == b.start && a.end == b.end;
        };
        if (std::ranges::equal(gaps, after, same) || tries == kTries)
            return Timeline{std::move(found), std::move(after)};
        gaps = std::move(after);
    }
}

Result<std::vector<RecordedHour>> Store::hours(const std::string& camera, WallTime from, WallTime to) const {
    return catalogue_->hours(camera, from, to);
}

Result<std::vector<std::string>> Store::days(const std::string& camera) const {
    constexpr std::size_t kDate = 10;  // of "2026-03-01T…"
    std::vector<std::string> days;
    auto before = WallTime{Micros::max()};
    const auto add = [&](const Segment& s) {
        using Days = std::chrono::days;
        const auto first = std::chrono::floor<Days>(s.start.since_epoch);
        // None is longer than a day; a row that says so is no reason to count for ever.
        const auto last = std::chrono::floor<Days>(s.end.since_epoch - Micros{1});
        for (auto day = std::clamp(last, first, first + Days{1}); day >= first; day -= Days{1}) {
            auto text = to_iso8601({day}).substr(0, kDate);
            if (days.empty() || days.back() > text) days.push_back(std::move(text));
            before = {day};
        }
    };
    if (const auto writing = catalogue_->board().of(camera)) add(*writing);
    // One look-up a day: the newest segment that starts before the day that is already known.
    for (;;) {
        const auto newest = TRY(catalogue_->newest(camera, before));
        if (!newest || newest->start >= before) return days;
        add(*newest);
    }
}

Result<std::optional<Store::Span>> Store::span(const std::string& camera) const {
    const auto writing = catalogue_->board().of(camera);
    const auto oldest = TRY(catalogue_->oldest({.camera = camera}, 1));
    const auto newest = TRY(catalogue_->newest(camera, WallTime{Micros::max()}));
    std::optional<Span> span;
    if (!oldest.empty() && newest) span = Span{oldest.front().start, newest->end};
    if (writing)
        span = Span{span ? span->first : writing->start,
                    span ? std::max(span->last, writing->end) : writing->end};
    return span;
}

Result<std::uint64_t> Store::bytes_used(const std::string& camera) const {
    for (const auto& usage : TRY(catalogue_->usage()))
        if (usage.camera == camera) return usage.bytes;
    return 0;
}

Result<std::uint64_t> Store::bytes_used() const {
    std::uint64_t total = 0;
    for (const auto& usage : TRY(catalogue_->usage())) total += usage.bytes;
    return total;
}

Result<std::vector<std::string>> Store::cameras() const {
    std::vector<std::string> names;
    for (auto& usage : TRY(catalogue_->usage())) names.push_back(std::move(usage.camera));
    return names;
}

Result<SegmentFile> Store::open_segment(SegmentId id) const {
    auto segment = TRY(this->segment(id));
    const auto file = TRY(disks_->folder(segment.disk)) / segment_path(segment.camera, segment.start);
    auto fd = open_file(file, O_RDONLY | O_NOFOLLOW);
    struct stat s {};
    if (!fd || ::fstat(fd->get(), &s) != 0 || static_cast<std::uint64_t>(s.st_size) < segment.bytes) {
        log_error("'{}' is missing or shorter than the catalogue says; was it touched by hand?",
                  file.string());
        return fail(ErrorKind::corrupt, "recording {} is damaged on disk; the log has its name", id);
    }
    return SegmentFile{std::move(segment), *std::move(fd)};
}

Result<std::vector<FragmentSpan>> Store::fragments(const SegmentFile& file) {
    auto scanned = scan_fragments(file.fd.get(), file.segment.init_bytes, file.segment.bytes, Verify::boxes);
    if (scanned.end != file.segment.bytes)
        return fail(ErrorKind::corrupt, "recording {} is damaged on disk after byte {}", file.segment.id,
                    scanned.end);
    for (auto& f : scanned.fragments) f.start -= file.segment.media_start;
    return std::move(scanned.fragments);
}

Status Store::add_gap(const std::string& camera, WallTime start, GapCause cause, std::string_view detail) {
    if (!is_camera_id(camera)) return fail(ErrorKind::invalid, "'{}' is not the id of a camera", camera);
    const auto until = TRY(catalogue_->accounted_until(camera));
    Change change{.camera = camera};
    change.opened.push_back({.camera = camera,
                             .start = until ? std::max(*until, start) : start,
                             .cause = cause,
                             .detail = std::string{detail}});
    TRY(catalogue_->apply(change));
    return {};
}

Status Store::close_gap(const std::string& camera, WallTime end) {
    Change change{.camera = camera};
    change.closed = end;
    TRY(catalogue_->apply(change));
    return {};
}

Result<DiskSpace> Store::disk_space() const {
    return store::disk_space(folder_);
}

Status Store::recover_returned() {
    return store::recover_returned(*catalogue_, *disks_);
}

}  // namespace passerby::store
