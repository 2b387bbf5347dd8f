// Which of a camera's H.264 packets can stand for the pictures that they decode to: those of an unbroken
// group that began with an IDR picture, without B slices, fields, or anything else that a browser might
// decode otherwise than libavcodec. In doubt, none.
//
// What is kept of a packet is its slices; SEI, delimiters, filler and all else is dropped. Not thread-safe.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "image/frame.h"
#include "media/av.h"
#include "media/h264_sets.h"

namespace passerby::media {

// A packet that may stand for its picture.
class CameraPicture final : public image::CodedPicture {
  public:
    std::shared_ptr<const ParameterSets> sets;  // of the whole group
    std::uint64_t group = 0;                    // counts the IDR pictures
    std::uint32_t index = 0;                    // from the IDR picture on, in decoding order: 0, 1, …
    std::vector<std::uint8_t> slices;           // annex B
};

class CameraPackets {
  public:
    explicit CameraPackets(const AVCodecParameters&);

    // The next packet of the stream; null if it cannot stand for its picture.
    std::shared_ptr<const CameraPicture> take(const AVPacket&);
    // Something is missing, or the stream begins anew: nothing more until the next IDR picture.
    void break_off() { group_open_ = false; }
    // Why none of this stream's packets will do, in words; empty: they do.
    const std::string& unfit() const { return unfit_; }
    // Of the last group; null: there was none.
    const std::shared_ptr<const ParameterSets>& sets() const { return sets_; }

  private:
    using Unit = std::span<const std::uint8_t>;
    struct Slice {
        bool idr = false, reference = false;
        std::uint32_t first = 0;  // macroblock
        int picture_set = 0;
        std::uint32_t frame_num = 0;
    };
    PacketPtr as_byte_stream(const AVPacket&);
    void learn(Unit);
    bool begin_group(int picture_set);
    std::optional<Slice> read(Unit);
    bool goes_on_with(const std::vector<Unit>& slices);
    void give_up(std::string why) { unfit_ = std::move(why); }

    std::string unfit_;
    BsfPtr byte_stream_;
    std::map<int, SequenceSet> sequence_sets_;
    std::map<int, PictureSet> picture_sets_;
    std::shared_ptr<const ParameterSets> sets_;
    bool group_open_ = false;
    std::uint64_t group_ = 0;
    std::uint32_t index_ = 0;
    std::uint32_t last_reference_ = 0;  // frame_num
};

}  // namespace passerby::media
