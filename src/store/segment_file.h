// The inside of a segment file: the init section, then for every fragment an index box and the fragment
// itself.
//
// The index box is an MP4 `free` box, which every player skips. It says what the fragment is and holds a hash
// over both, so a torn or unwritten end is found without the catalogue, and seeking needs no MP4 parser.
// Big-endian:
//
//     offset  bytes
//          0      4  size of the box, 72
//          4      4  "free"
//          8      8  "passerby"
//         16      2  version, 1
//         18      2  flags: 1 keyframe
//         20      4  frames
//         24      8  bytes of the fragment that follows
//         32      8  start, microseconds of media time of the stream
//         40      8  duration, microseconds
//         48      4  covered share, parts per million
//         52      4  frames as the camera sent them
//         56     16  BLAKE2b-128 of bytes 0-55 of the box and of the fragment
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "store/recorder.h"
#include "store/segment.h"

namespace passerby::store {

constexpr std::size_t kIndexBox = 72;

std::array<std::byte, kIndexBox> index_box(const Fragment&);

enum class Verify { boxes, bytes };  // bytes: read every fragment and check its hash

struct ScannedFile {
    std::vector<FragmentSpan> fragments;  // `start` as in the stream
    std::uint64_t end = 0;                // after the last whole fragment; what follows is torn or foreign
};

// Reads fragments from offset `begin` up to `end` of the file. Stops, without an error, at the first thing
// that is not a whole fragment; a read error counts as such.
ScannedFile scan_fragments(int fd, std::uint64_t begin, std::uint64_t end, Verify);

}  // namespace passerby::store
