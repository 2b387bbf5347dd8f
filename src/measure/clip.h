// Measures how much of the people in a video is still seen after it was covered: plays both versions side by
// side and compares pixels. It knows nothing of how the cover was made.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <variant>

#include "base/result.h"
#include "image/mask.h"
#include "measure/box_labels.h"
#include "measure/figures.h"
#include "measure/mask_labels.h"

namespace passerby::measure {

struct Boxes {
    BoxLabels persons, ignored;
    BoxRules rules;
};
using Labels = std::variant<Boxes, MaskLabels>;

// How a frame of the covered video becomes a picture in a report; `hide` is on its grid.
using Paint = std::function<image::SafeFrame(const image::RawFrame&, const image::Mask& hide)>;
using Progress = std::function<void(std::int64_t frame, std::int64_t frames)>;

struct Comparison {
    std::string original, covered;  // videos with the same frames, in the same order; sizes may differ
    Labels labels;
    int showings = 1;         // `covered` shows the original so many times over
    std::int64_t period = 0;  // frames after which the labels begin anew
    std::int64_t from = 1;  // the frame from which on overmask counts: the one at which the scene was proven
    Paint paint;            // none: no pictures
};

// Frames of the video as they are read for measuring, for fit() and Comparison::period. Decodes all of it.
Result<std::int64_t> count_frames(const std::string& video, const std::atomic<bool>& stop, const Progress&);

// Whether the labels are of a clip with so many frames. The error names the file, the line and the mend.
Status fit(const Labels&, std::int64_t frames, const std::string& clip);

// Stops with ErrorKind::cancelled soon after `stop` becomes true.
Result<Findings> measure(const Comparison&, const std::atomic<bool>& stop, const Progress&);

}  // namespace passerby::measure
