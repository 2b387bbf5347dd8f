// The segment that a recorder is writing: file, totals, and what of it is synced. Internal to this module.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "crypto/digest.h"
#include "store/file_sink.h"
#include "store/recorder.h"
#include "store/segment.h"

namespace passerby::store {

// Makes a new file on a disk, and its folders, those durably. unavailable: the disk is not there.
Result<std::unique_ptr<FileSink>> create_durably(const Store&, DiskId, const std::filesystem::path& relative);

class OpenSegment {
  public:
    // `row` has an id (its row is in `writing`). Makes the folders and the file, durably, with the init
    // section.
    static Result<OpenSegment> create(const Store&, Segment row, std::span<const std::byte> init);

    // After an error of add() only finish() may follow.
    Status add(const Fragment&);
    // What survives a power cut now; nothing before the first sync. Changes only in add().
    const std::optional<Segment>& synced() const { return synced_; }

    // Where the next fragment should continue, in media time and on the wall clock.
    Micros media_end() const { return row_.media_start + row_.media_duration; }
    WallTime wall_of(Micros media) const { return row_.start + (media - row_.media_start); }
    const Segment& row() const { return row_; }

    struct Finished {
        std::optional<Segment> kept;  // its bytes are synced; nothing when all of it is lost
        Status status;                // why something is lost
    };
    // Syncs and closes. Whatever failed in add() or fails here costs what was not synced before.
    Finished finish() &&;

  private:
    OpenSegment(std::unique_ptr<FileSink> sink, Segment row, crypto::Sha256 hash)
        : sink_{std::move(sink)}, row_{std::move(row)}, hash_{hash} {}
    Status append(const Fragment&);
    Status sync();

    std::unique_ptr<FileSink> sink_;
    Segment row_;  // with all whole fragments that were appended
    std::optional<Segment> synced_;
    crypto::Sha256 hash_;  // of row_.bytes
    Micros weight_{};      // of row_.covered: time of the fragments
    Micros unsynced_{};
    Status append_result_,
        sync_result_;  // of the last append and the last sync; after an error nothing follows
};

}  // namespace passerby::store
