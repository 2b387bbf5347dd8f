// Tracks: detections of one thing over time, so that its cover holds where the detectors miss it. A track's
// number never leaves this class; it knows boxes and times, nothing of what a person looks like, and ends
// with the thing's stay.
#pragma once

#include <deque>
#include <vector>

#include "base/time.h"
#include "vision/detectors.h"

namespace passerby::vision {

struct TrackRules {
    Micros hold = std::chrono::milliseconds{1200};       // covered on after the last detection
    Micros reach_back = std::chrono::milliseconds{500};  // covered before the first
    float believed = 0.3F;                               // a track counts once it had this score
};

struct TrackBox {
    Kind kind;
    float best;                 // score of the track so far, 0-1
    float x, y, width, height;  // pixels
};

// Not thread-safe. Times never go back.
class Tracks {
  public:
    explicit Tracks(TrackRules rules) : rules_{rules} {}

    void update(Micros now, const std::vector<Detection>&);
    // Where tracked things are at `when`, which may lie back as far as the look-ahead: between two detections
    // on the straight line, before the first and after the last where it was, grown by the way it may have
    // gone.
    std::vector<TrackBox> at(Micros when) const;
    void forget() { tracks_.clear(); }

  private:
    struct Seen {
        Micros when;
        Detection box;
    };
    struct Track {
        std::deque<Seen> seen;
        float best = 0;
    };
    const TrackRules rules_;
    std::vector<Track> tracks_;
};

}  // namespace passerby::vision
