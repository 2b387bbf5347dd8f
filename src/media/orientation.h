// Rotation and mirroring of pictures, as files of phones and upside-down cameras ask for.
#pragma once

#include <cstdint>

#include "image/plane.h"

namespace passerby::media {

// First the axes are exchanged, then the result is mirrored.
struct Orientation {
    bool transpose = false, mirror_x = false, mirror_y = false;

    bool upright() const { return !transpose && !mirror_x && !mirror_y; }
    image::Size apply(image::Size s) const { return transpose ? image::Size{s.height, s.width} : s; }

    // Of a display matrix (nine 16.16 numbers, ISO/IEC 14496-12 "tkhd"): the nearest quarter turn. Null:
    // upright.
    static Orientation from_matrix(const std::int32_t* matrix);
};

// `to` has the size that apply() gives.
void orient(image::Plane from, Orientation, image::MutablePlane to);
void orient(image::Picture from, Orientation, image::MutablePicture to);

}  // namespace passerby::media
