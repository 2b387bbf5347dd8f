// YuNet (Wu et al. 2023; https://github.com/ShiqiYu/libfacedetection.train, BSD-3-Clause): for each of the
// strides 8, 16 and 32, cells row by row: cls_S and obj_S [1, cells, 1], probabilities, and bbox_S [1, cells,
// 4]: middle from the cell's top left corner and logarithm of the size, in strides. Its five points of the
// face (kps_S) are not read.
#include <algorithm>
#include <cmath>

#include "vision/decoder.h"

namespace passerby::vision {

namespace {

constexpr int kStrides[] = {8, 16, 32};
constexpr std::size_t kMaps = std::size(kStrides);

class YuNet final : public Decoder {
  public:
    YuNet(const ModelDescription& model, std::vector<OnnxModel::Output> reads)
        : model_{model}, reads_{std::move(reads)} {}

    const std::vector<OnnxModel::Output>& reads() const override { return reads_; }

    Result<std::vector<Detection>> decode(std::span<const Tensor> outputs) const override {
        std::vector<Detection> found;
        for (std::size_t s = 0; s < kMaps; ++s) {
            const auto stride = static_cast<float>(kStrides[s]);
            const auto columns = static_cast<std::size_t>(cells_along(model_.input.width, kStrides[s]));
            const auto cls = outputs[s].values, obj = outputs[kMaps + s].values;
            for (std::size_t cell = 0; cell < cls.size(); ++cell) {
                TRY_STATUS(check_probability(model_, cls[cell]));
                TRY_STATUS(check_probability(model_, obj[cell]));
                const float score =
                    std::sqrt(std::clamp(cls[cell], 0.F, 1.F) * std::clamp(obj[cell], 0.F, 1.F));
                if (score < model_.least_score) continue;
                const float* box = outputs[2 * kMaps + s].values.data() + 4 * cell;
                const float x = (static_cast<float>(cell % columns) + box[0]) * stride;
                const float y = (static_cast<float>(cell / columns) + box[1]) * stride;
                const float w = std::exp(box[2]) * stride, h = std::exp(box[3]) * stride;
                found.push_back({model_.labels.front().kind, score, x - w / 2, y - h / 2, w, h});
            }
        }
        return found;
    }

  private:
    const ModelDescription model_;
    const std::vector<OnnxModel::Output> reads_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> make_yunet(const ModelDescription& model, Outputs outputs) {
    std::vector<OnnxModel::Output> reads;
    for (const auto& [what, values] : {std::pair{"cls", 1}, {"obj", 1}, {"bbox", 4}})
        for (const int stride : kStrides) {
            OnnxModel::Output wanted{
                fmt::format("{}_{}", what, stride),
                {1, cells_along(model.input.width, stride) * cells_along(model.input.height, stride),
                 values}};
            const auto* has = find_output(outputs, wanted.name);
            if (!has || !may_be(has->shape, wanted.shape))
                return wrong_outputs(model, outputs,
                                     fmt::format("{} of [1, {}, {}] and eight more", wanted.name,
                                                 wanted.shape[1], wanted.shape[2]));
            reads.push_back(std::move(wanted));
        }
    TRY_STATUS(check_classes(model, 1));
    return std::make_unique<YuNet>(model, std::move(reads));
}

}  // namespace passerby::vision
