// A source's frames as the decoder yields them, in display order, and a list of what did not decode.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "media/camera_packets.h"
#include "media/input.h"

namespace passerby::media {

class Decoder {
  public:
    // `watch` must outlive the decoder.
    static Result<std::unique_ptr<Decoder>> open(const Source&, const ReadOptions&, Watch& watch,
                                                 const Clock&);

    // `heard` is given each packet of Input::sound, as it comes between the pictures.
    void hear(std::function<void(const AVPacket&)> heard) { heard_ = std::move(heard); }

    // Null at the end of a file. Never null for a camera.
    Result<FramePtr> next();
    // A file from its begin. The gaps stay.
    Status rewind();
    // Frames since the begin, or the last rewind().
    std::int64_t frames_in_pass() const { return decoded_ - decoded_before_rewind_; }

    const Input& input() const { return input_; }
    // Of the frames' timestamps.
    Rational time_base() const {
        return stamps_arrival_ ? from_av(kMicrosecond) : from_av(input_.stream->time_base);
    }
    // Of a frame, in time_base(); at least 1.
    std::int64_t nominal_duration(const AVFrame&) const;
    const std::vector<DecodeGap>& gaps() const { return gaps_; }
    // ReadOptions::keep_packets: what decoded to this frame, if that is certain. Once a frame, in their
    // order.
    std::shared_ptr<const CameraPicture> sent_as(const AVFrame&);
    // Null if they are not wanted.
    const CameraPackets* packets() const { return kept_ ? &*kept_ : nullptr; }

  private:
    Decoder(Source source, ReadOptions options, Watch& watch, const Clock& clock)
        : source_{std::move(source)}, options_{std::move(options)}, watch_{watch}, clock_{clock} {}
    Status start();
    Status feed();
    Result<PacketPtr> next_packet();  // null at the end
    Status check_pictures_come() const;
    void note_missing_end();
    void note_gap(std::int64_t after_frame, std::string cause);
    void keep(const AVPacket&);
    // Frames that the packets up to now make, though the decoder may still hold some back.
    std::int64_t demuxed() const { return decoded_before_rewind_ + packets_; }

    const Source source_;
    const ReadOptions options_;
    Watch& watch_;
    const Clock& clock_;
    Input input_;
    CodecPtr codec_;
    std::function<void(const AVPacket&)> heard_;
    bool stamps_arrival_ =
        false;  // a camera's JPEGs come without times: they are of the moment of their arrival
    bool is_matroska_ = false, is_mp4_ = false;
    std::vector<DecodeGap> gaps_;
    bool fell_silent_ = false;  // the last read ended for want of data
    bool in_gap_ = false;
    int bad_reads_ = 0;  // in a row
    Micros last_picture_{};
    Micros last_packet_{};  // of the video
    std::int64_t decoded_ = 0, decoded_before_rewind_ = 0;
    std::int64_t packets_ = 0;  // since the begin or the last rewind()
    std::optional<CameraPackets> kept_;
    // Those that may still come out as frames, by their number since the begin.
    std::deque<std::pair<std::int64_t, std::shared_ptr<const CameraPicture>>> inside_;
    std::int64_t sent_ = 0;
};

}  // namespace passerby::media
