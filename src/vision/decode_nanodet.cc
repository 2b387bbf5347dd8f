// NanoDet (https://github.com/RangiLyu/nanodet, Apache-2.0) in two layouts. C classes; a side of a box is a
// distribution over B bins, of distances 0 to B-1 strides from the cell's middle (generalised focal loss, Li
// et al. 2020).
//
// heads: one output for each of the strides 8, 16 and 32, [1, C + 4 B, rows, columns], the head convolutions'
// plain values: logits of the classes, then of left, top, right, bottom. joined: one output [1, cells of all
// strides, C + 4 B] as upstream exports it, with probabilities of the classes. Of NanoDet-Plus there are four
// strides, to 64, and the middle of a cell is its top left corner.
#include <algorithm>
#include <cmath>

#include "vision/decoder.h"

namespace passerby::vision {

namespace {

constexpr int kStrides[] = {8, 16, 32, 64};

float sigmoid(float x) {
    return 1 / (1 + std::exp(-x));
}

// The mean of the distribution of `bins` whose logits stand `step` apart.
float expected_bin(const float* logits, std::size_t step, std::size_t bins) {
    float most = logits[0];
    for (std::size_t i = 1; i < bins; ++i) most = std::max(most, logits[i * step]);
    float sum = 0, weighted = 0;
    for (std::size_t i = 0; i < bins; ++i) {
        const float e = std::exp(logits[i * step] - most);
        sum += e;
        weighted += e * static_cast<float>(i);
    }
    return weighted / sum;
}

// Where the values of one stride stand: those of a channel, and those of a cell, are so many floats apart.
struct Map {
    int stride;
    std::size_t columns, cells;
    const float* values;
    std::size_t channel_step, cell_step;
};

class NanoDet final : public Decoder {
  public:
    NanoDet(const ModelDescription& model, std::vector<OnnxModel::Output> reads, std::size_t strides,
            std::size_t channels, bool heads)
        : model_{model},
          reads_{std::move(reads)},
          strides_{strides},
          channels_{channels},
          classes_{static_cast<std::size_t>(model.classes)},
          bins_{(channels_ - classes_) / 4},
          heads_{heads} {}

    const std::vector<OnnxModel::Output>& reads() const override { return reads_; }

    Result<std::vector<Detection>> decode(std::span<const Tensor> outputs) const override {
        std::vector<Detection> found;
        std::size_t before = 0;
        for (std::size_t s = 0; s < strides_; ++s) {
            Map map{kStrides[s], columns(s), columns(s) * rows(s), nullptr, 1, channels_};
            if (heads_) {
                // Of an input of free sides.
                map.columns = static_cast<std::size_t>(outputs[s].shape[3]);
                map.cells = map.columns * static_cast<std::size_t>(outputs[s].shape[2]);
                map.values = outputs[s].values.data();
                map.channel_step = map.cells;
                map.cell_step = 1;
            } else {
                map.values = outputs[0].values.data() + before * channels_;
                before += map.cells;
            }
            TRY_STATUS(decode_map(map, found));
        }
        return found;
    }

  private:
    std::size_t columns(std::size_t s) const {
        return static_cast<std::size_t>(cells_along(model_.input.width, kStrides[s]));
    }
    std::size_t rows(std::size_t s) const {
        return static_cast<std::size_t>(cells_along(model_.input.height, kStrides[s]));
    }

