// Detectors for tests: they see what the test says, and tell where they were asked.
#pragma once

#include <functional>
#include <vector>

#include "vision/detectors.h"

namespace passerby::redact {

class FakeDetectors : public vision::Detectors {
  public:
    using Found = Result<std::vector<vision::Detection>>;
    using See = std::function<Found(const image::Picture&, image::Rect)>;
    See sees_bodies = nothing, sees_faces = nothing, sees_texts = nothing;
    std::vector<image::Rect> asked_for_texts;

    Found bodies(const image::Picture& picture, image::Rect where) override {
        return sees_bodies(picture, where);
    }
    Found faces(const image::Picture& picture, image::Rect where) override {
        return sees_faces(picture, where);
    }
    Found texts(const image::Picture& picture, image::Rect where) override {
        asked_for_texts.push_back(where);
        return sees_texts(picture, where);
    }
    const std::vector<vision::ModelInfo>& models() const override { return models_; }

    static Found nothing(const image::Picture&, image::Rect) { return std::vector<vision::Detection>{}; }
    static Found failing(const image::Picture&, image::Rect) {
        return fail(ErrorKind::internal, "the model is ill");
    }
    static See always(std::vector<vision::Detection> what) {
        return [what](const image::Picture&, image::Rect) { return what; };
    }

  private:
    std::vector<vision::ModelInfo> models_;
};

}  // namespace passerby::redact
