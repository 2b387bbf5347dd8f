// A part of a 4:2:0 picture as a network wants it: scaled with its proportions kept into the top left of a
// square, converted to colour channels, normalised. The rest of the square is 0, the mean after
// normalisation.
#pragma once

#include <array>
#include <span>

#include "image/plane.h"

namespace passerby::vision {

struct Normalisation {
    bool bgr;                    // channel order blue, green, red; otherwise red, green, blue
    std::array<float, 3> mean;   // per channel, in that order; of 0-255
    std::array<float, 3> scale;  // multiplies (value - mean)
};

// Fills `out` (3 x side x side). Returns the scale: network pixels per picture pixel. `where` must lie in the
// picture.
float fill_network_input(const image::Picture&, image::Rect where, int side, const Normalisation&,
                         std::span<float> out);

}  // namespace passerby::vision
