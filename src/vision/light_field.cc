#include "vision/light_field.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "base/vectors.h"

namespace passerby::vision {

namespace {

constexpr int kSide = 16;  // of a block, in cells
// Texture: standard deviation of the plate's luma in the block, and against the noise.
constexpr float kTexture = 5, kOverNoise = 2.5F;
constexpr float kThere = 0.8F, kGone = 0.5F;  // correlation with the plate
constexpr float kLeastGain = 0.3F, kMostGain = 3;
constexpr double kLeastProven = 0.6;  // of a block
constexpr int kLeastTextured = 6;     // blocks, to tell a moved camera by
// What pulls the gain of places that nothing is known about toward the whole picture's.
constexpr float kPrior = 0.02F;
constexpr int kSpreads = 4;
constexpr int kLeastColour = 6, kLeastCells = 60;
constexpr float kMostColour = 1.6F;
constexpr int kFadeShift = 6, kFadeOne = 1 << kFadeShift;  // fixed point

// Of the cells of a block.
struct Sums {
    std::int32_t n = 0, p = 0, f = 0, pp = 0, ff = 0, pf = 0;
};

// Adds up a block, a row at a time, in vectors of the compiler's.
class Adder {
  public:
    // A row, of which cells with use[i] != 0 count.
    [[gnu::always_inline]] void add(const std::uint8_t* plate, const std::uint8_t* frame,
                                    const std::uint8_t* use, int cells) {
        Bytes p{}, f{}, u{};
        if (cells == kSide) {
            std::memcpy(&p, plate, kSide), std::memcpy(&f, frame, kSide), std::memcpy(&u, use, kSide);
        } else {
            const auto size = static_cast<std::size_t>(cells);
            std::memcpy(&p, plate, size), std::memcpy(&f, frame, size), std::memcpy(&u, use, size);
        }
        const Words used = __builtin_convertvector(u != 0, Words);  // -1 or 0
        const Words a = (__builtin_convertvector(p, Words) - kBlack) & used,
                    b = (__builtin_convertvector(f, Words) - kBlack) & used;
        n_ -= used, p_ += a, f_ += b;
        const Longs x = __builtin_convertvector(a, Longs), y = __builtin_convertvector(b, Longs);
        pp_ += x * x, ff_ += y * y, pf_ += x * y;
    }

    [[gnu::always_inline]] Sums sums() const {
        Sums s;
        for (int i = 0; i < kSide; ++i) {
            s.n += n_[i], s.p += p_[i], s.f += f_[i];
            s.pp += pp_[i], s.ff += ff_[i], s.pf += pf_[i];
        }
        return s;
    }

