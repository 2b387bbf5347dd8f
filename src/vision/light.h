// How the light of a frame differs from another's: one curve for the whole picture, luma there -> luma here.
// It is made of medians over many cells, so that the few that show something new do not bend it: first the
// ratio (an exposure, a dusk), then what each band of luma differs from it (gamma, infrared).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace passerby::vision {

inline constexpr int kBlack = 16;  // luma of black; light multiplies what is above it

// Medians over a grid need no more than a sample of it: each so many cells. Odd, so that it walks through the
// columns of common widths.
constexpr std::size_t sample_every(std::size_t cells) {
    constexpr std::size_t kEnough = 8'000;
    return cells / kEnough | 1;
}

class LightCurve {
  public:
    LightCurve() { reset(); }
    // Fits the curve to the cells where use[i] != 0. Too few cells: no change of light is assumed.
    void fit(std::span<const std::uint16_t> before /* 8.8 */, std::span<const std::uint8_t> now,
             std::span<const std::uint8_t> use);
    // What luma `before` is expected to be in this light, 0-255.
    int expected(int before) const { return expected_[static_cast<std::size_t>(before)]; }
    float gain() const { return gain_; }

  private:
    void reset();
    std::array<std::uint8_t, 256> expected_{};
    float gain_ = 1;
};

}  // namespace passerby::vision
