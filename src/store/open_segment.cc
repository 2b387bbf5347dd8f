#include "store/open_segment.h"

#include <algorithm>

#include "store/paths.h"
#include "store/segment_file.h"

namespace passerby::store {

Result<std::unique_ptr<FileSink>> create_durably(const Store& store, DiskId disk,
                                                 const std::filesystem::path& relative) {
    const auto root = TRY(store.disks().folder(disk));
    // Retention may remove an empty folder between the two steps; it can do so only once.
    for (bool again = true;; again = false) {
        TRY_STATUS(make_folders_durably(root, relative.parent_path()));
        auto sink = store.create_file()(root / relative);
        if (!sink && sink.error().kind == ErrorKind::not_found && again) continue;
        if (sink) TRY_STATUS(sync_folder((root / relative).parent_path()));
        return sink;
    }
}

Result<OpenSegment> OpenSegment::create(const Store& store, Segment row, std::span<const std::byte> init) {
    auto sink = TRY(create_durably(store, row.disk, segment_path(row.camera, row.start)));
    TRY_STATUS(sink->append(init));
    row.bytes = row.init_bytes = init.size();
    return OpenSegment{std::move(sink), std::move(row), crypto::Sha256{}.add(init)};
}

Status OpenSegment::append(const Fragment& f) {
    const auto box = index_box(f);
    TRY_STATUS(sink_->append(box));
    TRY_STATUS(sink_->append(f.bytes));
    hash_.add(box).add(f.bytes);
    return {};
}

Status OpenSegment::add(const Fragment& f) {
    append_result_ = append(f);
    if (!append_result_) return append_result_;
    const auto before = static_cast<double>(weight_.count()), added = static_cast<double>(f.duration.count());
    row_.covered =
        before + added > 0 ? (row_.covered * before + f.covered * added) / (before + added) : f.covered;
    weight_ += f.duration;
    unsynced_ += f.duration;
    row_.frames += f.frames;
    row_.kept = row_.kept.value_or(0) + f.kept;
    row_.bytes += kIndexBox + f.bytes.size();
    row_.media_duration = f.start + f.duration - row_.media_start;
    row_.end = row_.start + std::max(row_.media_duration, kShortestSegment);
    // The first fragment at once, so that a new segment can be seen; then before another one would be too
    // much to lose.
    if (synced_ && unsynced_ + f.duration <= Recorder::kMostUnsynced) return {};
    return sync();
}

Status OpenSegment::sync() {
    sync_result_ = sink_->sync();
    if (!sync_result_) return sync_result_;
    unsynced_ = {};
    synced_ = row_;
    const auto digest = hash_.digest();
    synced_->sha256.assign(reinterpret_cast<const char*>(digest.data()), digest.size());
    return {};
}

OpenSegment::Finished OpenSegment::finish() && {
    // If only an append failed, the whole fragments before it can still be saved. A sync that failed is never
    // tried again.
    const auto safe = synced_ ? synced_->bytes : row_.init_bytes;
    if (!append_result_) static_cast<void>(sink_->truncate(row_.bytes));
    if (sync_result_ && row_.bytes > safe) static_cast<void>(sync());
    if (!sync_result_) static_cast<void>(sink_->truncate(safe));
    auto status = append_result_ ? sync_result_ : append_result_;
    sink_.reset();
    if (synced_) synced_->finished = true;
    return {.kept = std::move(synced_), .status = std::move(status)};
}

}  // namespace passerby::store
