// YOLOX (Ge et al. 2021; https://github.com/Megvii-BaseDetection/YOLOX, Apache-2.0) as upstream exports it:
// one output [1, cells of the strides 8, 16, 32 (and 64 of the P6 networks), 5 + classes], cells row by row:
// middle of the box from the cell's top left corner and logarithm of its size, in strides; probability of a
// thing; probabilities of the classes. Not for an export that already puts the boxes into pixels
// (decode_in_inference).
#include <algorithm>
#include <cmath>

#include "vision/decoder.h"

namespace passerby::vision {

namespace {

constexpr int kStrides[] = {8, 16, 32, 64};
constexpr std::size_t kBox = 5;

class Yolox final : public Decoder {
  public:
    Yolox(const ModelDescription& model, OnnxModel::Output reads, std::size_t strides)
        : model_{model}, reads_{std::move(reads)}, strides_{strides} {}

    const std::vector<OnnxModel::Output>& reads() const override { return reads_; }

    Result<std::vector<Detection>> decode(std::span<const Tensor> outputs) const override {
        const auto values_per_cell = static_cast<std::size_t>(reads_[0].shape[2]);
        std::vector<Detection> found;
        const float* at = outputs[0].values.data();
        for (std::size_t s = 0; s < strides_; ++s) {
            const auto stride = static_cast<float>(kStrides[s]);
            const auto columns = static_cast<std::size_t>(cells_along(model_.input.width, kStrides[s]));
            const auto cells =
                columns * static_cast<std::size_t>(cells_along(model_.input.height, kStrides[s]));
            for (std::size_t cell = 0; cell < cells; ++cell, at += values_per_cell) {
                TRY_STATUS(check_probability(model_, at[4]));
                if (at[4] < model_.least_score) continue;
                const float x = (static_cast<float>(cell % columns) + at[0]) * stride;
                const float y = (static_cast<float>(cell / columns) + at[1]) * stride;
                const float w = std::exp(at[2]) * stride, h = std::exp(at[3]) * stride;
                for (const auto& label : model_.labels) {
                    const float of_class = at[kBox + static_cast<std::size_t>(label.index)];
                    TRY_STATUS(check_probability(model_, of_class));
                    if (const float score = at[4] * of_class; score >= model_.least_score)
                        found.push_back({label.kind, std::min(score, 1.F), x - w / 2, y - h / 2, w, h});
                }
            }
        }
        return found;
    }

  private:
    const ModelDescription model_;
    const std::vector<OnnxModel::Output> reads_;
    const std::size_t strides_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> make_yolox(const ModelDescription& model, Outputs outputs) {
    std::int64_t cells = 0, without_last = 0;
    for (std::size_t strides = 1; strides <= std::size(kStrides); ++strides) {
        const int stride = kStrides[strides - 1];
        without_last = std::exchange(
            cells, cells + cells_along(model.input.width, stride) * cells_along(model.input.height, stride));
        if (strides < 3 || outputs.size() != 1 || outputs[0].shape.size() != 3) continue;
        const auto values = outputs[0].shape[2];
        if (values <= static_cast<std::int64_t>(kBox) || !may_be(outputs[0].shape, {1, cells, values}))
            continue;
        TRY_STATUS(check_classes(model, values - static_cast<std::int64_t>(kBox)));
        return std::make_unique<Yolox>(model, OnnxModel::Output{outputs[0].name, {1, cells, values}},
                                       strides);
    }
    return wrong_outputs(
        model, outputs,
        fmt::format("one output [1, {}, 5 + classes], or [1, {}, 5 + classes] with stride 64", without_last,
                    cells));
}

}  // namespace passerby::vision
