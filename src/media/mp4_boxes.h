// The little of MP4's box structure (ISO/IEC 14496-12) that libav does not tell.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace passerby::media {

// It begins as an MP4 file and has no moov box: whoever wrote it did not finish.
bool mp4_lacks_index(const std::filesystem::path&);

// Counts the movie's time in 1/`timescale` s instead of libav's fixed 1/1000 s, and lets the first track
// begin at exactly `start`/`timescale`. libav rounds that begin down to a millisecond. The moov box must
// stand before mdat. Leaves the file as it is when the durations do not fit.
Status set_movie_timescale(const std::filesystem::path&, std::uint32_t timescale, std::uint32_t start);

}  // namespace passerby::media
