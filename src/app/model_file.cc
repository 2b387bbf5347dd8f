#include "app/model_file.h"

#include <algorithm>

#include "app/config_values.h"
#include "app/yaml_reader.h"
#include "base/file.h"
#include "vision/load_detectors.h"

namespace passerby::app {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kLongestName = 100;

Result<std::string> sha256_from(const std::string& text) {
    const bool hex = std::all_of(text.begin(), text.end(),
                                 [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
    if (hex && text.size() == 64) return text;
    return fail(ErrorKind::invalid, "is no SHA-256; write what sha256sum prints, 64 of 0-9 and a-f");
}

Result<float> score_from(const std::string& text) {
    const auto score = number_from(text);
    if (score && *score >= vision::kLowestLeastScore && *score <= vision::kHighestLeastScore)
        return static_cast<float>(*score);
    return fail(ErrorKind::invalid, "'{}' is no score; write a number from {} to {}", text,
                vision::kLowestLeastScore, vision::kHighestLeastScore);
}

Result<float> mean_from(const std::string& text) {
    return static_cast<float>(TRY(number_from(text)));
}

Result<float> deviation_from(const std::string& text) {
    const auto deviation = TRY(number_from(text));
    if (deviation > 0) return static_cast<float>(deviation);
    return fail(ErrorKind::invalid,
                "{} cannot be; write what pixels (0-255) are divided by: 1 for a network that "
                "takes them as they are, 255 for one that takes 0-1",
                text);
}

class ModelReader : YamlReader {
  public:
    ModelReader(const fs::path& folder, ModelFileResult& result)
        : YamlReader{result.errors}, folder_{folder}, model_{result.model} {}

    void read(const YamlEntry& root) {
        if (!is_section(root,
                        {"file", "sha256", "decoder", "role", "input", "labels", "classes", "least_score"}))
            return;
        if (const auto file = required(root, "file", "the network's ONNX file, such as file: yunet.onnx"))
            model_.file = (folder_ / *file).lexically_normal().string();
        take(root, "sha256", model_.sha256, sha256_from);
        take_required(root, "decoder", "how its outputs are read, such as decoder: yunet", model_.decoding,
                      vision::decoding_named);
        take_required(root, "role", "role: join (the built-in model still looks) or role: replace",
                      model_.role, vision::model_role_named);
        if (const auto input = root.find("input"))
            read_input(*input);
        else
            error(root.line, "input", "is missing; write the keys size, colour, mean and std below it");
        take(root, "classes", model_.classes,
             [](const auto& text) { return whole_from(text, 1, vision::kMostClasses); });
        read_labels(root);
        take_required(root, "least_score", "from which score on it is believed, such as least_score: 0.3",
                      model_.least_score, score_from);
    }

  private:
    void read_input(const YamlEntry& input) {
        if (!is_section(input, {"size", "colour", "mean", "std"})) return;
        std::array<int, 2> size{};
        take_numbers(
            input, "size", "the pixels that it takes, such as size: 320 or size: [640, 480]", size,
            [](const auto& text) { return whole_from(text, vision::kLeastInput, vision::kMostInput); });
        model_.input = {size[0], size[1]};
        take_required(input, "colour", "the order of its channels, colour: bgr or colour: rgb", model_.order,
                      vision::channel_order_named);
        take_numbers(input, "mean", "what is subtracted from a pixel (0-255), such as mean: 0", model_.mean,
                     mean_from);
        take_numbers(input, "std", "what it is then divided by, such as std: 255", model_.deviation,
                     deviation_from);
    }

    // One number for all of `to`, or a list of as many.
    template <class T, std::size_t n, class Parse>
    void take_numbers(const YamlEntry& section, const std::string& name, const char* what,
                      std::array<T, n>& to, Parse parse) {
        const auto entry = section.find(name);
        if (!entry || !entry->node.IsSequence()) {
            take_required(section, name, what, to[0], parse);
            to.fill(to[0]);
        } else if (entry->node.size() != n) {
            error(*entry, fmt::format("is a list of {}; write one number, or {}", entry->node.size(), n));
        } else {
            for (std::size_t i = 0; i < n; ++i) {
                const auto node = entry->node[i];
                const YamlEntry item{node, fmt::format("{}[{}]", entry->path, i), node.Mark().line + 1};
                if (const auto text = text_of(item)) put(item, to[i], parse(*text));
            }
        }
    }

    void read_labels(const YamlEntry& root) {
        const auto labels = root.find("labels");
        if (!labels) {
            // A network of faces has one class.
            if (model_.decoding == vision::Decoding::yunet || model_.decoding == vision::Decoding::face_range)
                model_.labels = {{0, vision::Kind::face}};
            else
                error(root.line, "labels",
                      "is missing; write labels: coco, or labels: { 0: person, 2: vehicle }");
            return;
        }
        if (labels->node.IsScalar() && labels->node.Scalar() == "coco") {
            const bool background = model_.decoding == vision::Decoding::ssd;  // is its class 0
            model_.labels = vision::coco_labels(background ? 1 : 0);
            if (!model_.classes) model_.classes = vision::kCocoClasses + (background ? 1 : 0);
            return;
        }
        if (!is_section(*labels, {},
                        "numbers of classes, each with person, face, vehicle or screen; or write coco"))
            return;
        for (const auto& e : labels->node) {
            const YamlEntry entry{e.second, labels->child(e.first.Scalar()), e.first.Mark().line + 1};
            vision::ClassLabel label;
            const auto index = whole_from(e.first.Scalar(), 0, vision::kMostClasses);
            put(entry, label.index, index);
            if (!index) continue;
            if (const auto text = text_of(entry)) put(entry, label.kind, vision::labelled_kind_named(*text));
            model_.labels.push_back(label);
        }
    }

    const fs::path& folder_;
    vision::ModelDescription& model_;
};

}  // namespace

ModelFileResult parse_model_file(const std::string& text, const fs::path& file) {
    ModelFileResult result;
    result.model.name = file.stem().string().substr(0, kLongestName);
    const auto folder = fs::absolute(file).parent_path();
    read_yaml(text, "doc/models.md", result.errors, [&](const YamlEntry& root) {
        ModelReader{folder, result}.read(root);
    });
    return result;
}

ModelFileResult load_model_file(const fs::path& file) {
    const auto text = read_file(file);
    if (text) return parse_model_file(*text, file);
    ModelFileResult result;
    result.errors.push_back(
        {0, "", fmt::format("{}; name the YAML file that describes the model", text.error().message)});
    return result;
}

Status try_models(const std::vector<vision::ModelDescription>& models, const Inference& inference) {
    if (models.empty()) return {};
    const auto folder = TRY(resource("models")).string();
    TRY(vision::load_detectors({folder, inference.threads.value_or(1), inference.provider, models}));
    return {};
}

}  // namespace passerby::app
