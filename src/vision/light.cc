#include "vision/light.h"

#include <algorithm>
#include <cmath>

namespace passerby::vision {

namespace {

constexpr int kBands = 8, kBandWidth = 256 / kBands;
constexpr int kLeastCells = 60;                     // of a band, for its own median
constexpr int kBendMost = 40;                       // a band may differ by this from the ratio
constexpr int kLeastForRatio = 24;                  // above black; darker cells have no ratio to speak of
constexpr int kRatioSteps = 1024, kRatioOne = 128;  // histogram of ratios, 0 to 8

template <class Histogram>
int median(const Histogram& histogram, int total) {
    int seen = 0;
    for (std::size_t i = 0; i < histogram.size(); ++i) {
        seen += histogram[i];
        if (2 * seen >= total) return static_cast<int>(i);
    }
    return 0;
}

}  // namespace

void LightCurve::reset() {
    gain_ = 1;
    for (std::size_t i = 0; i < expected_.size(); ++i) expected_[i] = static_cast<std::uint8_t>(i);
}

void LightCurve::fit(std::span<const std::uint16_t> before, std::span<const std::uint8_t> now,
                     std::span<const std::uint8_t> use) {
    reset();
    const std::size_t every = sample_every(now.size());
    std::array<int, kRatioSteps> ratios{};
    int bright = 0;
    for (std::size_t i = 0; i < now.size(); i += every) {
        const int luma = (before[i] >> 8) - kBlack;
        if (!use[i] || luma < kLeastForRatio) continue;
        // Rounded: whole numbers that are cut off would pull every frame darker.
        const int ratio = (std::max(0, now[i] - kBlack) * kRatioOne + luma / 2) / luma;
        ++ratios[static_cast<std::size_t>(std::min(ratio, kRatioSteps - 1))];
        ++bright;
    }
    if (bright >= kLeastCells) gain_ = static_cast<float>(median(ratios, bright)) / kRatioOne;
    std::array<int, 256> scaled;
    for (int luma = 0; luma < 256; ++luma)
        scaled[static_cast<std::size_t>(luma)] = std::clamp(
            static_cast<int>(std::lround(kBlack + gain_ * static_cast<float>(luma - kBlack))), 0, 255);

    std::array<std::array<int, 511>, kBands> histogram{};
    std::array<int, kBands> count{};
    for (std::size_t i = 0; i < now.size(); i += every) {
        if (!use[i]) continue;
        const auto luma = static_cast<std::size_t>(before[i] >> 8);
        ++histogram[luma / kBandWidth][static_cast<std::size_t>(now[i] - scaled[luma] + 255)];
        ++count[luma / kBandWidth];
    }
    int total = 0;
    for (const int c : count) total += c;
    if (total < kLeastCells) return reset();
    std::array<int, kBands> bend{};
    for (std::size_t b = 0; b < kBands; ++b)
        if (count[b] >= kLeastCells)
            bend[b] = std::clamp(median(histogram[b], count[b]) - 255, -kBendMost, kBendMost);
    // Straight lines between the middles of the bands.
    for (int luma = 0; luma < 256; ++luma) {
        const int at = std::clamp(luma - kBandWidth / 2, 0, 255 - kBandWidth);
        const auto b = static_cast<std::size_t>(at / kBandWidth);
        const int part = std::clamp(
            std::clamp(luma - kBandWidth / 2, 0, 255) - static_cast<int>(b) * kBandWidth, 0, kBandWidth);
        const int next = bend[std::min<std::size_t>(b + 1, kBands - 1)];
        expected_[static_cast<std::size_t>(luma)] = static_cast<std::uint8_t>(std::clamp(
            scaled[static_cast<std::size_t>(luma)] + bend[b] + (next - bend[b]) * part / kBandWidth, 0, 255));
    }
}

}  // namespace passerby::vision
