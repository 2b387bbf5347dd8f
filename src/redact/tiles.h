// Parts of a picture to look at one by one.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "image/plane.h"

namespace passerby::redact {

// Squares that overlap by a fifth or more and fill the picture.
inline std::vector<image::Rect> tiles(image::Size size, int side) {
    const auto along = [side](int length) {
        std::vector<int> at;
        const int n = length <= side ? 1 : static_cast<int>(std::ceil((length - side) / (0.8 * side))) + 1;
        for (int i = 0; i < n; ++i) at.push_back(n == 1 ? 0 : (length - side) * i / (n - 1));
        return at;
    };
    std::vector<image::Rect> out;
    for (const int y : along(size.height))
        for (const int x : along(size.width)) out.push_back(image::clip({x, y, side, side}, size));
    return out;
}

}  // namespace passerby::redact
