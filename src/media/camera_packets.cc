#include "media/camera_packets.h"

#include "media/h264_bits.h"

namespace passerby::media {

namespace {

// nal_unit_type, table 7-1. 2 to 4 are slices that are split up.
enum Type { kSlice = 1, kFirstPart = 2, kLastPart = 4, kIdrSlice = 5, kSequenceSet = 7, kPictureSet = 8 };
// slice_type modulo 5, table 7-6
constexpr std::uint32_t kP = 0, kB = 1, kI = 2;
// More than any slice header's first five fields take.
constexpr std::size_t kSliceHead = 32;

int type_of(std::span<const std::uint8_t> unit) {
    return unit[0] & 31;
}

}  // namespace

CameraPackets::CameraPackets(const AVCodecParameters& parameters) {
    if (parameters.codec_id != AV_CODEC_ID_H264) {
        give_up(fmt::format("it sends {}, not H.264", avcodec_get_name(parameters.codec_id)));
        return;
    }
    AVBSFContext* filter = nullptr;
    int made = av_bsf_list_parse_str("h264_mp4toannexb", &filter);
    byte_stream_.reset(filter);
    if (made >= 0) made = avcodec_parameters_copy(filter->par_in, &parameters);
    if (made >= 0) made = av_bsf_init(filter);
    if (made < 0) {
        give_up("its packets cannot be read: " + av_message(made));
        return;
    }
    const auto* out = filter->par_out;
    for (const auto unit : nal_units({out->extradata, static_cast<std::size_t>(out->extradata_size)}))
        learn(unit);
}

PacketPtr CameraPackets::as_byte_stream(const AVPacket& packet) {
    PacketPtr copy{av_packet_clone(&packet)};
    if (!copy) throw std::bad_alloc{};
    int filtered = av_bsf_send_packet(byte_stream_.get(), copy.get());
    if (filtered >= 0) filtered = av_bsf_receive_packet(byte_stream_.get(), copy.get());
    if (filtered >= 0) return copy;
    av_bsf_flush(byte_stream_.get());
    return nullptr;
}

std::shared_ptr<const CameraPicture> CameraPackets::take(const AVPacket& packet) {
    if (!unfit_.empty()) return nullptr;
    const auto stream = packet.flags & AV_PKT_FLAG_CORRUPT ? nullptr : as_byte_stream(packet);
    if (!stream) {
        break_off();
        return nullptr;
    }
    std::vector<Unit> slices;
    for (const auto unit : nal_units({stream->data, static_cast<std::size_t>(stream->size)})) {
        const int type = type_of(unit);
        if (type == kSequenceSet || type == kPictureSet) learn(unit);
        if (type >= kFirstPart && type <= kLastPart) give_up("its slices are split up");
        if (type == kSlice || type == kIdrSlice) slices.push_back(unit);
    }
    if (!goes_on_with(slices)) {
        break_off();
        return nullptr;
    }
    auto picture = std::make_shared<CameraPicture>();
    picture->sets = sets_;
    picture->group = group_;
    picture->index = index_++;
    for (const auto slice : slices) {
        picture->slices.insert(picture->slices.end(), {0, 0, 0, 1});
        picture->slices.insert(picture->slices.end(), slice.begin(), slice.end());
    }
    return picture;
}

// A set that is another one than before holds from its place in the stream on, also in the midst of a group.
void CameraPackets::learn(Unit unit) {
    const auto keep = [this](const auto& set, auto& known) {
        if (!set) return give_up("it sends " + set.error().message);
        auto& known_set = known[set->id];
        if (known_set == *set) return;
        known_set = *set;
        break_off();
    };
    if (type_of(unit) == kSequenceSet) keep(read_sequence_set(unit), sequence_sets_);
    if (type_of(unit) == kPictureSet) keep(read_picture_set(unit), picture_sets_);
}

bool CameraPackets::begin_group(int picture_set) {
    const auto picture = picture_sets_.find(picture_set);
    if (picture == picture_sets_.end()) return false;
    const auto sequence = sequence_sets_.find(picture->second.sequence);
    if (sequence == sequence_sets_.end()) return false;
    const ParameterSets sets{sequence->second, picture->second};
    if (!sets_ || *sets_ != sets) sets_ = std::make_shared<const ParameterSets>(sets);
    group_open_ = true;
    ++group_;
    index_ = 0;
    last_reference_ = 0;
    return true;
}

// 7.3.3: what it begins with.
std::optional<CameraPackets::Slice> CameraPackets::read(Unit unit) {
    const auto head = unescaped(unit, kSliceHead);
    BitReader in{head};
    Slice slice;
    slice.idr = type_of(unit) == kIdrSlice;
    slice.reference = (unit[0] >> 5 & 3) != 0;
    slice.first = in.ue();
    const auto type = in.ue() % 5;
    slice.picture_set = static_cast<int>(in.ue());
    if (!in.ok() || (unit[0] & 0x80)) return std::nullopt;
    if (type == kB) give_up("it sends B slices");
    if (type != kP && type != kI) return std::nullopt;
    if (slice.idr && slice.first == 0 && !begin_group(slice.picture_set)) return std::nullopt;
    if (!group_open_) return std::nullopt;
    slice.frame_num = in.bits(sets_->sequence.frame_num_bits);
    return in.ok() ? std::optional{slice} : std::nullopt;
}

// All slices are there, as far as can be seen, and are of the next picture of this group or the first of
// another.
bool CameraPackets::goes_on_with(const std::vector<Unit>& slices) {
    std::optional<Slice> last;
    for (const auto unit : slices) {
        const auto slice = read(unit);
        if (!slice || !unfit_.empty()) return false;
        if (slice->picture_set != sets_->picture.id) return false;
        if (!last && slice->first != 0) return false;
        if (last && (slice->first <= last->first || slice->idr != last->idr ||
                     slice->reference != last->reference || slice->frame_num != last->frame_num))
            return false;
        last = slice;
    }
    if (!last || !unfit_.empty()) return false;
    const auto modulus = std::uint32_t{1} << sets_->sequence.frame_num_bits;
    const auto expected = last->idr ? 0 : (last_reference_ + 1) % modulus;
    if (last->frame_num != expected || (last->idr && !last->reference)) return false;
    if (last->reference) last_reference_ = last->frame_num;
    return true;
}

}  // namespace passerby::media
