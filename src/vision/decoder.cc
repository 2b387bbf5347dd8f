#include "vision/decoder.h"

#include <algorithm>

#include <fmt/ranges.h>

namespace passerby::vision {

Result<std::unique_ptr<Decoder>> make_decoder(const ModelDescription& model, Outputs outputs) {
    switch (model.decoding) {
        case Decoding::nanodet:
            return make_nanodet(model, outputs);
        case Decoding::yunet:
            return make_yunet(model, outputs);
        case Decoding::ssd:
            return make_ssd(model, outputs);
        case Decoding::yolox:
            return make_yolox(model, outputs);
        case Decoding::fastestdet:
            return make_fastestdet(model, outputs);
        case Decoding::face_range:
            return make_face_range(model, outputs);
    }
    return fail(ErrorKind::internal, "model '{}' has an unknown decoder", model.file);
}

tl::unexpected<Error> wrong_outputs(const ModelDescription& model, Outputs outputs,
                                    const std::string& wanted) {
    constexpr std::size_t kShown = 4;
    std::vector<std::string> has;
    for (const auto& output : outputs.first(std::min(kShown, outputs.size())))
        has.push_back(fmt::format("{} {}", output.name, output.shape));
    if (outputs.size() > kShown) has.push_back(fmt::format("{} more", outputs.size() - kShown));
    return fail(
        ErrorKind::invalid,
        "model '{}' gives {}; for pictures of {} x {} the decoder {} wants {}; name the decoder and the "
        "input size that belong to this network",
        model.file, fmt::join(has, ", "), model.input.width, model.input.height, name(model.decoding),
        wanted);
}

Status check_classes(const ModelDescription& model, std::int64_t classes) {
    if (model.classes && model.classes != classes)
        return fail(ErrorKind::invalid,
                    "model '{}' tells {} classes apart, its description says {}; correct classes: or labels:",
                    model.file, classes, model.classes);
    for (const auto& label : model.labels)
        if (label.index < 0 || label.index >= classes)
            return fail(ErrorKind::invalid,
                        "model '{}' has no class {}, its classes are 0 to {}; correct labels:", model.file,
                        label.index, classes - 1);
    return {};
}

Status check_probability(const ModelDescription& model, float score) {
    constexpr float kRounding = 0.01F;
    if (score >= -kRounding && score <= 1 + kRounding) return {};
    return fail(
        ErrorKind::invalid,
        "model '{}' gives a score of {}, which is no probability (0 to 1); name the decoder that belongs "
        "to it, or export it with its last sigmoid or softmax",
        model.file, score);
}

const OnnxModel::Output* find_output(Outputs outputs, std::string_view name) {
    const auto found =
        std::find_if(outputs.begin(), outputs.end(), [&](const auto& o) { return o.name == name; });
    return found == outputs.end() ? nullptr : &*found;
}

bool may_be(const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& wanted) {
    return std::equal(shape.begin(), shape.end(), wanted.begin(), wanted.end(),
                      [](auto a, auto b) { return a == b || a < 0 || b < 0; });
}

}  // namespace passerby::vision
