// HLS playlist (RFC 8216, version 7) of recorded segments, for hls.js and for Safari.
#pragma once

#include <string>
#include <vector>

#include "store/segment.h"

namespace passerby::server {

// Video on demand. Each segment brings its own init section by byte range and is a discontinuity of its own,
// since media times start anew with each stream. Segments without a whole fragment are left out. Without any
// segment the playlist is valid and empty.
std::string hls_playlist(const std::vector<store::Segment>&);

}  // namespace passerby::server
