// Views of 8-bit sample planes. They own nothing and are as cheap to copy as a pointer.
#pragma once

#include <cstddef>
#include <cstdint>

namespace passerby::image {

struct Size {
    int width = 0, height = 0;
    bool operator==(const Size&) const = default;
    // Of the chroma planes of a 4:2:0 picture.
    Size chroma() const { return {(width + 1) / 2, (height + 1) / 2}; }
};

// Pixels, origin top left, right and bottom exclusive. May reach over the border of the picture it speaks of.
struct Rect {
    int x = 0, y = 0, width = 0, height = 0;
    bool operator==(const Rect&) const = default;
    int right() const { return x + width; }
    int bottom() const { return y + height; }
    bool empty() const { return width <= 0 || height <= 0; }
    int area() const { return empty() ? 0 : width * height; }
};

// The part of `r` inside a picture of `size`.
Rect clip(Rect r, Size size);
Rect intersect(Rect a, Rect b);

template <class Sample>
struct BasicPlane {
    Sample* data = nullptr;
    std::ptrdiff_t stride = 0;  // samples from one row to the next
    Size size;

    Sample* row(int y) const { return data + y * stride; }
    BasicPlane crop(Rect r) const { return {row(r.y) + r.x, stride, {r.width, r.height}}; }
};

using Plane = BasicPlane<const std::uint8_t>;
using MutablePlane = BasicPlane<std::uint8_t>;

// A planar 4:2:0 picture, 8 bits, limited ("video") range: y is full size, u and v are half of it, rounded
// up.
template <class Sample>
struct BasicPicture {
    BasicPlane<Sample> y, u, v;
    Size size() const { return y.size; }
};

using Picture = BasicPicture<const std::uint8_t>;
using MutablePicture = BasicPicture<std::uint8_t>;

}  // namespace passerby::image
