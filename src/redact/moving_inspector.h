// Who looks where no background can be proven: a moving camera, a single picture. Here the detectors are all
// there is, so they look at the whole picture and at parts of it, in which small things are larger.
#pragma once

#include <memory>

#include "redact/inspector.h"

namespace passerby::redact {

// live: what a camera's process can keep up with. film: each frame, most parts. still: everything, mirrored
// too.
enum class Effort { live, film, still };

// What it finds is of the kinds that `cover` names, each thing once. `share` as of make_live_inspector.
std::unique_ptr<Inspector> make_moving_inspector(image::Size, Subjects cover, vision::Detectors&, Effort,
                                                 double share = 1);

}  // namespace passerby::redact