  private:
    typedef std::uint8_t Bytes __attribute__((vector_size(kSide)));
    typedef std::int16_t Words __attribute__((vector_size(2 * kSide)));  // hold the sum of a column
    typedef std::int32_t Longs __attribute__((vector_size(4 * kSide)));
    Words n_{}, p_{}, f_{};
    Longs pp_{}, ff_{}, pf_{};
};

}  // namespace

LightField::LightField(image::Size grid)
    : grid_{grid},
      blocks_{(grid.width + kSide - 1) / kSide, (grid.height + kSide - 1) / kSide},
      block_(static_cast<std::size_t>(blocks_.width) * static_cast<std::size_t>(blocks_.height)) {
    const auto cells = static_cast<std::size_t>(grid.width) * static_cast<std::size_t>(grid.height);
    expected_.grid = grid;
    for (auto* plane : {&expected_.y, &expected_.u, &expected_.v, &gain_}) plane->resize(cells);
}

PASSERBY_VECTORS void LightField::fit(const Appearance& plate, const Reduced& frame,
                                      std::span<const std::uint8_t> proven, std::span<const std::uint8_t> use,
                                      float noise) {
    curve_.fit(plate.y, frame.y, use);
    const std::uint16_t* luma = plate.y.data();
    std::uint8_t* __restrict expected = expected_.y.data();
    for (std::size_t i = 0, n = expected_.y.size(); i < n; ++i)
        expected[i] = static_cast<std::uint8_t>(curve_.expected(luma[i] >> 8));
    fit_colour(plate, frame, use);
    fit_blocks(frame, proven, noise);
    spread();
    expect();
}

// Chroma fades as a whole (dusk, infrared) and shifts as a whole (another lamp).
PASSERBY_VECTORS void LightField::fit_colour(const Appearance& plate, const Reduced& frame,
                                             std::span<const std::uint8_t> use) {
    const std::size_t every = sample_every(use.size());
    std::int64_t pp = 0, pf = 0;
    int coloured = 0;
    for (std::size_t i = 0; i < use.size(); i += every) {
        if (!use[i]) continue;
        for (const auto& [before, now] :
             {std::pair{plate.u[i] >> 8, frame.u[i] - 128}, {plate.v[i] >> 8, frame.v[i] - 128}}) {
            if (std::abs(before - 128) < kLeastColour) continue;
            pp += (before - 128) * (before - 128), pf += (before - 128) * now;
            ++coloured;
        }
    }
    const float fade = coloured < kLeastCells
                           ? 1
                           : std::clamp(static_cast<float>(pf) / static_cast<float>(pp), 0.F, kMostColour);
    // In 16 bits, which hold it: vectors are twice as long.
    const auto strength = static_cast<std::int16_t>(std::lround(fade * kFadeOne));
    const auto faded = [strength](std::uint16_t chroma) {
        const auto from_grey = static_cast<std::int16_t>((chroma >> 8) - 128);
        const auto scaled = static_cast<std::int16_t>(from_grey * strength + kFadeOne / 2);
        return static_cast<std::int16_t>((scaled >> kFadeShift) + 128);
    };
    const std::array<const std::vector<std::uint16_t>*, 2> befores{&plate.u, &plate.v};
    const std::array<const std::vector<std::uint8_t>*, 2> nows{&frame.u, &frame.v};
    const std::array<std::vector<std::uint8_t>*, 2> expected{&expected_.u, &expected_.v};
    for (std::size_t c = 0; c < 2; ++c) {
        const std::uint16_t* before = befores[c]->data();
        std::array<int, 511> histogram{};
        int total = 0;
        for (std::size_t i = 0; i < use.size(); i += every)
            if (use[i])
                ++histogram[static_cast<std::size_t>(std::clamp((*nows[c])[i] - faded(before[i]), -255, 255) +
                                                     255)],
                    ++total;
        int shift = 0, seen = 0;
        for (std::size_t d = 0; d < histogram.size() && total >= kLeastCells; ++d)
            if (seen += histogram[d]; 2 * seen >= total) {
                shift = static_cast<int>(d) - 255;
                break;
            }
        std::uint8_t* __restrict out = expected[c]->data();
        for (std::size_t i = 0, n = use.size(); i < n; ++i) {
            const auto chroma = static_cast<std::int16_t>(faded(before[i]) + shift);
            out[i] = static_cast<std::uint8_t>(chroma < 0 ? 0 : chroma > 255 ? 255 : chroma);
        }
    }
}

PASSERBY_VECTORS void LightField::fit_blocks(const Reduced& frame, std::span<const std::uint8_t> proven,
                                             float noise) {
    int textured = 0, gone = 0;
    const double texture = std::max(kTexture, kOverNoise * noise);
    for (std::size_t b = 0; b < block_.size(); ++b) {
        const int x = static_cast<int>(b) % blocks_.width * kSide, cells = std::min(kSide, grid_.width - x),
                  top = static_cast<int>(b) / blocks_.width * kSide;
        Adder adder;
        for (int y = top; y < std::min(top + kSide, grid_.height); ++y) {
            const auto i = static_cast<std::size_t>(y * grid_.width + x);
            adder.add(&expected_.y[i], &frame.y[i], &proven[i], cells);
        }
        const Sums s = adder.sums();
        block_[b] = {1, 0};
        if (s.n < kLeastProven * kSide * kSide) continue;
        const double mean_p = s.p / static_cast<double>(s.n), mean_f = s.f / static_cast<double>(s.n);
        const double vp = s.pp / static_cast<double>(s.n) - mean_p * mean_p,
                     vf = s.ff / static_cast<double>(s.n) - mean_f * mean_f;
        const double both = s.pf / static_cast<double>(s.n) - mean_p * mean_f;
        if (vp < texture * texture) continue;
        ++textured;
        const double correlation = vf > 0 ? both / std::sqrt(vp * vf) : 0;
        gone += correlation < kGone;
        if (correlation < kThere) continue;
        const float gain = static_cast<float>(s.pf) / static_cast<float>(s.pp);
        if (gain < kLeastGain || gain > kMostGain) continue;
        block_[b] = {gain, static_cast<float>(correlation)};
    }
    lost_ = textured < kLeastTextured ? 0 : static_cast<double>(gone) / textured;
}

// Unsure blocks take the mean of those around them, over and over, so that it reaches as far as it must.
void LightField::spread() {
    for (int round = 0; round < kSpreads; ++round) {
        const auto from = block_;
        for (int y = 0; y < blocks_.height; ++y)
            for (int x = 0; x < blocks_.width; ++x) {
                float weight = kPrior, sum = kPrior;
                const auto at = static_cast<std::size_t>(y * blocks_.width + x);
                for (int ny = std::max(0, y - 1); ny <= std::min(blocks_.height - 1, y + 1); ++ny)
                    for (int nx = std::max(0, x - 1); nx <= std::min(blocks_.width - 1, x + 1); ++nx) {
                        const Block& n = from[static_cast<std::size_t>(ny * blocks_.width + nx)];
                        const float w = n.weight * (ny == y && nx == x ? 4.F : 1.F);
                        weight += w, sum += w * n.gain;
                    }
                block_[at].gain = sum / weight;
                if (block_[at].weight <= 0) block_[at].weight = std::min(0.5F, (weight - kPrior) / 12);
            }
    }
}

PASSERBY_VECTORS void LightField::expect() {
    const auto middle = [](int cell) { return (static_cast<float>(cell) + 0.5F) / kSide - 0.5F; };
    std::vector<float> between_rows(static_cast<std::size_t>(blocks_.width)),
        gains(static_cast<std::size_t>(grid_.width));
    for (int y = 0; y < grid_.height; ++y) {
        const float at = std::clamp(middle(y), 0.F, static_cast<float>(blocks_.height - 1));
        const int y0 = static_cast<int>(at), y1 = std::min(y0 + 1, blocks_.height - 1);
        const float part = at - static_cast<float>(y0);
        for (int b = 0; b < blocks_.width; ++b) {
            const float above = block_[static_cast<std::size_t>(y0 * blocks_.width + b)].gain,
                        below = block_[static_cast<std::size_t>(y1 * blocks_.width + b)].gain;
            between_rows[static_cast<std::size_t>(b)] = above + (below - above) * part;
        }
        // From the middle of a block to the middle of the next.
        for (int b = -1; b < blocks_.width; ++b) {
            const float left = between_rows[static_cast<std::size_t>(std::max(b, 0))],
                        right = between_rows[static_cast<std::size_t>(std::min(b + 1, blocks_.width - 1))];
            const int from = b * kSide + kSide / 2;
            for (int x = std::max(0, from); x < std::min(from + kSide, grid_.width); ++x)
                gains[static_cast<std::size_t>(x)] =
                    left + (right - left) * ((static_cast<float>(x - from) + 0.5F) / kSide);
        }
        std::uint8_t* __restrict expected = &expected_.y[static_cast<std::size_t>(y * grid_.width)];
        std::uint8_t* __restrict gain = &gain_[static_cast<std::size_t>(y * grid_.width)];
        const float whole = 64 * curve_.gain();
        const float* gains_of_row = gains.data();
        for (std::size_t x = 0, n = gains.size(); x < n; ++x) {
            const auto luma =
                static_cast<int>(kBlack + gains_of_row[x] * static_cast<float>(expected[x] - kBlack) + 0.5F);
            expected[x] = static_cast<std::uint8_t>(std::clamp(luma, 0, 255));
            gain[x] =
                static_cast<std::uint8_t>(std::clamp(static_cast<int>(whole * gains_of_row[x]), 0, 255));
        }
    }
}

}  // namespace passerby::vision
