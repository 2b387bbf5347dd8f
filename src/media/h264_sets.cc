#include "media/h264_sets.h"

#include <algorithm>
#include <array>
#include <limits>

#include "media/h264_bits.h"

namespace passerby::media {

namespace {

constexpr int kBaseline = 66, kMain = 77, kHigh = 100;
constexpr std::uint8_t kSequenceHeader = 0x67, kPictureHeader = 0x68;  // nal_ref_idc 3, types 7 and 8
constexpr std::size_t kLongestSet = 512;
constexpr int kExtendedAspect = 255;  // table E-1

struct Level {
    int level, frame_macroblocks, buffer_macroblocks;  // table A-1: MaxFS, MaxDpbMbs
};
constexpr std::array<Level, 19> kLevels{{{10, 99, 396},
                                         {11, 396, 900},
                                         {12, 396, 2376},
                                         {13, 396, 2376},
                                         {20, 396, 2376},
                                         {21, 792, 4752},
                                         {22, 1620, 8100},
                                         {30, 1620, 8100},
                                         {31, 3600, 18000},
                                         {32, 5120, 20480},
                                         {40, 8192, 32768},
                                         {41, 8192, 32768},
                                         {42, 8704, 34816},
                                         {50, 22080, 110400},
                                         {51, 36864, 184320},
                                         {52, 36864, 184320},
                                         {60, 139264, 696320},
                                         {61, 139264, 696320},
                                         {62, 139264, 696320}}};

tl::unexpected<Error> refuse(std::string_view why) {
    return fail(ErrorKind::invalid, "{}", why);
}

bool within(std::uint32_t value, std::uint32_t most) {
    return value <= most;
}
bool within(std::int32_t value, std::int32_t least, std::int32_t most) {
    return value >= least && value <= most;
}

Status read_order(BitReader& in, SequenceSet& set) {
    const auto type = in.ue();
    if (!within(type, 2)) return refuse("an unknown order of pictures");
    set.order_type = static_cast<int>(type);
    if (type == 0) {
        const auto bits = in.ue();
        if (!within(bits, 12)) return refuse("an order of pictures out of bounds");
        set.order_bits = static_cast<int>(bits) + 4;
    }
    if (type == 1) {
        set.no_deltas = in.flag();
        set.offset_for_unreferenced = in.se();
        set.offset_for_bottom = in.se();
        const auto count = in.ue();
        if (!within(count, 255)) return refuse("an order of pictures out of bounds");
        for (std::uint32_t i = 0; i < count && in.ok(); ++i) set.offsets.push_back(in.se());
    }
    return {};
}

Status read_crop(BitReader& in, SequenceSet& set) {
    if (!in.flag()) return {};
    for (int* side : {&set.left, &set.right, &set.top, &set.bottom}) {
        const auto units = in.ue();
        if (!within(units, 8192)) return refuse("a picture that is cropped to nothing");
        *side = static_cast<int>(units) * 2;  // whole frames of 4:2:0
    }
    if (set.size().width <= 0 || set.size().height <= 0)
        return refuse("a picture that is cropped to nothing");
    return {};
}

}  // namespace

Result<SequenceSet> read_sequence_set(std::span<const std::uint8_t> nal) {
    if (nal.size() < 5 || nal.size() > kLongestSet) return refuse("a sequence parameter set out of bounds");
    const auto payload = unescaped(nal, kLongestSet);
    BitReader in{payload};
    SequenceSet set;
    set.profile = static_cast<int>(in.bits(8));
    set.constraints = static_cast<int>(in.bits(8)) & 0xFC;  // the last two bits are reserved
    set.level = static_cast<int>(in.bits(8));
    if (set.profile != kBaseline && set.profile != kMain && set.profile != kHigh)
        return refuse("neither Baseline nor Main nor High profile");
    if (std::none_of(kLevels.begin(), kLevels.end(), [&](const Level& l) { return l.level == set.level; }))
        return refuse("an unknown level");
    const auto id = in.ue();
    if (!within(id, 31)) return refuse("a sequence parameter set out of bounds");
    set.id = static_cast<int>(id);
    if (set.profile == kHigh) {
        if (in.ue() != 1) return refuse("colours that are not 4:2:0");
        if (in.ue() != 0 || in.ue() != 0) return refuse("more than 8 bits");
        if (in.flag()) return refuse("lossless macroblocks");
        if (in.flag()) return refuse("scaling matrices");
    }
    const auto frame_num = in.ue();
    if (!within(frame_num, 12)) return refuse("frame numbers out of bounds");
    set.frame_num_bits = static_cast<int>(frame_num) + 4;
    TRY_STATUS(read_order(in, set));
    const auto references = in.ue();
    set.gaps_allowed = in.flag();
    const auto columns = in.ue(), rows = in.ue();
    if (!within(references, 16) || !within(columns, 1023) || !within(rows, 1023))
        return refuse("a picture size or number of references out of bounds");
    set.references = static_cast<int>(references);
    set.columns = static_cast<int>(columns) + 1;
    set.rows = static_cast<int>(rows) + 1;
    if (!in.flag()) return refuse("fields in place of frames");
    set.direct_8x8 = in.flag();
    TRY_STATUS(read_crop(in, set));
    static_cast<void>(in.flag());  // what follows says how to show it: Showing does that
    if (!in.ok()) return refuse("a sequence parameter set that is cut off");
    if (sufficient_level(set) == 0) return refuse("more references than any level allows");
    return set;
}

Result<PictureSet> read_picture_set(std::span<const std::uint8_t> nal) {
    if (nal.size() < 2 || nal.size() > kLongestSet) return refuse("a picture parameter set out of bounds");
    const auto payload = unescaped(nal, kLongestSet);
    BitReader in{payload};
    PictureSet set;
    const auto id = in.ue(), sequence = in.ue();
    if (!within(id, 255) || !within(sequence, 31)) return refuse("a picture parameter set out of bounds");
    set.id = static_cast<int>(id);
    set.sequence = static_cast<int>(sequence);
    set.cabac = in.flag();
    set.order_in_slices = in.flag();
    if (in.ue() != 0) return refuse("slice groups");
    for (int& count : set.references) {
        const auto less_one = in.ue();
        if (!within(less_one, 31)) return refuse("a picture parameter set out of bounds");
        count = static_cast<int>(less_one) + 1;
    }
    set.weighted = in.flag();
    set.weighted_b = static_cast<int>(in.bits(2));
    const auto qp = in.se(), qs = in.se(), chroma = in.se();
    if (set.weighted_b > 2 || !within(qp, -26, 25) || !within(qs, -26, 25) || !within(chroma, -12, 12))
        return refuse("a picture parameter set out of bounds");
    set.qp = 26 + qp;
    set.qs = 26 + qs;
    set.chroma_offset = chroma;
    set.deblocking_control = in.flag();
    set.constrained_intra = in.flag();
    if (in.flag()) return refuse("redundant pictures");
    if (in.more()) {
        set.extended = true;
        set.transform_8x8 = in.flag();
        if (in.flag()) return refuse("scaling matrices");
        set.second_chroma_offset = in.se();
        if (!within(set.second_chroma_offset, -12, 12))
            return refuse("a picture parameter set out of bounds");
    }
    if (!in.ok() || in.more()) return refuse("a picture parameter set that is cut off or too long");
    return set;
}

std::vector<std::uint8_t> write(const SequenceSet& set, const Showing& showing) {
    BitWriter out;
    out.bits(static_cast<std::uint32_t>(set.profile), 8);
    out.bits(static_cast<std::uint32_t>(set.constraints), 8);
    out.bits(static_cast<std::uint32_t>(sufficient_level(set)), 8);
    const auto ue = [&](int value) { out.ue(static_cast<std::uint32_t>(value)); };
    ue(set.id);
    if (set.profile == kHigh) {
        ue(1);
        ue(0);
        ue(0);
        out.bits(0, 2);
    }
    ue(set.frame_num_bits - 4);
    ue(set.order_type);
    if (set.order_type == 0) ue(set.order_bits - 4);
    if (set.order_type == 1) {
        out.flag(set.no_deltas);
        out.se(set.offset_for_unreferenced);
        out.se(set.offset_for_bottom);
        ue(static_cast<int>(set.offsets.size()));
        for (const auto offset : set.offsets) out.se(offset);
    }
    ue(set.references);
    out.flag(set.gaps_allowed);
    ue(set.columns - 1);
    ue(set.rows - 1);
    out.flag(true);  // frame_mbs_only_flag
    out.flag(set.direct_8x8);
    const bool cropped = set.left || set.right || set.top || set.bottom;
    out.flag(cropped);
    if (cropped)
        for (const int side : {set.left, set.right, set.top, set.bottom}) ue(side / 2);
    // Annex E: what is shown how, and that no picture has to wait for another.
    out.flag(true);
    const auto [num, den] = showing.sample_aspect;
    const bool aspect = within(num, 1, 0xFFFF) && within(den, 1, 0xFFFF);
    out.flag(aspect);
    if (aspect) {
        out.bits(kExtendedAspect, 8);
        out.bits(static_cast<std::uint32_t>(num), 16);
        out.bits(static_cast<std::uint32_t>(den), 16);
    }
    out.flag(false);  // overscan
    out.flag(true);
    out.bits(5, 3);  // of no kind of video in particular
    out.flag(showing.colour.full_range);
    out.flag(true);
    for (const int what : {showing.colour.primaries, showing.colour.transfer, showing.colour.matrix})
        out.bits(static_cast<std::uint32_t>(std::clamp(what, 0, 255)), 8);
    out.flag(false);  // place of the chroma samples
    out.flag(false);  // times
    out.bits(0, 2);   // buffering
    out.flag(false);  // structure of pictures
    out.flag(true);   // restrictions
    out.flag(true);   // motion over the borders
    for (const int unlimited : {0, 0}) ue(unlimited);
    for (const int longest : {16, 16}) ue(longest);
    ue(0);  // pictures that are shown after ones that follow them
    ue(set.references);
    return out.nal_unit(kSequenceHeader);
}

std::vector<std::uint8_t> write(const PictureSet& set) {
    BitWriter out;
    const auto ue = [&](int value) { out.ue(static_cast<std::uint32_t>(value)); };
    ue(set.id);
    ue(set.sequence);
    out.flag(set.cabac);
    out.flag(set.order_in_slices);
    ue(0);
    for (const int count : set.references) ue(count - 1);
    out.flag(set.weighted);
    out.bits(static_cast<std::uint32_t>(set.weighted_b), 2);
    out.se(set.qp - 26);
    out.se(set.qs - 26);
    out.se(set.chroma_offset);
    out.flag(set.deblocking_control);
    out.flag(set.constrained_intra);
    out.flag(false);
    if (set.extended) {
        out.flag(set.transform_8x8);
        out.flag(false);
        out.se(set.second_chroma_offset);
    }
    return out.nal_unit(kPictureHeader);
}

int sufficient_level(const SequenceSet& set) {
    const int macroblocks = set.columns * set.rows;
    for (const auto& l : kLevels)
        if (l.level >= set.level && macroblocks <= l.frame_macroblocks &&
            macroblocks * std::max(1, set.references) <= l.buffer_macroblocks)
            return l.level;
    return 0;
}

}  // namespace passerby::media
