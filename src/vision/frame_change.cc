#include "vision/frame_change.h"

#include <array>
#include <cmath>

namespace passerby::vision {

namespace {
// The median of |difference of two normal samples| is 0.954 of their standard deviation.
constexpr float kMedianToDeviation = 1 / 0.954F;
constexpr float kFollow = 0.1F, kLeastChange = 0.008F;
}  // namespace

void FrameChange::take(const Reduced& f) {
    const std::size_t every = sample_every(f.y.size());
    now_.clear();
    for (std::size_t i = 0; i < f.y.size(); i += every) now_.push_back(f.y[i]);
    if (before_.size() == now_.size()) {
        light_.fit(before_, now_, all_);
        // Bands alone bend when things move; light changes the picture as a whole.
        light_changed_ = std::abs(light_.gain() - 1) > kLeastChange;
        std::array<int, 256> histogram{};
        for (std::size_t i = 0; i < now_.size(); ++i)
            ++histogram[static_cast<std::size_t>(std::abs(now_[i] - light_.expected(before_[i] >> 8)))];
        // The median, between whole numbers.
        const auto half = static_cast<float>(now_.size()) / 2;
        float seen = 0, median = 0;
        for (std::size_t d = 0; d < histogram.size(); ++d) {
            const auto n = static_cast<float>(histogram[d]);
            if (seen + n >= half) {
                median = static_cast<float>(d) - 0.5F + (half - seen) / n;
                break;
            }
            seen += n;
        }
        noise_ += kFollow * (std::max(0.F, median) * kMedianToDeviation - noise_);
    } else {
        before_.resize(now_.size());
        all_.assign(now_.size(), 255);
    }
    for (std::size_t i = 0; i < now_.size(); ++i) before_[i] = static_cast<std::uint16_t>(now_[i] << 8);
}

}  // namespace passerby::vision
