// When and where the detectors look. A live inspector runs them as the scene asks for it; a recorded one
// plays back what a first pass over a file saw, so that the second pass costs no detector.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "image/frame.h"
#include "redact/policy.h"
#include "vision/detectors.h"
#include "vision/plate.h"

namespace passerby::redact {

struct Inspection {
    image::Rect where;
    bool proves = false;  // close enough to say that nobody is there
    std::vector<vision::Detection> found;
    std::vector<vision::Detection> vehicles = {};  // all of them, covered or not: for who counts
};

// Not thread-safe.
class Inspector {
  public:
    virtual ~Inspector() = default;
    // The frame's own inspections, in the order made. An error means that nobody looked. `plate` is null for
    // a moving scene. `foreground`: what deviates from the plate.
    virtual Result<std::vector<Inspection>> inspect(const image::RawFrame&, const vision::Plate* plate,
                                                    const image::Mask& foreground) = 0;
    // The machine does not keep up: look so much less often than you would, 0-1 (1: as ever). Only who looks
    // in order to prove does so. Where detections are all there is, fewer of them would show somebody.
    virtual void slow_down(double pace) { static_cast<void>(pace); }
};

// How often the detectors look.
struct Pace {
    Micros whole = std::chrono::milliseconds{250};   // at the whole picture, while something is going on
    Micros quiet = std::chrono::milliseconds{1000};  // and while nothing is
    Micros tile = std::chrono::milliseconds{120};    // at a part of a large picture that waits to be proven
    // Of the time, 0-1, that looking may take; below 1 the detectors rest after each look for as long as that
    // asks for, and what is not proven stays covered longer. 1 looks as often as the scene wants, whatever it
    // costs.
    double share = 1;
    // By which that time is taken; outlives the inspector.
    const Clock* clock = &system_clock();
};

// For fixed scenes; moving_inspector.h has those for moving ones. What keeps a place from being proven is a
// person or a face, and of other things what `cover` names.
std::unique_ptr<Inspector> make_live_inspector(image::Size, Subjects cover, vision::Detectors&, Pace = {});

struct InspectionLog {
    std::vector<std::optional<std::vector<Inspection>>> frames;  // by frame number; nothing: nobody looked
};
// Passes on what `inner` finds and writes it down.
std::unique_ptr<Inspector> make_recording_inspector(std::unique_ptr<Inspector> inner, InspectionLog&);
std::unique_ptr<Inspector> make_replaying_inspector(const InspectionLog&);

}  // namespace passerby::redact
