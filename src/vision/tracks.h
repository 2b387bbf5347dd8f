// Tracks: detections of one thing over time, so that its cover holds where the detectors miss it. A track's
// number never leaves this class; it knows boxes and times, nothing of what a person looks like, and ends
// with the thing's stay.
#pragma once

#include <deque>
#include <vector>

#include "base/time.h"
#include "vision/crossings.h"
#include "vision/detectors.h"

namespace passerby::vision {

struct TrackRules {
    Micros hold = std::chrono::milliseconds{1200};       // covered on after the last detection
    Micros reach_back = std::chrono::milliseconds{500};  // covered before the first
    // A thing that is found again after this long, where it was going, had been there all the time: behind a
    // sign, say. Not what was last seen at the picture's border: it has left.
    Micros bridge = std::chrono::milliseconds{500};
    float believed = 0.3F;  // a track counts once it had this score
};

struct TrackBox {
    Kind kind;
    float best;                 // score of the track within the last seconds, 0-1
    bool seen;                  // before and after, not only one of them
    float x, y, width, height;  // pixels
};

// Not thread-safe. Times never go back.
class Tracks {
  public:
    Tracks(image::Size picture, TrackRules rules) : picture_{picture}, rules_{rules} {}

    // `count`: what is told the way of each track that is believed and was seen a few times; may be null.
    void update(Micros now, const std::vector<Detection>&, Crossings* count = nullptr);
    // Where tracked things are at `when`, which may lie back as far as the look-ahead: between two detections
    // on the straight line, after the last where it was going (it may have gone behind a sign), before the
    // first where it was; grown by the way it may have gone besides.
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
        int looks = 0;  // that found it
        Tally tally;
        Detection expected_at(Micros when) const;
    };
    float continues(const Track&, Micros now, const Detection&) const;
    bool at_border(const Detection&) const;

    const image::Size picture_;
    const TrackRules rules_;
    std::vector<Track> tracks_;
};

}  // namespace passerby::vision
