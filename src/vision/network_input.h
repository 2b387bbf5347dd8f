// A part of a 4:2:0 picture as a network wants it: scaled with its proportions kept into the top left of the
// network's input, converted to colour channels, normalised. The rest of the input is padding.
#pragma once

#include <array>
#include <span>

#include "image/plane.h"

namespace passerby::vision {

struct Normalisation {
    bool bgr;                      // channel order blue, green, red; otherwise red, green, blue
    std::array<float, 3> mean;     // per channel, in that order; of 0-255
    std::array<float, 3> scale;    // multiplies (value - mean)
    std::array<float, 3> padding;  // what stands beside the picture, normalised: 0 is the mean
};

// The input that a network of free sides takes for `where`: of its proportions, the longer side `longest`,
// both filled up to a multiple.
image::Size input_for(image::Rect where, int longest, int multiple);

// Fills `out` (3 x height x width of `input`). Returns the scale: network pixels per picture pixel. `where`
// must lie in the picture.
float fill_network_input(const image::Picture&, image::Rect where, image::Size input, const Normalisation&,
                         std::span<float> out);

}  // namespace passerby::vision
