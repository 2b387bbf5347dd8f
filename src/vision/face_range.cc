#include "vision/face_range.h"

#include <cmath>

#include "vision/network_input.h"
#include "vision/suppress.h"

namespace passerby::vision {

namespace {
constexpr int kSide = 192, kCells = 48, kValues = 4;
constexpr float kLeastScore = 0.2F;
constexpr Normalisation kNormalisation{false, {127.5F, 127.5F, 127.5F}, {1 / 127.5F, 1 / 127.5F, 1 / 127.5F}};
}  // namespace

Result<FaceRange> FaceRange::load(const std::string& path, int threads) {
    return FaceRange{TRY(OnnxModel::load(
        path,
        {{1, 3, kSide, kSide}, {{"scores", {1, 1, kCells, kCells}}, {"boxes", {1, kValues, kCells, kCells}}}},
        threads))};
}

Result<std::vector<Detection>> FaceRange::detect(const image::Picture& picture, image::Rect where) {
    const float scale = fill_network_input(picture, where, kSide, kNormalisation, model_->input());
    const auto outputs = TRY(model_->run());
    constexpr std::size_t kArea = kCells * kCells;
    const float* box = outputs[1].values.data();
    std::vector<Detection> found;
    for (std::size_t cell = 0; cell < kArea; ++cell) {
        const float score = 1 / (1 + std::exp(-outputs[0].values[cell]));
        if (score < kLeastScore) continue;
        constexpr float kStep = static_cast<float>(kSide) / kCells;
        const float x = (static_cast<float>(cell % kCells) + 0.5F) * kStep + box[cell];
        const float y = (static_cast<float>(cell / kCells) + 0.5F) * kStep + box[kArea + cell];
        const float w = box[2 * kArea + cell], h = box[3 * kArea + cell];
        found.push_back({Kind::face, score, static_cast<float>(where.x) + (x - w / 2) / scale,
                         static_cast<float>(where.y) + (y - h / 2) / scale, w / scale, h / scale});
    }
    return suppress_overlaps(std::move(found), 0.3F);
}

}  // namespace passerby::vision
