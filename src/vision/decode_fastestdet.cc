// FastestDet (https://github.com/dog-qiuqiu/FastestDet, BSD-3-Clause): one output [1, 5 + classes, rows,
// columns] of stride 16. A cell gives the probability of a thing; the box's middle from the cell's top left
// corner in cells (through tanh) and its size as a share of the input (through a sigmoid); the probabilities
// of the classes.
#include <algorithm>
#include <cmath>

#include "vision/decoder.h"

namespace passerby::vision {

namespace {

constexpr int kStride = 16;
constexpr std::size_t kBox = 5;

float sigmoid(float x) {
    return 1 / (1 + std::exp(-x));
}

class FastestDet final : public Decoder {
  public:
    FastestDet(const ModelDescription& model, OnnxModel::Output reads)
        : model_{model}, reads_{std::move(reads)} {}

    const std::vector<OnnxModel::Output>& reads() const override { return reads_; }

    Result<std::vector<Detection>> decode(std::span<const Tensor> outputs) const override {
        const auto columns = static_cast<std::size_t>(reads_[0].shape[3]);
        const auto cells = columns * static_cast<std::size_t>(reads_[0].shape[2]);
        const float* values = outputs[0].values.data();
        const auto channel = [&](std::size_t c, std::size_t cell) { return values[c * cells + cell]; };
        std::vector<Detection> found;
        for (std::size_t cell = 0; cell < cells; ++cell) {
            const float thing = channel(0, cell);
            TRY_STATUS(check_probability(model_, thing));
            if (thing < model_.least_score) continue;
            const float x = (static_cast<float>(cell % columns) + std::tanh(channel(1, cell))) * kStride;
            const float y = (static_cast<float>(cell / columns) + std::tanh(channel(2, cell))) * kStride;
            const float w = sigmoid(channel(3, cell)) * static_cast<float>(model_.input.width);
            const float h = sigmoid(channel(4, cell)) * static_cast<float>(model_.input.height);
            for (const auto& label : model_.labels) {
                const float of_class = channel(kBox + static_cast<std::size_t>(label.index), cell);
                TRY_STATUS(check_probability(model_, of_class));
                if (const float score = thing * of_class; score >= model_.least_score)
                    found.push_back({label.kind, std::min(score, 1.F), x - w / 2, y - h / 2, w, h});
            }
        }
        return found;
    }

  private:
    const ModelDescription model_;
    const std::vector<OnnxModel::Output> reads_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> make_fastestdet(const ModelDescription& model, Outputs outputs) {
    const auto rows = cells_along(model.input.height, kStride),
               columns = cells_along(model.input.width, kStride);
    if (outputs.size() != 1 || outputs[0].shape.size() != 4 ||
        outputs[0].shape[1] <= static_cast<std::int64_t>(kBox) ||
        !may_be(outputs[0].shape, {1, outputs[0].shape[1], rows, columns}))
        return wrong_outputs(model, outputs,
                             fmt::format("one output [1, 5 + classes, {}, {}]", rows, columns));
    const auto channels = outputs[0].shape[1];
    TRY_STATUS(check_classes(model, channels - static_cast<std::int64_t>(kBox)));
    return std::make_unique<FastestDet>(model,
                                        OnnxModel::Output{outputs[0].name, {1, channels, rows, columns}});
}

}  // namespace passerby::vision
