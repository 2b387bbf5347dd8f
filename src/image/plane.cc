#include "image/plane.h"

#include <algorithm>

namespace passerby::image {

Rect intersect(Rect a, Rect b) {
    const int x = std::max(a.x, b.x), y = std::max(a.y, b.y);
    return {x, y, std::max(0, std::min(a.right(), b.right()) - x),
            std::max(0, std::min(a.bottom(), b.bottom()) - y)};
}

Rect clip(Rect r, Size size) {
    return intersect(r, {0, 0, size.width, size.height});
}

}  // namespace passerby::image
