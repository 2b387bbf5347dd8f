// Tells the server what the proven scene looks like, whenever that is news. Used by the engine's thread only.
#pragma once

#include <optional>
#include <vector>

#include "camera/channel.h"
#include "redact/engine.h"

namespace passerby::camera {

class SceneNews {
  public:
    // To make and to send a picture takes some 50 ms.
    static constexpr Micros kEvery = std::chrono::seconds{3};

    // Both outlive it.
    SceneNews(Channel& channel, const Clock& clock) : channel_{channel}, clock_{clock} {}

    // Once a frame.
    void tell(const redact::Engine&);

  private:
    bool is_news(const image::SafeFrame& scene) const;

    Channel& channel_;
    const Clock& clock_;
    std::optional<Micros> looked_;
    std::optional<image::SafeFrame> told_;
};

}  // namespace passerby::camera
