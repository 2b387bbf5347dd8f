// What changes from one frame to the next without anybody doing anything: the light as a whole, and the
// noise.
#pragma once

#include "vision/light.h"
#include "vision/reduced.h"

namespace passerby::vision {

class FrameChange {
  public:
    // Takes the next frame.
    void take(const Reduced&);
    // From the frame before to this one.
    const LightCurve& light() const { return light_; }
    bool light_changed() const { return light_changed_; }
    // Standard deviation of a cell's luma, as it was lately.
    float noise() const { return noise_; }

  private:
    // A sample of the cells.
    std::vector<std::uint16_t> before_;  // 8.8
    std::vector<std::uint8_t> now_, all_;
    LightCurve light_;
    bool light_changed_ = false;
    float noise_ = 1;
};

}  // namespace passerby::vision
