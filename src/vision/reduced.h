// A picture at the scale at which scenes are reasoned about: one value of luma and of each chroma per square
// cell, the mean of its pixels. The grid is that of image::Mask with the same cell.
#pragma once

#include <vector>

#include "image/plane.h"

namespace passerby::vision {

struct Reduced {
    image::Size grid;
    std::vector<std::uint8_t> y, u, v;  // grid.width * grid.height each
};

// Side of a cell in pixels (1, 2, 4 or 8) so that the grid is a few hundred cells wide.
int cell_for(image::Size picture);

void reduce(const image::Picture&, int cell, Reduced& out);

}  // namespace passerby::vision
