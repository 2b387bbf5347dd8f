#include "store/recorder.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/log.h"
#include "store/catalogue.h"
#include "store/open_segment.h"
#include "store/paths.h"
#include "store/recovery.h"

namespace passerby::store {

namespace {

constexpr Micros kLongestFragment = std::chrono::minutes{1};
constexpr int kMostCorrection = 1000;  // one part in so many of a segment's length

double seconds(Micros t) {
    return std::chrono::duration<double>(t).count();
}

struct Stream {
    std::vector<std::byte> init;
    image::Size size;
    std::string codec;
};

}  // namespace

// Either a segment is open or a gap is; after create() never both, never none.
struct Recorder::Impl {
    std::shared_ptr<Store> store;
    std::string camera;
    std::int64_t policy = 0;

    std::optional<Stream> stream;
    std::optional<OpenSegment> open;
    std::optional<Gap> gap;
    bool seamless =
        false;             // the gap is only the moment between two streams, and is dropped if it stays short
    WallTime accounted{};  // before it all time is recorded or a gap; where the next segment may begin
    std::int64_t minute = 0;  // that the open segment is for: its start may be corrected to just before it
    Micros behind{};          // how far the last fragment's wall time is after the segment's own time
    // What happened and is not in the catalogue yet. It is emptied only by success, so a catalogue that
    // cannot be written for a while (full disk) still learns everything, in one transaction.
    Change change;

