// Who counts: persons and vehicles that cross what is drawn. It follows them by tracks of its own, so that
// nothing of the cover depends on it.
#pragma once

#include <vector>

#include "redact/inspector.h"
#include "redact/policy.h"
#include "vision/tracks.h"

namespace passerby::redact {

// Not thread-safe.
class Footfall {
  public:
    explicit Footfall(image::Size picture);

    void set_places(std::vector<vision::Place> places) { crossings_.set_places(std::move(places)); }
    void set_masks(const std::vector<Polygon>& masks) { crossings_.set_masks(masks); }
    // What the detectors saw in a frame.
    void look(Micros now, const std::vector<Inspection>&);
    std::vector<vision::PlaceCounts> take() { return crossings_.take(); }

  private:
    vision::Tracks tracks_;
    vision::Crossings crossings_;
};

}  // namespace passerby::redact
