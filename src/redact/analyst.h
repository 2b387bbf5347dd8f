// Gathers the evidence about each frame as it comes: what deviates from the proven plate, what is not proven,
// what the detectors and tracks know. It decides nothing about the past: the engine's delay line does.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "redact/approval.h"
#include "redact/footfall.h"
#include "redact/inspector.h"
#include "vision/plate.h"
#include "vision/tracks.h"

namespace passerby::redact {

struct Evidence {
    image::Mask foreground,
        unproven;               // on one grid; a moving scene has an empty foreground and nothing unproven
    double proven = 0;          // share of the picture, 0-1
    std::string doubt;          // why nothing of this frame may be shown, or empty
    image::Mask flapping = {};  // the part of the foreground where leaves or a tape move; empty if none
    double approved = 0;        // share of the picture that is proven and may be shown, 0-1
};

// Not thread-safe.
class Analyst {
  public:
    // `plate`: what is proven so far, usually nothing; none for a moving scene.
    Analyst(image::Size, std::optional<vision::Plate> plate, std::unique_ptr<Inspector>, vision::TrackRules);

    Evidence look(const image::RawFrame&);
    void slow_detectors(double pace) { inspector_->slow_down(pace); }
    // From now on what no person approved counts as unproven (strict mode).
    void require_approval() { approval_.emplace(size_); }
    // Null if none is required.
    SceneApproval* approval() { return approval_ ? &*approval_ : nullptr; }
    // From now on what crosses lines and zones is counted.
    void count() { footfall_.emplace(size_); }
    // Null if nothing is counted.
    Footfall* footfall() { return footfall_ ? &*footfall_ : nullptr; }
    const vision::Tracks& tracks() const { return tracks_; }
    // The plate as it is now; nothing for a moving scene.
    const std::optional<vision::Plate>& plate() const { return plate_; }

  private:
    void judge_change(const vision::Plate::Look&, Evidence&, Micros elapsed);

    const image::Size size_;
    const int cell_;
    std::optional<vision::Plate> plate_;
    std::unique_ptr<Inspector> inspector_;
    std::optional<SceneApproval> approval_;
    std::optional<Footfall> footfall_;
    vision::Tracks tracks_;
    vision::Reduced reduced_;
    std::optional<Micros> last_, inspected_;
    Micros changed_for_{};
};

}  // namespace passerby::redact
