// The data folder: recorded segments, the catalogue that lists them, and the lock that says who records.
//
//     DATA/lock                                   held by the process that records
//     DATA/catalogue.sqlite (-wal, -shm)          doc/format/catalogue.md
//     DATA/recordings/2026-03-01/12/entrance/34.56.789.mp4      times in UTC; doc/storage.md
//
// and, below the folders of other disks, what their cameras recorded (store/disks.h).
//
// Promise P9: a segment is listed only if its bytes are on disk and synced, and every second that is missing
// is a gap with its cause. doc/storage.md writes the life of a segment down as numbered steps.
//
// Thread-safe. Readers do not wait for recorders: they have their own connection to the catalogue.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "store/disks.h"
#include "store/file_sink.h"
#include "store/segment.h"

namespace passerby::store {

class Catalogue;

class Store : public std::enable_shared_from_this<Store> {
  public:
    // Opens or makes the folder (mode 0700), takes its lock, and recovers what a crash left behind (see
    // recovered()). denied: another process holds the lock, or the rights are missing. invalid: the catalogue
    // is of a newer passerby. corrupt: it is damaged. `clock` outlives the store.
    static Result<std::shared_ptr<Store>> open(std::filesystem::path folder, Clock& clock,
                                               CreateFile create_file = create_file_sink,
                                               const DiskPlan& disks = {});
    ~Store();  // recorders should be stopped before
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    // What overlaps [from, to), oldest first. With the segment that is just being written, up to its last
    // sync.
    Result<std::vector<Segment>> segments(const std::string& camera, WallTime from, WallTime to) const;
    // not_found when there is none (any more).
    Result<Segment> segment(SegmentId) const;
    // What overlaps [from, to), oldest first. A gap that lasts has no end. What retention deleted is one gap,
    // `policy`.
    Result<std::vector<Gap>> gaps(const std::string& camera, WallTime from, WallTime to) const;
    struct Timeline {
        std::vector<Segment> segments;
        std::vector<Gap> gaps;
    };
    // Both at one moment: what a recorder changes between the two look-ups cannot make a hole or an overlap.
    Result<Timeline> timeline(const std::string& camera, WallTime from, WallTime to) const;
    // What began in [from, to), of finished segments; hours without any are left out. A month takes
    // milliseconds.
    Result<std::vector<RecordedHour>> hours(const std::string& camera, WallTime from, WallTime to) const;
    // UTC days with recordings, "2026-03-01", newest first.
    Result<std::vector<std::string>> days(const std::string& camera) const;

    struct Span {
        WallTime first, last;  // start of the oldest segment, end of the newest
    };
    Result<std::optional<Span>> span(const std::string& camera) const;
    // Of finished segments.
    Result<std::uint64_t> bytes_used(const std::string& camera) const;
    Result<std::uint64_t> bytes_used() const;
    // Every camera of which something is known, whether it is still configured or not.
    Result<std::vector<std::string>> cameras() const;

    // Opens the file. A file that is missing or shorter than the catalogue says is `corrupt`, and logged. The
    // descriptor stays good when retention deletes the segment meanwhile. "/proc/self/fd/N" is a path for
    // libraries that want one.
    Result<SegmentFile> open_segment(SegmentId) const;
    // The pieces of an opened segment, from the index boxes in its file. Reads about 100 bytes per fragment.
    static Result<std::vector<FragmentSpan>> fragments(const SegmentFile&);

    // A gap that no recorder notes by itself: a camera that is switched off in the config, or never came up.
    // One open gap per camera: with another cause the open one ends at `start` and this one begins; with the
    // same cause it goes on. A camera with a Recorder leaves this to the recorder.
    Status add_gap(const std::string& camera, WallTime start, GapCause, std::string_view detail);
    // Ends the camera's open gap, if there is one. An empty gap is removed.
    Status close_gap(const std::string& camera, WallTime end);

    struct Recovered {
        int segments = 0;             // entered after a crash
        std::uint64_t bytes_cut = 0;  // torn ends that were cut off
        int removed = 0;  // files whose deletion was completed, and files without one whole fragment
    };
    const Recovered& recovered() const { return recovered_; }

    // Of the data folder.
    Result<DiskSpace> disk_space() const;
    // What recordings are on. Disks::folder() says whether one is there.
    const Disks& disks() const { return *disks_; }

    // What a crash left on a disk that was not there when the store was opened, where it is there now.
    Status recover_returned();

    const std::filesystem::path& folder() const { return folder_; }
    Clock& clock() const { return clock_; }

    // For the other files of this module.
    Catalogue& catalogue() const { return *catalogue_; }
    std::filesystem::path recordings() const { return folder_ / "recordings"; }  // kOwnDisk
    const CreateFile& create_file() const { return create_file_; }

  private:
    Store(std::filesystem::path, Clock&, CreateFile, Fd lock);

    // Constant after open().
    const std::filesystem::path folder_;
    Clock& clock_;
    const CreateFile create_file_;
    Fd lock_;
    std::unique_ptr<Catalogue> catalogue_;  // thread-safe
    std::unique_ptr<Disks> disks_;          // thread-safe
    Recovered recovered_;
};

}  // namespace passerby::store
