// The engine: raw frames in, covered frames out, in the same order and number. It decides and paints; it
// never lets a frame through that it did not decide about (P1, P2).
//
// One engine per stream. Not thread-safe. Frames wait in a delay line of Options::look_ahead so that what is
// learnt at frame t covers the frames before t too.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "image/frame.h"
#include "image/scene_picture.h"
#include "redact/inspector.h"
#include "redact/policy.h"
#include "vision/crossings.h"
#include "vision/plate.h"

namespace passerby::redact {

struct FrameReport {
    double covered = 1;   // share of the picture that is covered, 0-1
    double proven = 0;    // share of the picture whose background is proven, 0-1
    std::string doubt;    // why the whole frame was covered, or empty
    double approved = 0;  // share of the picture that is proven and may be shown; less than `proven` in
                          // strict mode only
};

struct CoveredFrame {
    image::SafeFrame frame;
    FrameReport report;
};

class Engine {
  public:
    struct Options {
        image::Size size;
        double frame_rate = 25;
        Micros look_ahead = std::chrono::milliseconds{500};
        double detector_share =
            1;  // of the time, 0-1, that detectors may take: less than 1 only where time is real
    };

    // `detectors` outlives the engine. Without models (nullptr) nothing is ever proven and every frame is
    // fully covered.
    static Result<std::unique_ptr<Engine>> create(Options, Policy, vision::Detectors* detectors);
    // The same with what a first pass over the stream found: who looks, and what is proven (none for a moving
    // scene).
    static Result<std::unique_ptr<Engine>> create(Options, Policy, std::unique_ptr<Inspector>,
                                                  std::optional<vision::Plate>);
    virtual ~Engine() = default;

    // Takes the next frame; gives those whose look-ahead is complete (usually one). Never fails: what goes
    // wrong inside covers the frame wholly and is named in its report. Without memory for an answer there is
    // none, and these frames come covered with those of the next call. A frame of another size comes out as a
    // wholly covered one of the stream's size. Times may stand still, jump and go back.
    virtual std::vector<CoveredFrame> push(image::RawFrame) = 0;
    // The frames that still wait. The engine is then ready for a new stream of the same size, with its scene
    // kept.
    virtual std::vector<CoveredFrame> finish() = 0;

    // Inspector::slow_down().
    virtual void slow_detectors(double pace) = 0;

    // Policy::masks, in place of those that it had; on the frames that still wait, too.
    virtual void set_masks(std::vector<Polygon>) = 0;

    // Policy::count: the lines and zones, in place of those that it had. The sums are what was counted since
    // they were taken last, or since the places were set: raw, so they stay in this process.
    virtual void set_places(std::vector<vision::Place>) = 0;
    virtual std::vector<vision::PlaceCounts> take_counts() = 0;

    // Policy::approval: pictures of the scene that a person approved, each one more that is shown (at most
    // SceneApproval::kMostPictures, the newest). One of another size than the stream approves nothing.
    virtual void approve(image::ScenePicture) = 0;
    virtual void withdraw_approval() = 0;
    // What is proven now, as a person may look at it (Painter::paint_scene); nothing for a moving scene.
    virtual std::optional<image::SafeFrame> scene() const = 0;
};

}  // namespace passerby::redact
