// How the light of a frame differs from the plate's: one curve for the whole picture, luma of the plate ->
// difference. It is made of medians over many cells, so that the few that show something new do not bend it.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace passerby::vision {

class LightCurve {
  public:
    // Fits the curve to the cells where use[i] != 0. Too few cells: no change of light is assumed.
    void fit(std::span<const std::uint16_t> plate /* 8.8 */, std::span<const std::uint8_t> frame,
             std::span<const std::uint8_t> use);
    // What the plate's luma is expected to be in this light.
    int expected(int plate_luma) const { return plate_luma + shift_[static_cast<std::size_t>(plate_luma)]; }
    int strongest() const;

  private:
    std::array<int, 256> shift_{};
};

}  // namespace passerby::vision
