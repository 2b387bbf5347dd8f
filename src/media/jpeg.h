// A covered picture as a JPEG file, for reports. Like every encoder it takes nothing but SafeFrames (P1).
#pragma once

#include <string>

#include "base/result.h"
#include "image/frame.h"

namespace passerby::media {

// The bytes of a JPEG file without metadata, not wider than `most_width`.
Result<std::string> jpeg_from(const image::SafeFrame&, int most_width);

}  // namespace passerby::media
