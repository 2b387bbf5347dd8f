#include "media/orientation.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace passerby::media {

namespace {

constexpr int kBlock = 16;  // both planes' lines of a block stay in the first-level cache

void transpose(image::Plane from, Orientation o, image::MutablePlane to) {
    const auto [width, height] = to.size;
    for (int y0 = 0; y0 < height; y0 += kBlock)
        for (int x0 = 0; x0 < width; x0 += kBlock)
            for (int y = y0; y < std::min(y0 + kBlock, height); ++y)
                for (int x = x0; x < std::min(x0 + kBlock, width); ++x)
                    to.row(y)[x] = from.row(o.mirror_x ? width - 1 - x : x)[o.mirror_y ? height - 1 - y : y];
}

void mirror(image::Plane from, Orientation o, image::MutablePlane to) {
    for (int y = 0; y < to.size.height; ++y) {
        const std::uint8_t* in = from.row(o.mirror_y ? to.size.height - 1 - y : y);
        if (o.mirror_x)
            std::reverse_copy(in, in + to.size.width, to.row(y));
        else
            std::memcpy(to.row(y), in, static_cast<std::size_t>(to.size.width));
    }
}

}  // namespace

Orientation Orientation::from_matrix(const std::int32_t* m) {
    if (!m) return {};
    // x' = a x + c y, y' = b x + d y
    const double a = m[0], b = m[1], c = m[3], d = m[4];
    if (std::abs(a) + std::abs(d) >= std::abs(b) + std::abs(c)) return {false, a < 0, d < 0};
    return {true, c < 0, b < 0};
}

void orient(image::Plane from, Orientation o, image::MutablePlane to) {
    (o.transpose ? transpose : mirror)(from, o, to);
}

void orient(image::Picture from, Orientation o, image::MutablePicture to) {
    orient(from.y, o, to.y);
    orient(from.u, o, to.u);
    orient(from.v, o, to.v);
}

}  // namespace passerby::media
