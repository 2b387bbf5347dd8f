// Seals what the camera sends, before it leaves the process: packets in, sealed parts over the channel out.
// The reader's thread calls it. No key that opens is ever here, and a part's own key lives as long as its
// sealing.
#pragma once

#include "camera/channel.h"
#include "media/originals.h"

namespace passerby::camera {

class Sealer {
  public:
    // The references outlive it. `start.originals` is set.
    Sealer(const Start& start, Channel& channel, const Clock& clock);

    // For the reader.
    media::Originals* originals() { return &originals_; }
    // The last part.
    void finish() { originals_.finish(); }

  private:
    void seal(media::OriginalPart);

    const Start& start_;
    Channel& channel_;
    bool ended_ = false;
    media::Originals originals_;
};

}  // namespace passerby::camera
