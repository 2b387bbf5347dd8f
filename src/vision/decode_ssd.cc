// Single-shot detectors (SSD, Liu et al. 2016) whose anchors were put into the network at its export, in the
// two layouts that are about. Boxes are left, top, right, bottom as shares of the input, 0 to 1.
//
// priors: scores [1, N, C], the probabilities of C classes of which class 0 is the background, and boxes [1,
// N, 4]. list: boxes [1, N, 4], scores [1, N] and class numbers [1, N], what is left after suppression; N may
// be free.
#include <algorithm>
#include <cmath>

#include "vision/decoder.h"

namespace passerby::vision {

namespace {

constexpr const char* kWanted =
    "boxes [1, N, 4] and scores [1, N, classes], or boxes [1, N, 4], scores [1, N] and labels [1, N]";

class Ssd final : public Decoder {
  public:
    Ssd(const ModelDescription& model, std::vector<OnnxModel::Output> reads)
        : model_{model}, reads_{std::move(reads)} {}

    const std::vector<OnnxModel::Output>& reads() const override { return reads_; }

    Result<std::vector<Detection>> decode(std::span<const Tensor> outputs) const override {
        const auto n = outputs[0].shape[1];
        for (const auto& output : outputs)
            if (output.shape[1] != n)
                return fail(ErrorKind::invalid,
                            "model '{}' gives {} boxes and {} scores or labels; export it again", model_.file,
                            n, output.shape[1]);
        std::vector<Detection> found;
        for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i)
            for (const auto& label : model_.labels) {
                const float score = score_of(label, outputs, i);
                TRY_STATUS(check_probability(model_, score));
                if (score >= model_.least_score)
                    TRY_STATUS(take(label, std::min(score, 1.F), outputs[0].values.subspan(4 * i, 4), found));
            }
        return found;
    }

  private:
    float score_of(const ClassLabel& label, std::span<const Tensor> outputs, std::size_t i) const {
        if (outputs.size() == 2)
            return outputs[1].values[i * static_cast<std::size_t>(outputs[1].shape[2]) +
                                     static_cast<std::size_t>(label.index)];
        return std::lround(outputs[2].values[i]) == label.index ? outputs[1].values[i] : 0.F;
    }

    Status take(const ClassLabel& label, float score, std::span<const float> corners,
                std::vector<Detection>& found) const {
        // A box reaches over the border a little; pixels are in the hundreds.
        constexpr float kFar = 2;
        for (const float corner : corners)
            if (std::abs(corner) > kFar)
                return fail(
                    ErrorKind::invalid,
                    "model '{}' gives the corner of a box as {}; the decoder ssd wants left, top, right and "
                    "bottom as shares of the picture (0 to 1): export it so",
                    model_.file, corner);
        const auto width = static_cast<float>(model_.input.width),
                   height = static_cast<float>(model_.input.height);
        const auto [left, right] = std::minmax(corners[0], corners[2]);
        const auto [top, bottom] = std::minmax(corners[1], corners[3]);
        found.push_back(
            {label.kind, score, left * width, top * height, (right - left) * width, (bottom - top) * height});
        return {};
    }

    const ModelDescription model_;
    const std::vector<OnnxModel::Output> reads_;  // boxes, scores, and of a list labels
};

bool is_called(const OnnxModel::Output& output, std::string_view what) {
    std::string name = output.name;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return name.find(what) != std::string::npos;
}

bool is_of_boxes(const OnnxModel::Output& output) {
    return may_be(output.shape, {1, -1, 4}) && output.shape[2] == 4;
}

using Reads = std::vector<OnnxModel::Output>;

// The boxes first, then the scores; of four classes they look alike, but for their names.
Result<std::unique_ptr<Decoder>> make_of_priors(const ModelDescription& model, Reads reads) {
    if (!is_of_boxes(reads[0]) || (is_of_boxes(reads[1]) && is_called(reads[1], "box")))
        std::swap(reads[0], reads[1]);
    if (!is_of_boxes(reads[0]) || !may_be(reads[1].shape, {1, reads[0].shape[1], -1}) ||
        reads[1].shape[2] < 2)
        return wrong_outputs(model, reads, kWanted);
    TRY_STATUS(check_classes(model, reads[1].shape[2]));
    for (const auto& label : model.labels)
        if (label.index == 0)
            return fail(
                ErrorKind::invalid,
                "class 0 of model '{}' is the background, as with every SSD of this layout; count its "
                "labels: from 1",
                model.file);
    return std::make_unique<Ssd>(model, std::move(reads));
}

Result<std::unique_ptr<Decoder>> make_of_list(const ModelDescription& model, OnnxModel::Output boxes,
                                              OnnxModel::Output scores, OnnxModel::Output labels) {
    const auto names_classes = [](const OnnxModel::Output& o) {
        return o.integers || is_called(o, "label") || is_called(o, "class");
    };
    if (names_classes(scores)) std::swap(scores, labels);
    const Reads reads{std::move(boxes), std::move(scores), std::move(labels)};
    if (!is_of_boxes(reads[0]) || !names_classes(reads[2]) || names_classes(reads[1]))
        return wrong_outputs(model, reads, kWanted);
    if (model.classes) TRY_STATUS(check_classes(model, model.classes));
    return std::make_unique<Ssd>(model, reads);
}

}  // namespace

Result<std::unique_ptr<Decoder>> make_ssd(const ModelDescription& model, Outputs outputs) {
    Reads tables, lists;
    for (const auto& output : outputs) {
        if (may_be(output.shape, {1, -1, -1})) tables.push_back(output);
        if (may_be(output.shape, {1, -1})) lists.push_back(output);
    }
    if (tables.size() == 2 && lists.empty()) return make_of_priors(model, std::move(tables));
    if (tables.size() == 1 && lists.size() == 2) return make_of_list(model, tables[0], lists[0], lists[1]);
    return wrong_outputs(model, outputs, kWanted);
}

}  // namespace passerby::vision
