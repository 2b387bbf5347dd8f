// PNG files as grey pictures: labels, one value a pixel.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/result.h"
#include "image/plane.h"

namespace passerby::media {

struct GreyPicture {
    image::Size size;
    std::vector<std::uint8_t> samples;  // row by row, without padding

    image::Plane plane() const { return {samples.data(), size.width, size}; }
};

// Grey of 8 bits as it is stored. Other depths are scaled to 8 bits, colours become luma (ITU-R BT.601), and
// transparency is ignored.
Result<GreyPicture> read_png(const std::filesystem::path&);

}  // namespace passerby::media
