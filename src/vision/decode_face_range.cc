// MediaPipe's full-range face detector (BlazeFace; Bazarevsky et al. 2019; Apache-2.0), as
// models/import_tfjs.py cuts it: cells of stride 4 with one anchor in the middle of each. scores [1, 1, rows,
// columns], logits; boxes [1, 4, rows, columns] in pixels of the input, relative to the anchor: middle x, y,
// width, height.
#include <cmath>

#include "vision/decoder.h"

namespace passerby::vision {

namespace {

constexpr int kStride = 4;

class FaceRange final : public Decoder {
  public:
    FaceRange(const ModelDescription& model, std::vector<OnnxModel::Output> reads)
        : model_{model}, reads_{std::move(reads)} {}

    const std::vector<OnnxModel::Output>& reads() const override { return reads_; }

    Result<std::vector<Detection>> decode(std::span<const Tensor> outputs) const override {
        const auto columns = static_cast<std::size_t>(reads_[0].shape[3]);
        const auto cells = columns * static_cast<std::size_t>(reads_[0].shape[2]);
        const float* box = outputs[1].values.data();
        std::vector<Detection> found;
        for (std::size_t cell = 0; cell < cells; ++cell) {
            const float score = 1 / (1 + std::exp(-outputs[0].values[cell]));
            if (score < model_.least_score) continue;
            const float x = (static_cast<float>(cell % columns) + 0.5F) * kStride + box[cell];
            const float y = (static_cast<float>(cell / columns) + 0.5F) * kStride + box[cells + cell];
            const float w = box[2 * cells + cell], h = box[3 * cells + cell];
            found.push_back({model_.labels.front().kind, score, x - w / 2, y - h / 2, w, h});
        }
        return found;
    }

  private:
    const ModelDescription model_;
    const std::vector<OnnxModel::Output> reads_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> make_face_range(const ModelDescription& model, Outputs outputs) {
    const auto rows = cells_along(model.input.height, kStride),
               columns = cells_along(model.input.width, kStride);
    std::vector<OnnxModel::Output> reads{{"scores", {1, 1, rows, columns}}, {"boxes", {1, 4, rows, columns}}};
    for (const auto& wanted : reads) {
        const auto* has = find_output(outputs, wanted.name);
        if (!has || !may_be(has->shape, wanted.shape))
            return wrong_outputs(
                model, outputs,
                fmt::format("scores [1, 1, {0}, {1}] and boxes [1, 4, {0}, {1}]", rows, columns));
    }
    TRY_STATUS(check_classes(model, 1));
    return std::make_unique<FaceRange>(model, std::move(reads));
}

}  // namespace passerby::vision
