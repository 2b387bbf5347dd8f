#include "vision/nanodet.h"

#include <algorithm>
#include <cmath>

#include "vision/network_input.h"
#include "vision/suppress.h"

namespace passerby::vision {

namespace {

constexpr int kSide = 416;
constexpr int kClasses = 80, kBins = 11;
constexpr int kChannels = kClasses + 4 * kBins;
constexpr int kStrides[] = {8, 16, 32};
constexpr Normalisation kNormalisation{
    true, {103.53F, 116.28F, 123.675F}, {1 / 57.375F, 1 / 57.12F, 1 / 58.395F}};

// What is not believed below this is not even mentioned.
constexpr float kLeastScore = 0.08F;

struct WantedClass {
    int index;  // of COCO
    Kind kind;
};
// Person; bicycle, car, motorcycle, bus, truck; television, laptop, mobile phone. No train: to this network
// whole corridors look like one.
constexpr WantedClass kWanted[] = {{0, Kind::person},  {1, Kind::vehicle}, {2, Kind::vehicle},
                                   {3, Kind::vehicle}, {5, Kind::vehicle}, {7, Kind::vehicle},
                                   {62, Kind::screen}, {63, Kind::screen}, {67, Kind::screen}};

float sigmoid(float x) {
    return 1 / (1 + std::exp(-x));
}

// The mean of the distribution whose logits stand `step` apart.
float expected_bin(const float* logits, std::size_t step) {
    float most = logits[0];
    for (std::size_t i = 1; i < kBins; ++i) most = std::max(most, logits[i * step]);
    float sum = 0, weighted = 0;
    for (std::size_t i = 0; i < kBins; ++i) {
        const float e = std::exp(logits[i * step] - most);
        sum += e;
        weighted += e * static_cast<float>(i);
    }
    return weighted / sum;
}

}  // namespace

Result<NanoDet> NanoDet::load(const std::string& path, int threads) {
    OnnxModel::Expected expected{{1, 3, kSide, kSide}, {}};
    for (const int stride : kStrides)
        expected.outputs.push_back(
            {fmt::format("head_{}", stride), {1, kChannels, kSide / stride, kSide / stride}});
    return NanoDet{TRY(OnnxModel::load(path, expected, threads))};
}

Result<std::vector<Detection>> NanoDet::detect(const image::Picture& picture, image::Rect where) {
    const float scale = fill_network_input(picture, where, kSide, kNormalisation, model_->input());
    const auto heads = TRY(model_->run());
    const float least_logit = std::log(kLeastScore / (1 - kLeastScore));
    std::vector<Detection> found;
    for (std::size_t h = 0; h < heads.size(); ++h) {
        const int cells = kSide / kStrides[h];
        const auto area = static_cast<std::size_t>(cells) * static_cast<std::size_t>(cells);
        const float* values = heads[h].values.data();
        for (const auto& wanted : kWanted) {
            const float* logits = values + static_cast<std::size_t>(wanted.index) * area;
            for (std::size_t cell = 0; cell < area; ++cell) {
                if (logits[cell] < least_logit) continue;
                const float* bins = values + kClasses * area + cell;
                float distance[4];
                for (std::size_t side = 0; side < 4; ++side)
                    distance[side] =
                        expected_bin(bins + side * kBins * area, area) * static_cast<float>(kStrides[h]);
                const float stride = static_cast<float>(kStrides[h]);
                const float x = (static_cast<float>(cell % static_cast<std::size_t>(cells)) + 0.5F) * stride;
                const float y = (static_cast<float>(cell / static_cast<std::size_t>(cells)) + 0.5F) * stride;
                found.push_back({wanted.kind, sigmoid(logits[cell]),
                                 static_cast<float>(where.x) + (x - distance[0]) / scale,
                                 static_cast<float>(where.y) + (y - distance[1]) / scale,
                                 (distance[0] + distance[2]) / scale, (distance[1] + distance[3]) / scale});
            }
        }
    }
    return suppress_overlaps(std::move(found), 0.6F);
}

}  // namespace passerby::vision
