// Covers: the one place where a raw frame becomes a safe one (P1, P3).
//
// What is painted over a cell comes from constants or from pictures that were shown before, never from the
// cell's own pixels: two frames that differ only under the cover give the same SafeFrame. Works for every
// plane, any even or odd size.
#pragma once

#include <optional>

#include "image/frame.h"
#include "redact/policy.h"
#include "vision/plate.h"

namespace passerby::redact {

// A cell of a painted scene whose luma is within kNotShownWithin of this is not shown.
inline constexpr int kNotShown = 104, kNotShownWithin = 2;

struct Cover {
    image::Mask hidden;    // what must not be seen
    image::Mask unproven;  // the part of it that is only not proven yet; drawn in another tone
};

// One per stream. Not thread-safe.
class Painter {
  public:
    explicit Painter(CoverStyle style) : style_{style} {}

    image::SafeFrame paint(const image::RawFrame&, const Cover&);
    // The whole frame is covered: nothing of it is read but its size and time. Takes memory only for the
    // first of a size.
    image::SafeFrame paint_wholly(const image::RawFrame& raw) { return paint_wholly(raw.size(), raw.when()); }
    image::SafeFrame paint_wholly(image::Size, image::FrameTime);

    // The proven scene in pixels, two by two to each cell of the plate, so that each cell has its own chroma.
    // What is not proven, or is `masked` (on the plate's grid), is grey (kNotShown); what is proven is never
    // of that luma.
    static image::SafeFrame paint_scene(const vision::Plate&, const image::Mask& masked);

  private:
    const CoverStyle style_;
    std::optional<image::SafeFrame> shown_;   // the last picture of which not all is covered
    std::optional<image::SafeFrame> wholly_;  // the last whole cover
};

}  // namespace passerby::redact
