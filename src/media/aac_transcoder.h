// Turns audio packets of any codec into AAC, with libavcodec's decoder and encoder.
#pragma once

#include <deque>
#include <vector>

#include "media/aac_encoder.h"
#include "media/audio_feed.h"

namespace passerby::media {

class AacTranscoder final : public AudioFeed {
  public:
    // `path` is for messages; `codecs` are the decoders that may run, comma separated.
    static Result<std::unique_ptr<AudioFeed>> open(std::unique_ptr<AudioFeed> from, const char* codecs,
                                                   const std::string& path);

    const AVCodecParameters& parameters() const override { return encoder_->parameters(); }
    AVRational time_base() const override { return encoder_->time_base(); }
    Result<PacketPtr> next() override;

  private:
    explicit AacTranscoder(std::unique_ptr<AudioFeed> from) : from_{std::move(from)} {}
    Status start(const char* codecs, const std::string& path);
    Status pull();                      // more samples, or drained_
    void append(const AVFrame& frame);  // to samples_, with silence for what is missing before it
    Status encode();                    // a frame's worth of samples_

    std::unique_ptr<AudioFeed> from_;
    CodecPtr decoder_;
    std::unique_ptr<AacEncoder> encoder_;
    std::vector<std::deque<float>> samples_;  // by channel, not yet encoded
    std::int64_t next_pts_ = AV_NOPTS_VALUE;  // of samples_' first, in samples
    bool decoded_all_ = false, flushed_ = false;
};

}  // namespace passerby::media
