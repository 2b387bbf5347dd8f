// The sound of a file, as packets that MP4 can hold: copied, or turned into AAC.
#pragma once

#include "media/av.h"

namespace passerby::media {

class AudioFeed {
  public:
    // The first audio stream; null when the file has none.
    static Result<std::unique_ptr<AudioFeed>> open(const std::string& path);
    virtual ~AudioFeed() = default;

    virtual const AVCodecParameters& parameters() const = 0;
    virtual AVRational time_base() const = 0;  // of the packets
    // The next packet in decoding order, without side data; null at the end. Damaged packets are left out.
    virtual Result<PacketPtr> next() = 0;
};

}  // namespace passerby::media
