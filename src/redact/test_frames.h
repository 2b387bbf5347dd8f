// Raw frames for tests: flat, noisy, or with something on them.
#pragma once

#include <random>

#include "image/frame.h"

namespace passerby::redact {

inline image::RawFrame raw_frame(image::PictureBuffer buffer, Micros time) {
    auto owner = std::make_shared<image::PictureBuffer>(std::move(buffer));
    return {owner->view(), owner, {time.count(), time}};
}

inline void fill(image::MutablePlane plane, std::uint8_t value) {
    for (int y = 0; y < plane.size.height; ++y) std::fill_n(plane.row(y), plane.size.width, value);
}

inline image::PictureBuffer flat_picture(image::Size size, std::uint8_t luma) {
    image::PictureBuffer buffer{size};
    auto p = buffer.writable();
    fill(p.y, luma);
    fill(p.u, 128);
    fill(p.v, 128);
    return buffer;
}

inline image::PictureBuffer noisy_picture(image::Size size, std::mt19937& random) {
    image::PictureBuffer buffer{size};
    auto p = buffer.writable();
    for (auto plane : {p.y, p.u, p.v})
        for (int y = 0; y < plane.size.height; ++y)
            for (int x = 0; x < plane.size.width; ++x) plane.row(y)[x] = static_cast<std::uint8_t>(random());
    return buffer;
}

inline bool equal(image::Plane a, image::Plane b) {
    for (int y = 0; y < a.size.height; ++y)
        if (!std::equal(a.row(y), a.row(y) + a.size.width, b.row(y))) return false;
    return a.size == b.size;
}

inline bool equal(const image::Picture& a, const image::Picture& b) {
    return equal(a.y, b.y) && equal(a.u, b.u) && equal(a.v, b.v);
}

}  // namespace passerby::redact
