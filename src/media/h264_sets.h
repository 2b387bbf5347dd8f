// The parameter sets of a camera's H.264 stream (ITU-T H.264, 7.3.2.1 and 7.3.2.2): read into numbers that
// are within bounds, and written anew from them. No byte of the camera's own sets is passed on.
//
// Only what any browser decodes is taken: Baseline, Main or High, 8-bit 4:2:0, whole frames, no slice groups,
// no redundant pictures, no scaling matrices.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "image/plane.h"
#include "media/video_reader.h"

namespace passerby::media {

struct SequenceSet {
    int id = 0;
    int profile = 0, constraints = 0, level = 0;  // profile_idc, constraint_set0_flag…, level_idc
    int frame_num_bits = 4;
    int order_type = 0;      // pic_order_cnt_type
    int order_bits = 4;      // type 0
    bool no_deltas = false;  // type 1, and what follows
    std::int32_t offset_for_unreferenced = 0, offset_for_bottom = 0;
    std::vector<std::int32_t> offsets;
    int references = 0;  // max_num_ref_frames
    bool gaps_allowed = false;
    int columns = 0, rows = 0;  // macroblocks
    bool direct_8x8 = false;
    int left = 0, right = 0, top = 0, bottom = 0;  // cropped, in pixels

    image::Size size() const { return {columns * 16 - left - right, rows * 16 - top - bottom}; }
    bool operator==(const SequenceSet&) const = default;
};

struct PictureSet {
    int id = 0, sequence = 0;
    bool cabac = false, order_in_slices = false;
    int references[2] = {1, 1};
    bool weighted = false;
    int weighted_b = 0;
    int qp = 26, qs = 26;
    int chroma_offset = 0;
    bool deblocking_control = false, constrained_intra = false;
    bool extended = false, transform_8x8 = false;  // `extended`: the rest is there
    int second_chroma_offset = 0;
    bool operator==(const PictureSet&) const = default;
};

struct ParameterSets {
    SequenceSet sequence;
    PictureSet picture;
    bool operator==(const ParameterSets&) const = default;
};

// Of a NAL unit with its header byte. invalid: what is not taken, and why.
Result<SequenceSet> read_sequence_set(std::span<const std::uint8_t> nal);
Result<PictureSet> read_picture_set(std::span<const std::uint8_t> nal);

// How the pictures are to be shown: the same for all that is in one recording, whatever the camera says.
struct Showing {
    Rational sample_aspect{1, 1};
    Colour colour;
};
std::vector<std::uint8_t> write(const SequenceSet&, const Showing&);
std::vector<std::uint8_t> write(const PictureSet&);

// The least level_idc at which a decoder has room for the set's references, and not less than its own.
int sufficient_level(const SequenceSet&);

}  // namespace passerby::media