    Status decode_map(const Map& map, std::vector<Detection>& found) const {
        // In the domain of the values, so that a cell costs a comparison.
        const float least =
            heads_ ? std::log(model_.least_score / (1 - model_.least_score)) : model_.least_score;
        const float middle = strides_ == std::size(kStrides) ? 0.F : 0.5F;
        const auto stride = static_cast<float>(map.stride);
        for (const auto& label : model_.labels) {
            const float* scores = map.values + static_cast<std::size_t>(label.index) * map.channel_step;
            for (std::size_t cell = 0; cell < map.cells; ++cell) {
                const float value = scores[cell * map.cell_step];
                if (!heads_) TRY_STATUS(check_probability(model_, value));
                if (value < least) continue;
                const float* bins = map.values + classes_ * map.channel_step + cell * map.cell_step;
                float distance[4];
                for (std::size_t side = 0; side < 4; ++side)
                    distance[side] =
                        expected_bin(bins + side * bins_ * map.channel_step, map.channel_step, bins_) *
                        stride;
                const float x = (static_cast<float>(cell % map.columns) + middle) * stride;
                const float y = (static_cast<float>(cell / map.columns) + middle) * stride;
                found.push_back({label.kind, heads_ ? sigmoid(value) : value, x - distance[0],
                                 y - distance[1], distance[0] + distance[2], distance[1] + distance[3]});
            }
        }
        return {};
    }

    const ModelDescription model_;
    const std::vector<OnnxModel::Output> reads_;
    const std::size_t strides_, channels_, classes_, bins_;
    const bool heads_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> make_nanodet(const ModelDescription& model, Outputs outputs) {
    if (!model.classes)
        return fail(
            ErrorKind::invalid,
            "the description of model '{}' does not say how many classes it tells apart, which NanoDet's "
            "outputs do not show; add classes:, such as classes: 80",
            model.file);
    const auto columns = [&](int stride) { return cells_along(model.input.width, stride); };
    const auto rows = [&](int stride) { return cells_along(model.input.height, stride); };
    const auto fits = [&](std::int64_t channels) {
        return channels > model.classes && (channels - model.classes) % 4 == 0;
    };
    // Where the sides are free only the names tell the strides apart.
    const auto belongs_to = [&](const OnnxModel::Output& o, int stride) {
        return may_be(o.shape, {1, o.shape[1], rows(stride), columns(stride)}) &&
               (!model.multiple_of || o.name.ends_with(fmt::format("_{}", stride)));
    };
    const auto held = [&](std::int64_t length) { return model.multiple_of ? std::int64_t{-1} : length; };
    if (outputs.size() >= 3) {
        std::vector<OnnxModel::Output> heads;
        for (const int stride : {8, 16, 32})
            for (const auto& output : outputs)
                if (output.shape.size() == 4 && fits(output.shape[1]) && belongs_to(output, stride) &&
                    (heads.empty() || heads.front().shape[1] == output.shape[1]))
                    heads.push_back(
                        {output.name, {1, output.shape[1], held(rows(stride)), held(columns(stride))}});
        if (heads.size() == 3) {
            TRY_STATUS(check_classes(model, model.classes));
            const auto channels = static_cast<std::size_t>(heads.front().shape[1]);
            return std::make_unique<NanoDet>(model, std::move(heads), 3, channels, true);
        }
    }
    std::int64_t cells = 0;
    for (std::size_t strides = 1; strides <= std::size(kStrides); ++strides) {
        cells += rows(kStrides[strides - 1]) * columns(kStrides[strides - 1]);
        if (strides < 3 || outputs.size() != 1 || outputs[0].shape.size() != 3) continue;
        const auto channels = outputs[0].shape[2];
        if (!fits(channels) || !may_be(outputs[0].shape, {1, cells, channels})) continue;
        TRY_STATUS(check_classes(model, model.classes));
        return std::make_unique<NanoDet>(
            model, std::vector<OnnxModel::Output>{{outputs[0].name, {1, cells, channels}}}, strides,
            static_cast<std::size_t>(channels), false);
    }
    return wrong_outputs(
        model, outputs,
        fmt::format("[1, {0} + 4 bins, {1}, {2}] for stride 8 and two more, or one [1, {3}, {0} + "
                    "4 bins] ({4} rows without stride 64)",
                    model.classes, rows(8), columns(8), cells, cells - rows(64) * columns(64)));
}

}  // namespace passerby::vision
