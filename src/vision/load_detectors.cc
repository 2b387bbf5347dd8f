#include "vision/load_detectors.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "crypto/digest.h"
#include "vision/network.h"
#include "vision/suppress.h"
#include "vision/text_map.h"

namespace passerby::vision {

namespace {

// The built-in models. What is not believed below the least score is not even mentioned.
ModelDescription built_in_person() {
    ModelDescription model;
    model.name = "person";
    model.decoding = Decoding::nanodet;
    model.input = {416, 416};
    model.multiple_of = 32;
    model.order = ChannelOrder::bgr;
    model.mean = {103.53F, 116.28F, 123.675F};
    model.deviation = {57.375F, 57.12F, 58.395F};
    model.labels = coco_labels(0);
    model.classes = kCocoClasses;
    model.least_score = 0.08F;
    return model;
}
ModelDescription built_in_face() {
    ModelDescription model;
    model.name = "face";
    model.decoding = Decoding::face_range;
    model.input = {192, 192};
    model.order = ChannelOrder::rgb;
    model.mean = model.deviation = {127.5F, 127.5F, 127.5F};
    model.labels = {{0, Kind::face}};
    model.least_score = 0.2F;
    return model;
}

bool finds(const ModelDescription& model, Kind kind) {
    return std::any_of(model.labels.begin(), model.labels.end(),
                       [&](const auto& label) { return label.kind == kind; });
}

class LoadedDetectors final : public Detectors {
  public:
    Result<std::vector<Detection>> bodies(const image::Picture& picture, image::Rect where) override {
        return all(bodies_, picture, where);
    }
    Result<std::vector<Detection>> faces(const image::Picture& picture, image::Rect where) override {
        return all(faces_, picture, where);
    }
    Result<std::vector<Detection>> texts(const image::Picture& picture, image::Rect where) override {
        return texts_ ? texts_->detect(picture, where) : Detectors::texts(picture, where);
    }
    const std::vector<ModelInfo>& models() const override { return models_; }
    int side_for_persons() const override { return side_for_persons_; }

    // A model that finds faces beside bodies is loaded twice, and each time only looks for the one.
    Status add(const ModelDescription& model, const std::string& sha256, const Runtime& runtime) {
        ModelDescription bodies = model, faces = model;
        std::erase_if(bodies.labels, [](const auto& label) { return label.kind == Kind::face; });
        std::erase_if(faces.labels, [](const auto& label) { return label.kind != Kind::face; });
        if (!bodies.labels.empty()) bodies_.push_back(TRY(Network::load(bodies, runtime)));
        if (!faces.labels.empty()) faces_.push_back(TRY(Network::load(faces, runtime)));
        if (finds(model, Kind::person))
            side_for_persons_ = std::max(side_for_persons_, bodies_.back().side());
        models_.push_back({model.name, model.file, sha256});
        return {};
    }
    Status add_text(const std::string& file, const std::string& sha256, const Runtime& runtime) {
        texts_ = TRY(TextMap::load(file, runtime));
        models_.push_back({"text", file, sha256});
        return {};
    }

  private:
    // Two models draw different boxes around one thing. Both stay, unless they are as good as the same.
    static Result<std::vector<Detection>> all(std::vector<Network>& networks, const image::Picture& picture,
                                              image::Rect where) {
        constexpr float kSame = 0.8F;
        std::vector<Detection> found;
        for (auto& network : networks) {
            auto more = TRY(network.detect(picture, where));
            found.insert(found.end(), more.begin(), more.end());
        }
        return networks.size() > 1 ? suppress_overlaps(std::move(found), kSame) : found;
    }

