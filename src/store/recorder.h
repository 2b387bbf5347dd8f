// Writes one camera's stream into segments. A new file begins at a keyframe when the UTC minute changes, when
// the init section changes, and after a gap. Whatever is not recorded becomes a gap entry.
//
// Time: the first segment after a gap begins at the wall clock; from there on the stream's media time counts,
// and the difference to the wall clock is worked off by at most 0.1 % of each segment. Segments never
// overlap: when the wall clock is set back, the next segment begins where the last one ended
// (Segment::clock_error says how far off that is). When it is set ahead by more than kClockStep, the time
// that never happened is a gap, `clock`.
//
// Not thread-safe: one thread owns it. It blocks for the disk. Recorders of other cameras run in parallel.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace passerby::store {

struct Fragment {
    std::span<const std::byte> bytes;  // moof + mdat
    Micros start{}, duration{};        // media time of the stream
    int frames = 0;
    bool keyframe = false;  // a decoder can start here
    double covered = 1;     // mean share of the picture that is covered
    int kept = 0;           // of its frames, as the camera sent them
};

class Recorder {
  public:
    // The wall clock ran this much ahead of the media time: it was set. Less is drift or late arrival.
    static constexpr Micros kClockStep = std::chrono::seconds{5};
    // Missing time below this is jitter and no gap.
    static constexpr Micros kSmallestGap = std::chrono::milliseconds{500};
    // At most so much of what was handed over is lost in a power cut, or one fragment where that is longer
    // until add() returns. With what is on its way to us it stays below 2 s (doc/storage.md).
    static constexpr Micros kMostUnsynced = std::chrono::milliseconds{500};

    // `camera`: [a-z0-9-]{1,32}, else invalid. A second recorder for the same camera: exists. From here on
    // the camera's time is accounted for: until the first fragment it is a gap (an open one goes on,
    // otherwise one of cause `camera`).
    // `policy`: a text that says under which rules it is recorded; it goes into each segment's manifest.
    static Result<std::unique_ptr<Recorder>> create(std::shared_ptr<Store>, std::string camera,
                                                    const std::string& policy = {});
    // Leaves the open segment as a crash would, so that recovery is one way for both. Call stop() before.
    ~Recorder();

    // The stream starts, anew or with another init section. The next fragments continue in its media time.
    // invalid: an empty init section.
    Status begin(std::vector<std::byte> init, image::Size, std::string codec);

    // The next fragment. `wall_start`: when its first frame was taken in. Before the first keyframe after
    // begin(), gap() or a disk error, fragments are not recorded (and lie in the gap). After an error nothing
    // is lost that was synced; the missing time is a gap and the recorder starts a new segment by itself at
    // the next keyframe, so the caller logs the error and goes on. full, unavailable, denied: the disk.
    // invalid: no begin() before, or a negative or absurd duration; it changes nothing. Media time that jumps
    // is a gap, `decoder`.
    Status add(const Fragment&, WallTime wall_start);

    // Nothing comes until the next fragment, for this cause. Finishes the open segment. Called again with
    // another cause, it ends the first gap now and begins another.
    Status gap(GapCause, std::string_view detail);

    // Finishes the open segment and opens a gap `stop`, which lasts until a recorder of this camera takes its
    // first fragment. Nothing but the destructor may follow.
    Status stop();

  private:
    struct Impl;
    explicit Recorder(std::unique_ptr<Impl>);
    std::unique_ptr<Impl> impl_;
};

}  // namespace passerby::store
