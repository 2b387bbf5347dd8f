// The list of what is recorded, in SQLite; doc/format/catalogue.md describes its tables. Internal to this
// module.
//
// Thread-safe. Two connections: what changes goes through one, what is asked through the other, so that a
// long timeline does not hold up a recorder. Every change is one transaction that is synced when the call
// returns.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "store/segment.h"
#include "store/writing_board.h"

namespace passerby::store {

class Sql;

// What a recorder did, written at once. Parts that are not set change nothing. They take effect in this
// order.
struct Change {
    std::string camera;
    std::optional<Segment> finished{};  // leaves `writing` for `segment`
    std::optional<SegmentId> lost{};    // leaves `writing` for `garbage`
    // Each ends the gap that is open before it at its own start; with the same cause the open one goes on.
    // One that begins where the last one of the same cause ended continues that.
    std::vector<Gap> opened{};
    std::optional<WallTime> closed{};  // of the open gap; one that is empty then is removed
    std::optional<Segment> begun{};    // enters `writing`

    bool empty() const { return !finished && !lost && opened.empty() && !closed && !begun; }
};

struct Garbage {
    SegmentId id = 0;
    std::string camera;
    WallTime start;
    bool sealed = false;  // a sealed part; ids of the two kinds are apart
    DiskId disk = kOwnDisk;
};

struct Usage {
    std::string camera;
    std::uint64_t bytes = 0;
};

class Catalogue {
  public:
    // Makes or opens the file and brings its schema up to date.
    static Result<std::unique_ptr<Catalogue>> open(const std::filesystem::path&);
    ~Catalogue();

    // Gives the id of Change::begun, 0 without one.
    Result<SegmentId> apply(const Change&);

    Result<std::vector<Segment>> segments(const std::string& camera, WallTime from, WallTime to) const;
    Result<std::optional<Segment>> segment(SegmentId) const;
    // Those with recordings, of the segments that begin in [from, to).
    Result<std::vector<RecordedHour>> hours(const std::string& camera, WallTime from, WallTime to) const;
    // The newest that starts before `before`.
    Result<std::optional<Segment>> newest(const std::string& camera, WallTime before) const;
    // Of one camera, of one disk, or of all.
    struct Which {
        std::optional<std::string> camera{};
        std::optional<DiskId> disk{};
    };
    // The oldest. `unprotected`: without those that are protected at that time.
    Result<std::vector<Segment>> oldest(const Which&, int limit,
                                        std::optional<WallTime> unprotected = {}) const;
    Result<std::vector<Gap>> gaps(const std::string& camera, WallTime from, WallTime to) const;
    Result<std::optional<Gap>> open_gap(const std::string& camera) const;
    Result<std::vector<Usage>> usage() const;  // of every known camera

    // Finished segments with a hash that are in no batch of the ledger yet, the oldest first.
    Result<std::vector<Segment>> without_batch(int limit) const;

    // The number of a policy's text, which is kept once.
    Result<std::int64_t> policy_id(const std::string& text);
    // Empty for 0.
    Result<std::string> policy(std::int64_t id) const;

    // All time before this is recorded or a gap; nothing when nothing is known of the camera.
    Result<std::optional<WallTime>> accounted_until(const std::string& camera) const;
    // By id. More than one of a camera: a crash left the older ones on a disk that is not there.
    Result<std::vector<Segment>> writing() const;

    // Retention and recovery. expire(): the rows leave `segment` for `garbage`, and with them the sealed
    // parts of the same camera that end no later, unless they are protected at `now`.
    Status expire(const std::vector<Segment>&, WallTime now);
    // Sealed parts alone: those that end at `until` or before, and are not protected at `now`. Gives how
    // many.
    Result<int> expire_sealed(const std::string& camera, WallTime until, WallTime now);
    // Of the sealed parts that end within the segment's time: what goes with it.
    Result<std::uint64_t> sealed_bytes(const Segment&) const;
    // No recorder runs: what was being sealed will not be finished.
    Status give_up_sealing();
    Result<std::vector<Garbage>> garbage(DiskId, int limit) const;
    Status forget(const std::vector<Garbage>&);

    WritingBoard& board() { return board_; }
    // For the tables of others (accounts).
    Sql& changes() { return *changes_; }
    Sql& queries() const { return *queries_; }

  private:
    Catalogue(std::unique_ptr<Sql> changes, std::unique_ptr<Sql> queries);
    const std::unique_ptr<Sql> changes_, queries_;
    WritingBoard board_;
};

}  // namespace passerby::store
