#include "vision/light.h"

#include <algorithm>
#include <cstdlib>

namespace passerby::vision {

namespace {
constexpr int kBands = 8, kBandWidth = 256 / kBands;
constexpr int kLeastCells = 60;  // of a band, for its own median
constexpr int kBendMost = 24;    // a band may differ by this from the whole picture's median

int median(const std::array<int, 511>& histogram, int total) {
    int seen = 0;
    for (int d = -255; d <= 255; ++d) {
        seen += histogram[static_cast<std::size_t>(d + 255)];
        if (2 * seen >= total) return d;
    }
    return 0;
}
}  // namespace

void LightCurve::fit(std::span<const std::uint16_t> plate, std::span<const std::uint8_t> frame,
                     std::span<const std::uint8_t> use) {
    std::array<std::array<int, 511>, kBands> histogram{};
    std::array<int, 511> all{};
    std::array<int, kBands> count{};
    for (std::size_t i = 0; i < frame.size(); ++i) {
        if (!use[i]) continue;
        const int luma = plate[i] >> 8;
        const auto d = static_cast<std::size_t>(frame[i] - luma + 255);
        const auto band = static_cast<std::size_t>(luma / kBandWidth);
        ++histogram[band][d];
        ++all[d];
        ++count[band];
    }
    int total = 0;
    for (const int c : count) total += c;
    shift_.fill(0);
    if (total < kLeastCells) return;
    const int middle = median(all, total);
    std::array<int, kBands> band_shift{};
    for (std::size_t b = 0; b < kBands; ++b)
        band_shift[b] = count[b] < kLeastCells ? middle
                                               : std::clamp(median(histogram[b], count[b]),
                                                            middle - kBendMost, middle + kBendMost);
    // Straight lines between the middles of the bands.
    for (int luma = 0; luma < 256; ++luma) {
        const int at = std::clamp(luma - kBandWidth / 2, 0, 255 - kBandWidth);
        const auto b = static_cast<std::size_t>(at / kBandWidth);
        const int part = std::clamp(luma - kBandWidth / 2, 0, 255) - static_cast<int>(b) * kBandWidth;
        const int next = band_shift[std::min<std::size_t>(b + 1, kBands - 1)];
        shift_[static_cast<std::size_t>(luma)] =
            band_shift[b] + (next - band_shift[b]) * std::clamp(part, 0, kBandWidth) / kBandWidth;
    }
}

int LightCurve::strongest() const {
    int most = 0;
    for (const int s : shift_) most = std::max(most, std::abs(s));
    return most;
}

}  // namespace passerby::vision
