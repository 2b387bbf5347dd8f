#include "vision/detectors.h"

#include <filesystem>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "crypto/digest.h"
#include "vision/face_range.h"
#include "vision/nanodet.h"
#include "vision/text_map.h"

namespace passerby::vision {

namespace {

class LoadedDetectors final : public Detectors {
  public:
    LoadedDetectors(NanoDet bodies, FaceRange faces, TextMap texts, std::vector<ModelInfo> models)
        : bodies_{std::move(bodies)},
          faces_{std::move(faces)},
          texts_{std::move(texts)},
          models_{std::move(models)} {}

    Result<std::vector<Detection>> bodies(const image::Picture& picture, image::Rect where) override {
        return bodies_.detect(picture, where);
    }
    Result<std::vector<Detection>> faces(const image::Picture& picture, image::Rect where) override {
        return faces_.detect(picture, where);
    }
    Result<std::vector<Detection>> texts(const image::Picture& picture, image::Rect where) override {
        return texts_.detect(picture, where);
    }
    const std::vector<ModelInfo>& models() const override { return models_; }

  private:
    NanoDet bodies_;
    FaceRange faces_;
    TextMap texts_;
    std::vector<ModelInfo> models_;
};

// The entry `name` of models.json; its file must have the hash that stands there.
Result<ModelInfo> pinned_model(const nlohmann::json& manifest, const std::filesystem::path& folder,
                               std::string_view name) {
    for (const auto& entry : manifest.at("models")) {
        if (entry.at("name") != name) continue;
        ModelInfo model{std::string{name}, (folder / entry.at("file").get<std::string>()).string(),
                        entry.at("sha256")};
        const auto hash = TRY(crypto::sha256_hex_of_file(model.file));
        if (hash != model.sha256)
            return fail(ErrorKind::corrupt,
                        "model '{}' has the SHA-256 {}, models.json says {}; set up again with './run build'",
                        model.file, hash, model.sha256);
        return model;
    }
    return fail(ErrorKind::not_found, "models.json in '{}' names no '{}' model", folder.string(), name);
}

}  // namespace

Result<std::unique_ptr<Detectors>> load_detectors(const DetectorOptions& options) try {
    const std::filesystem::path folder{options.models_folder};
    const auto manifest = nlohmann::json::parse(TRY(read_file(folder / "models.json")));
    auto person = TRY(pinned_model(manifest, folder, "person"));
    auto face = TRY(pinned_model(manifest, folder, "face"));
    auto text = TRY(pinned_model(manifest, folder, "text"));
    auto bodies = TRY(NanoDet::load(person.file, options.threads));
    auto faces = TRY(FaceRange::load(face.file, options.threads));
    auto texts = TRY(TextMap::load(text.file, options.threads));
    std::vector<ModelInfo> models{std::move(person), std::move(face), std::move(text)};
    return std::make_unique<LoadedDetectors>(std::move(bodies), std::move(faces), std::move(texts),
                                             std::move(models));
} catch (const nlohmann::json::exception& e) {
    return fail(ErrorKind::corrupt, "'{}/models.json': {}", options.models_folder, e.what());
}

}  // namespace passerby::vision
