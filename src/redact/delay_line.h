// Frames wait here until what comes after them is known, then get their cover: the union of all evidence,
// grown in space and time.
#pragma once

#include <deque>

#include "redact/analyst.h"
#include "redact/engine.h"
#include "redact/painter.h"

namespace passerby::redact {

// Not thread-safe.
class DelayLine {
  public:
    DelayLine(image::Size, Policy, Micros look_ahead);

    // What is drawn from now on, on the frames that wait too.
    void set_masks(const std::vector<Polygon>&);
    void push(image::RawFrame, Evidence);
    // The oldest frame, once its look-ahead is complete (or at the end of the stream, `flush`).
    std::optional<CoveredFrame> pop(const vision::Tracks&, bool flush);

  private:
    struct Waiting {
        image::RawFrame frame;
        Evidence evidence;
        image::Mask lends;  // foreground that covers the frames before and after, too
    };
    Cover cover_for(const Waiting&, const vision::Tracks&) const;
    void spare_flapping(Cover&, const Waiting&, const vision::Tracks&, const image::Mask& moving) const;
    void add_tracks(Cover&, const Waiting&, const vision::Tracks&, const image::Mask& moving) const;

    const Policy policy_;
    const Micros look_ahead_;
    image::Mask drawn_;  // the policy's polygons
    Painter painter_;
    std::deque<Waiting> line_;
    std::deque<std::pair<Micros, image::Mask>> past_;  // what frames lend that left lately
};

}  // namespace passerby::redact
