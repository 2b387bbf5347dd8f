// One covered picture as a JPEG or PNG file: its pixels and nothing else. No metadata, no colour profile, no
// thumbnail: those would show what was covered.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "image/frame.h"
#include "media/video_reader.h"

namespace passerby::media {

enum class PictureFormat { jpeg, png };

// By the end of its name (.jpg, .jpeg, .png), in any case; nothing for other files.
std::optional<PictureFormat> picture_format_of(std::string_view path);

// The bytes of the file. `colour`: how the frame's colours are to be understood.
Result<std::string> encode_picture(const image::SafeFrame&, PictureFormat, const Colour& colour);

}  // namespace passerby::media
