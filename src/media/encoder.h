// SafeFrames to H.264 packets through libx264: High profile, no B-frames, no SEI. Shared by all writers.
#pragma once

#include <deque>
#include <functional>

#include "media/av.h"
#include "media/video_writer.h"

namespace passerby::media {

class H264Encoder {
  public:
    static Result<std::unique_ptr<H264Encoder>> open(const EncodeOptions&);

    // One packet for each frame, in the same order: without B-frames, decoding order is display order. Its
    // timestamps are not set, as each writer counts in its own time base.
    using Sink = std::function<Status(AVPacket&, image::FrameTime)>;
    Status encode(const image::SafeFrame&, const Sink&);
    Status flush(const Sink&);
    // The next frame can be decoded without those before it.
    void begin_anew() { last_keyframe_.reset(); }
    // All frames have come out.
    bool empty() const { return times_.empty(); }

    // With the sequence header (Annex B).
    const AVCodecParameters& parameters() const { return *parameters_; }
    image::Size coded_size() const { return {codec_->width, codec_->height}; }

  private:
    H264Encoder(const EncodeOptions& options) : options_{options} {}
    Status start();
    bool full_range() const { return options_.camera && options_.colour.full_range; }
    Result<FramePtr> wrap(const image::SafeFrame&) const;
    Status drain(const Sink&);

    EncodeOptions options_;
    CodecPtr codec_;
    BsfPtr without_sei_;
    ParametersPtr parameters_;
    std::deque<image::FrameTime> times_;  // of the frames inside the encoder
    std::optional<std::int64_t> last_micros_;
    std::optional<Micros> last_keyframe_;
};

}  // namespace passerby::media
