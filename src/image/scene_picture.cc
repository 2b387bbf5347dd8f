#include "image/scene_picture.h"

#include <algorithm>

namespace passerby::image {

bool ScenePicture::is_whole() const {
    const auto in_bounds = [](int side) { return side >= 1 && side <= kLongestSide; };
    if (!in_bounds(of.width) || !in_bounds(of.height)) return false;
    if (cell != 1 && cell != 2 && cell != 4 && cell != 8) return false;
    const auto cells = static_cast<std::size_t>(grid().width) * static_cast<std::size_t>(grid().height);
    return cells <= kMostCells && y.size() == cells && u.size() == cells && v.size() == cells;
}

double ScenePicture::share() const {
    if (y.empty()) return 0;
    const auto outside = std::count(y.begin(), y.end(), std::uint8_t{0});
    return 1 - static_cast<double>(outside) / static_cast<double>(y.size());
}

void ScenePicture::refuse(const Mask& cells) {
    for (int row = 0; row < grid().height; ++row)
        for (int x = 0; x < grid().width; ++x)
            if (cells.at(x, row)) {
                const auto i = static_cast<std::size_t>(row) * static_cast<std::size_t>(grid().width) +
                               static_cast<std::size_t>(x);
                y[i] = 0, u[i] = v[i] = 128;
            }
}

}  // namespace passerby::image
