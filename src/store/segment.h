// What the catalogue knows: segments (recorded files), gaps (time that is missing, and why) and the pieces of
// a segment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/time.h"
#include "image/plane.h"

namespace passerby::store {

// Never used twice, not even after deletion. It says nothing about cameras or time, so it may stand in an
// address.
using SegmentId = std::int64_t;

// Of a disk that recordings are on (store/disks.h).
using DiskId = int;
// `recordings/` in the data folder.
constexpr DiskId kOwnDisk = 0;

// Every segment gets at least this much time, so that no two have the same name.
constexpr Micros kShortestSegment = std::chrono::milliseconds{1};

// One file: init section (ftyp + moov), then fragments. Segments of a camera never overlap.
struct Segment {
    SegmentId id = 0;
    std::string camera;
    WallTime start, end;   // end is exclusive: where the next segment may begin
    Micros media_start{};  // media time of the first fragment; the file's own times count from the stream's
                           // begin
    Micros media_duration{};  // differs from end - start by what the camera's clock drifts, at most 0.1 %
    Micros clock_error{};     // start minus what the wall clock said: not 0 after the clock was set back
    std::uint64_t bytes = 0;  // what counts; the file may be longer while it grows or after a disk error
    std::uint64_t init_bytes = 0;  // the first so many bytes are the init section
    image::Size size;
    std::string codec;  // "avc1.64001f"
    int frames = 0;
    double covered = 1;         // mean share of the picture that is covered, weighted by time
    std::optional<int> kept{};  // of its frames, as the camera sent them; nothing: recorded before schema 9
    bool finished = true;       // false: still being recorded; bytes and end are those of the last sync
    std::string sha256{};  // of the file's first `bytes` bytes, 32 raw bytes; empty: recorded before schema 3
    std::int64_t policy = 0;  // under which it was recorded: Store::policy(); 0: unknown
    DiskId disk = kOwnDisk;   // where its file is
};

enum class GapCause {
    camera,    // not reached, lost, or it sent nothing
    decoder,   // what it sent did not decode
    disk,      // could not be written or synced
    overload,  // this machine did not keep up
    clock,     // the wall clock was set ahead: no picture is missing, the time never happened
    stop,      // the recorder was stopped
    crash,     // the recorder, the camera's process or the machine went down
    policy,    // not to be recorded, or deleted by retention
};
std::string_view name(GapCause);
Result<GapCause> gap_cause_named(std::string_view);

// An hour of UTC, in short: of what began in it.
struct RecordedHour {
    WallTime start;
    Micros recorded{};
    double covered = 0;  // mean share of the picture, weighted by time
};

struct Gap {
    std::int64_t id = 0;
    std::string camera;
    WallTime start;
    std::optional<WallTime> end{};  // none: it lasts
    GapCause cause = GapCause::camera;
    std::string detail;  // in words, without secrets; may be empty
};

// The file of a segment, open for reading. Read `segment.bytes` of it and no more.
struct SegmentFile {
    Segment segment;
    Fd fd;
};

// Where a fragment lies in its file, for byte ranges and seeking.
struct FragmentSpan {
    std::uint64_t offset = 0, bytes = 0;  // of moof + mdat, from the file's begin
    Micros start{}, duration{};           // media time, from the segment's first fragment
    int frames = 0;
    bool keyframe = false;
    double covered = 1;
    int kept = 0;
};

}  // namespace passerby::store
