// PNG files that are not footage: labels in grey, and pictures that passerby made and somebody painted over.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "image/frame.h"

namespace passerby::media {

struct GreyPicture {
    image::Size size;
    std::vector<std::uint8_t> samples;  // row by row, without padding

    image::Plane plane() const { return {samples.data(), size.width, size}; }
};

// Grey of 8 bits as it is stored. Other depths are scaled to 8 bits, colours become luma (ITU-R BT.601), and
// transparency is ignored.
Result<GreyPicture> read_png(const std::filesystem::path&);

// The colours of a PNG of 8-bit RGB without transparency, in the matrix that encode_picture() gave them if it
// was told the one of a film of that height (BT.709 from 720 rows on, otherwise BT.601). corrupt: it is no
// PNG, or damaged. invalid: other pixels.
Result<image::RawFrame> decode_png(std::string_view bytes);

}  // namespace passerby::media
