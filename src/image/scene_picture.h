// A fixed scene as it looks when nobody is there: one value of luma and of each chroma per cell, on the grid
// of a Mask. It is what a person approves.
#pragma once

#include <cstdint>
#include <vector>

#include "image/mask.h"

namespace passerby::image {

struct ScenePicture {
    Size of;       // the camera's pictures
    int cell = 1;  // side of a cell in their pixels: 1, 2, 4 or 8
    // Row by row, without padding. A luma of 0 says that the cell is not part of it: not proven, or refused.
    std::vector<std::uint8_t> y, u, v;

    Size grid() const { return {(of.width + cell - 1) / cell, (of.height + cell - 1) / cell}; }
    // Whether sizes are in bounds (at most kMostCells), and each plane is as long as they say.
    bool is_whole() const;
    double share() const;  // of the cells that are part of it, 0-1
    // These cells (of a mask on the same grid) are not part of it any more.
    void refuse(const Mask&);
    bool operator==(const ScenePicture&) const = default;

    static constexpr int kLongestSide = 16384;  // pixels
    static constexpr std::size_t kMostCells = std::size_t{1} << 22;
};

}  // namespace passerby::image
