// What did not change is not drawn anew: a block that differs by noise alone from what was shown there last
// is shown as it was. An encoder skips such blocks, and most of a fixed camera's picture are such.
//
// The comparison is with what was shown, not with the frame before: however slowly something changes, what is
// shown is never further from the picture than the bounds below. Only pictures that may be shown come in, so
// nothing depends on what a cover hides.
#pragma once

#include "image/plane.h"

namespace passerby::redact {

// Side of a block in pixels of luma: a macroblock of H.264, aligned alike.
inline constexpr int kBlock = 16;
// Of 255, in each plane of a block: no pixel differs by more, on average they differ by no more, and no more
// together (a shadow makes all of them a little darker).
inline constexpr int kMostApart = 16;
inline constexpr double kMostNoise = 2.5, kMostShift = 1.5;

// Replaces each such block of `now` by that of `shown`, which has its size.
void keep_still_blocks(const image::Picture& shown, image::MutablePicture now);

}  // namespace passerby::redact