    std::vector<Network> bodies_, faces_;
    std::optional<TextMap> texts_;
    std::vector<ModelInfo> models_;
    int side_for_persons_ = 0;
};

// The file and hash of the entry `name` of models.json; the file has that hash.
Result<ModelInfo> pinned_model(const std::string& name, const nlohmann::json& manifest,
                               const std::filesystem::path& folder) {
    for (const auto& entry : manifest.at("models")) {
        if (entry.at("name") != name) continue;
        ModelInfo model{name, (folder / entry.at("file").get<std::string>()).string(), entry.at("sha256")};
        const auto hash = TRY(crypto::sha256_hex_of_file(model.file));
        if (hash != model.sha256)
            return fail(ErrorKind::corrupt,
                        "model '{}' has the SHA-256 {}, models.json says {}; set up again with './run build'",
                        model.file, hash, model.sha256);
        return model;
    }
    return fail(ErrorKind::not_found, "models.json in '{}' names no '{}' model", folder.string(), name);
}

// Whether this processor adds up products of 8-bit integers in one instruction. Without it integers are no
// faster than floats, and what there is instead overflows.
bool is_fast_with_integers() {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512vnni") || __builtin_cpu_supports("avxvnni");
#else
    return false;
#endif
}

// The file of a built-in model, as it is best run here.
Result<ModelInfo> best_pinned_model(const std::string& name, const nlohmann::json& manifest,
                                    const std::filesystem::path& folder, const Runtime& runtime) {
    if (runtime.provider == "cpu" && is_fast_with_integers()) {
        auto integers = pinned_model(name + "8", manifest, folder);
        if (integers || integers.error().kind != ErrorKind::not_found) return integers;
    }
    return pinned_model(name, manifest, folder);
}

// The hash of a user's model, which must be the one that its description tells, if any.
Result<std::string> hash_of_own(const ModelDescription& model) {
    if (model.labels.empty())
        return fail(ErrorKind::invalid,
                    "the description of model '{}' labels no class; add labels:", model.file);
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(model.file, ignored))
        return fail(ErrorKind::not_found, "the model '{}' is not there; correct file: in its description",
                    model.file);
    auto hash = TRY(crypto::sha256_hex_of_file(model.file));
    if (!model.sha256.empty() && model.sha256 != hash)
        return fail(
            ErrorKind::corrupt,
            "model '{}' has the SHA-256 {}, its description says {}; get the right file, or correct sha256:",
            model.file, hash, model.sha256);
    return hash;
}

}  // namespace

Result<std::unique_ptr<Detectors>> load_detectors(const DetectorOptions& options) try {
    const Runtime runtime{options.threads, options.provider};
    TRY_STATUS(check_provider(runtime.provider));
    const auto replaced = [&](Kind kind) {
        return std::any_of(options.models.begin(), options.models.end(), [&](const auto& own) {
            return own.role == ModelRole::replace && finds(own, kind);
        });
    };
    // What costs little comes first: a camera that is started over and over should not load models in vain.
    std::vector<std::string> hashes;
    for (const auto& model : options.models) hashes.push_back(TRY(hash_of_own(model)));
    auto detectors = std::make_unique<LoadedDetectors>();
    const std::filesystem::path folder{options.models_folder};
    const auto manifest = nlohmann::json::parse(TRY(read_file(folder / "models.json")));
    for (auto& model : {built_in_person(), built_in_face()}) {
        // Only what a user's model finds too is left to it: the rest of the kinds would be seen by nobody.
        auto left = model;
        std::erase_if(left.labels, [&](const auto& label) { return replaced(label.kind); });
        if (left.labels.empty()) continue;
        const auto pinned = TRY(best_pinned_model(left.name, manifest, folder, runtime));
        left.file = pinned.file;
        TRY_STATUS(detectors->add(left, pinned.sha256, runtime));
    }
    // Without it texts() is an error, and vehicles are covered as a whole.
    const auto text = pinned_model("text", manifest, folder);
    if (!text && text.error().kind != ErrorKind::not_found) return tl::unexpected{text.error()};
    if (text) TRY_STATUS(detectors->add_text(text->file, text->sha256, runtime));
    for (std::size_t i = 0; i < options.models.size(); ++i)
        TRY_STATUS(detectors->add(options.models[i], hashes[i], runtime));
    return detectors;
} catch (const nlohmann::json::exception& e) {
    return fail(ErrorKind::corrupt, "'{}/models.json': {}", options.models_folder, e.what());
}

}  // namespace passerby::vision
