#include "vision/light_field.h"

#include <algorithm>
#include <array>
#include <cmath>

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

struct Sums {
    double n = 0, p = 0, f = 0, pp = 0, ff = 0, pf = 0;
    void add(int plate, int frame) {
        n += 1, p += plate, f += frame;
        pp += plate * plate, ff += frame * frame, pf += plate * frame;
    }
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

void LightField::fit(const Appearance& plate, const Reduced& frame, std::span<const std::uint8_t> proven,
                     std::span<const std::uint8_t> use, float noise) {
    curve_.fit(plate.y, frame.y, use);
    for (std::size_t i = 0; i < expected_.y.size(); ++i)
        expected_.y[i] = static_cast<std::uint8_t>(curve_.expected(plate.y[i] >> 8));
    fit_colour(plate, frame, use);
    fit_blocks(frame, proven, noise);
    spread();
    expect();
}

// Chroma fades as a whole (dusk, infrared) and shifts as a whole (another lamp).
void LightField::fit_colour(const Appearance& plate, const Reduced& frame,
                            std::span<const std::uint8_t> use) {
    double pp = 0, pf = 0;
    int coloured = 0;
    for (std::size_t i = 0; i < use.size(); ++i) {
        if (!use[i]) continue;
        for (const auto& [before, now] :
             {std::pair{plate.u[i] >> 8, frame.u[i] - 128}, {plate.v[i] >> 8, frame.v[i] - 128}}) {
            if (std::abs(before - 128) < kLeastColour) continue;
            pp += (before - 128) * (before - 128), pf += (before - 128) * now;
            ++coloured;
        }
    }
    const float strength =
        coloured < kLeastCells ? 1 : std::clamp(static_cast<float>(pf / pp), 0.F, kMostColour);
    const std::array<const std::vector<std::uint16_t>*, 2> befores{&plate.u, &plate.v};
    const std::array<const std::vector<std::uint8_t>*, 2> nows{&frame.u, &frame.v};
    const std::array<std::vector<std::uint8_t>*, 2> expected{&expected_.u, &expected_.v};
    for (std::size_t c = 0; c < 2; ++c) {
        std::array<std::uint8_t, 256> faded;
        for (int k = 0; k < 256; ++k)
            faded[static_cast<std::size_t>(k)] = static_cast<std::uint8_t>(std::clamp(
                static_cast<int>(std::lround(128 + strength * static_cast<float>(k - 128))), 0, 255));
        std::array<int, 511> histogram{};
        int total = 0;
        for (std::size_t i = 0; i < use.size(); ++i)
            if (use[i])
                ++histogram[static_cast<std::size_t>((*nows[c])[i] - faded[(*befores[c])[i] >> 8] + 255)],
                    ++total;
        int shift = 0, seen = 0;
        for (std::size_t d = 0; d < histogram.size() && total >= kLeastCells; ++d)
            if (seen += histogram[d]; 2 * seen >= total) {
                shift = static_cast<int>(d) - 255;
                break;
            }
        for (std::size_t i = 0; i < use.size(); ++i)
            (*expected[c])[i] =
                static_cast<std::uint8_t>(std::clamp(faded[(*befores[c])[i] >> 8] + shift, 0, 255));
    }
}

void LightField::fit_blocks(const Reduced& frame, std::span<const std::uint8_t> proven, float noise) {
    std::vector<Sums> sums(block_.size());
    for (int y = 0; y < grid_.height; ++y)
        for (int x = 0; x < grid_.width; ++x) {
            const auto i = static_cast<std::size_t>(y * grid_.width + x);
            if (proven[i])
                sums[static_cast<std::size_t>(y / kSide * blocks_.width + x / kSide)].add(
                    expected_.y[i] - kBlack, frame.y[i] - kBlack);
        }
    int textured = 0, gone = 0;
    const double texture = std::max(kTexture, kOverNoise * noise);
    for (std::size_t b = 0; b < block_.size(); ++b) {
        const Sums& s = sums[b];
        block_[b] = {1, 0};
        if (s.n < kLeastProven * kSide * kSide) continue;
        const double vp = s.pp / s.n - s.p / s.n * s.p / s.n, vf = s.ff / s.n - s.f / s.n * s.f / s.n;
        const double both = s.pf / s.n - s.p / s.n * s.f / s.n;
        if (vp < texture * texture) continue;
        ++textured;
        const double correlation = vf > 0 ? both / std::sqrt(vp * vf) : 0;
        gone += correlation < kGone;
        if (correlation < kThere) continue;
        const auto gain = static_cast<float>(s.pf / s.pp);
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

void LightField::expect() {
    const auto middle = [](int cell) { return (static_cast<float>(cell) + 0.5F) / kSide - 0.5F; };
    std::vector<float> row(static_cast<std::size_t>(blocks_.width));
    for (int y = 0; y < grid_.height; ++y) {
        const float at = std::clamp(middle(y), 0.F, static_cast<float>(blocks_.height - 1));
        const int y0 = static_cast<int>(at), y1 = std::min(y0 + 1, blocks_.height - 1);
        const float part = at - static_cast<float>(y0);
        for (int b = 0; b < blocks_.width; ++b) {
            const float above = block_[static_cast<std::size_t>(y0 * blocks_.width + b)].gain,
                        below = block_[static_cast<std::size_t>(y1 * blocks_.width + b)].gain;
            row[static_cast<std::size_t>(b)] = above + (below - above) * part;
        }
        for (int x = 0; x < grid_.width; ++x) {
            const float ax = std::clamp(middle(x), 0.F, static_cast<float>(blocks_.width - 1));
            const auto x0 = static_cast<std::size_t>(ax);
            const float left = row[x0], right = row[std::min(x0 + 1, row.size() - 1)];
            const float gain = left + (right - left) * (ax - static_cast<float>(x0));
            const auto i = static_cast<std::size_t>(y * grid_.width + x);
            expected_.y[i] = static_cast<std::uint8_t>(
                std::clamp(kBlack + gain * static_cast<float>(expected_.y[i] - kBlack) + 0.5F, 0.F, 255.F));
            gain_[i] = static_cast<std::uint8_t>(std::clamp(64 * gain * curve_.gain(), 0.F, 255.F));
        }
    }
}

}  // namespace passerby::vision
