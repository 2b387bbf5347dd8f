// Samples to AAC packets, with libavcodec's encoder.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "media/av.h"

namespace passerby::media {

class AacEncoder {
  public:
    // invalid: AAC does not know such a rate or so many channels.
    static Result<std::unique_ptr<AacEncoder>> open(int rate, int channels);

    const AVCodecParameters& parameters() const { return *parameters_; }
    AVRational time_base() const { return {1, codec_->sample_rate}; }  // of the packets
    int rate() const { return codec_->sample_rate; }
    int frame_samples() const { return codec_->frame_size; }

    // `count` samples, at most frame_samples() and less only at the end, the first with number `at`. `fill`
    // writes them where each channel's pointer leads.
    Status give(std::int64_t at, int count, const std::function<void(std::span<float* const>)>& fill);
    // Nothing follows.
    Status finish();
    // The next packet, without side data; null: it wants more, or all was taken. The first one is of time
    // before the first sample.
    Result<PacketPtr> take();

  private:
    AacEncoder() = default;
    CodecPtr codec_;
    ParametersPtr parameters_;
};

}  // namespace passerby::media