    Impl(std::shared_ptr<Store> s, std::string id) : store{std::move(s)}, camera{std::move(id)} {
        change.camera = camera;
    }
    ~Impl() { store->catalogue().board().release(camera); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Status write_change();
    void show_gaps();  // that the catalogue does not know of
    void open_gap(WallTime start, GapCause, std::string detail);
    Status finish_segment();
    Status start_segment(const Fragment&, WallTime start, Micros clock_error);
    Status give_up_start(const Error&, SegmentId);
    WallTime next_start(WallTime wall);
    Status cut_at_keyframe(const Fragment&, WallTime wall);
    Status write_fragment(const Fragment&);
};

void Recorder::Impl::show_gaps() {
    store->catalogue().board().publish_gaps(camera, change.opened);
}

Status Recorder::Impl::write_change() {
    if (change.empty()) return {};
    const auto applied = store->catalogue().apply(change);
    if (!applied) {
        show_gaps();
        return tl::unexpected{applied.error()};
    }
    const auto id = *applied;
    store->catalogue().board().publish_gaps(camera, {});
    if (change.begun) change.begun->id = id;
    // The segment is in the catalogue now; until here the board listed it.
    if (change.finished) store->catalogue().board().withdraw(camera);
    auto begun = std::move(change.begun);
    change = Change{.camera = camera};
    change.begun = std::move(begun);
    return {};
}

void Recorder::Impl::open_gap(WallTime start, GapCause cause, std::string detail) {
    if (gap && gap->cause == cause) return;
    gap = Gap{.camera = camera, .start = start, .cause = cause, .detail = std::move(detail)};
    seamless = false;
    accounted = std::max(accounted, start);
    change.opened.push_back(*gap);
}

// Puts the segment's fate into `change`. An error is of the disk, and a gap says so already.
Status Recorder::Impl::finish_segment() {
    const auto row = open->row();
    auto [kept, status] = std::move(*open).finish();
    open.reset();
    if (kept) {
        // Work off the difference to the wall clock, so that a camera's drift does not add up.
        const Micros most = kept->media_duration / kMostCorrection;
        if (status)
            kept->end = std::max(kept->end + std::clamp(behind, -most, most), kept->start + kShortestSegment);
        accounted = kept->end;
        change.finished = std::move(kept);
    } else {
        store->catalogue().board().withdraw(camera);
        change.lost = row.id;
        // Its name must not be given to another file: this one is deleted later.
        accounted = row.start + kShortestSegment;
    }
    if (!status) {
        const auto from = change.lost ? row.start : accounted;
        log_error("{}: {}; recording from {} on is lost", camera, status.error().message, to_iso8601(from));
        open_gap(from, GapCause::disk, status.error().message);
    }
    return status;
}

Status Recorder::Impl::give_up_start(const Error& error, SegmentId id) {
    const auto start = change.begun->start;
    change.begun.reset();
    change.lost = id;
    gap.reset();
    open_gap(start, GapCause::disk, error.message);
    accounted = start + kShortestSegment;
    static_cast<void>(write_change());  // tried again with the next fragment
    return tl::unexpected{error};
}

Status Recorder::Impl::start_segment(const Fragment& f, WallTime start, Micros clock_error) {
    const auto disk = store->disks().of(camera);
    // Before its row: a disk that is away for a day would leave thousands of them.
    if (const auto there = store->disks().folder(disk); !there) {
        open_gap(gap ? std::max(store->clock().wall(), accounted) : accounted, GapCause::disk,
                 there.error().message);
        static_cast<void>(write_change());
        return tl::unexpected{there.error()};
    }
    change.closed = start;
    change.begun = Segment{.camera = camera,
                           .start = start,
                           .end = start,
                           .media_start = f.start,
                           .clock_error = clock_error,
                           .init_bytes = stream->init.size(),
                           .size = stream->size,
                           .codec = stream->codec,
                           .finished = false,
                           .policy = policy,
                           .disk = disk};
    if (auto written = write_change(); !written) {
        change.closed.reset();
        change.begun.reset();
        // Without its row there is no segment. The time is missing from the last one on.
        if (!gap) open_gap(accounted, GapCause::disk, written.error().message);
        show_gaps();
        return written;
    }
    auto created = OpenSegment::create(*store, *change.begun, stream->init);
    if (!created) return give_up_start(created.error(), change.begun->id);
    change.begun.reset();
    open = *std::move(created);
    gap.reset();
    seamless = false;
    behind = {};
    minute = std::max(minute, minute_of(start));
    return {};
}

// After a gap: at the wall clock, but never inside time that is accounted for.
WallTime Recorder::Impl::next_start(WallTime wall) {
    if (seamless && wall > accounted && wall - accounted <= kSmallestGap) return accounted;
    return std::max(wall, accounted);
}

// The open segment ends here when it has to. May leave no segment and no gap: the next one begins seamlessly.
Status Recorder::Impl::cut_at_keyframe(const Fragment& f, WallTime wall) {
    const auto expected = open->wall_of(f.start);
    const bool was_set_ahead = wall - expected > kClockStep;
    if (!was_set_ahead && minute_of(expected) <= minute) return {};
    minute = minute_of(expected);
    TRY_STATUS(finish_segment());
    if (was_set_ahead) {
        log_warning("{}: the clock is {:.1f} s ahead of the pictures; recording goes on at the clock's time",
                    camera, seconds(wall - accounted));
        open_gap(accounted, GapCause::clock,
                 fmt::format("the clock was set ahead by {:.1f} s", seconds(wall - accounted)));
    }
    return {};
}

Status Recorder::Impl::write_fragment(const Fragment& f) {
    if (auto added = open->add(f); !added) {
        auto finished = finish_segment();
        static_cast<void>(write_change());
        return finished ? added : finished;
    }
    if (open->synced()) store->catalogue().board().publish(*open->synced());
    return {};
}

Recorder::Recorder(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Recorder::~Recorder() = default;

Result<std::unique_ptr<Recorder>> Recorder::create(std::shared_ptr<Store> store, std::string camera,
                                                   const std::string& policy) {
    if (!is_camera_id(camera))
        return fail(ErrorKind::invalid, "'{}' is not the id of a camera; use 1 to 32 of a-z, 0-9 and -",
                    camera);
    if (!store->catalogue().board().claim(camera))
        return fail(ErrorKind::exists, "camera '{}' has a recorder already", camera);
    auto impl = std::make_unique<Impl>(std::move(store), camera);  // releases the claim from here on
    auto& catalogue = impl->store->catalogue();
    TRY(recover(catalogue, impl->store->disks(), camera));
    if (!policy.empty()) impl->policy = TRY(catalogue.policy_id(policy));
    const auto now = impl->store->clock().wall();
    const auto until = TRY(catalogue.accounted_until(camera));
    // A little later, because recovery may have given up a file that began just there, and its name is to be
    // deleted.
    impl->accounted = until ? *until + kShortestSegment : now;
    impl->gap = TRY(catalogue.open_gap(camera));
    if (!impl->gap) {
        impl->open_gap(impl->accounted, GapCause::camera, "no picture yet");
        TRY_STATUS(impl->write_change());
    }
    return std::unique_ptr<Recorder>{new Recorder{std::move(impl)}};
}

Status Recorder::begin(std::vector<std::byte> init, image::Size size, std::string codec) {
    if (init.empty()) return fail(ErrorKind::invalid, "an empty init section");
    auto& r = *impl_;
    Status finished;
    if (r.open) {
        finished = r.finish_segment();
        if (!r.gap) {
            r.open_gap(r.accounted, GapCause::camera, "the stream started anew");
            r.seamless = true;
        }
    }
    r.stream = Stream{std::move(init), size, std::move(codec)};
    auto written = r.write_change();
    return finished ? written : finished;
}

Status Recorder::add(const Fragment& fragment, WallTime wall) {
    auto& r = *impl_;
    if (!r.stream) return fail(ErrorKind::invalid, "{}: a fragment before the init section", r.camera);
    if (fragment.bytes.empty() || fragment.duration < Micros{} || fragment.duration > kLongestFragment ||
        fragment.frames < 0)
        return fail(ErrorKind::invalid, "{}: a fragment of {} bytes, {} frames and {:.1f} s cannot be",
                    r.camera, fragment.bytes.size(), fragment.frames, seconds(fragment.duration));
    Fragment f = fragment;
    f.covered = std::isfinite(f.covered) ? std::clamp(f.covered, 0., 1.) : 1.;
    f.kept = std::clamp(f.kept, 0, f.frames);

    Status trouble;  // of the segment before; the new one begins all the same
    if (r.open && std::chrono::abs(f.start - r.open->media_end()) > kSmallestGap) {
        const auto jump = f.start - r.open->media_end();
        trouble = r.finish_segment();
        if (!r.gap)
            r.open_gap(r.accounted, GapCause::decoder,
                       fmt::format("the stream's time jumped by {:.1f} s", seconds(jump)));
    } else if (r.open && f.keyframe) {
        trouble = r.cut_at_keyframe(f, wall);
    }
    if (!r.open) {
        if (!f.keyframe) {
            auto written = r.write_change();
            return trouble ? written : trouble;
        }
        const auto start = r.gap ? r.next_start(wall) : r.accounted;
        TRY_STATUS(r.start_segment(f, start, start - wall));
    }
    r.behind = wall - r.open->wall_of(f.start);
    auto written = r.write_fragment(f);
    return trouble ? written : trouble;
}

Status Recorder::gap(GapCause cause, std::string_view detail) {
    auto& r = *impl_;
    Status finished;
    if (r.open) finished = r.finish_segment();
    // After the end of the segment; or from now on, in place of the cause that held until now.
    r.open_gap(r.gap ? std::max(r.store->clock().wall(), r.accounted) : r.accounted, cause,
               std::string{detail});
    auto written = r.write_change();
    return finished ? written : finished;
}

Status Recorder::stop() {
    return gap(GapCause::stop, "the recorder was stopped");
}

}  // namespace passerby::store
