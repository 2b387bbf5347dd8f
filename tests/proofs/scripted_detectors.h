// Detectors that say what the test wants, whatever the picture shows.
#pragma once

#include <functional>
#include <vector>

#include "vision/detectors.h"

namespace passerby::proofs {

class ScriptedDetectors final : public vision::Detectors {
  public:
    using Answer = Result<std::vector<vision::Detection>>;
    // Asked for every look at a picture or a part of it.
    std::function<Answer(image::Rect where)> bodies_seen = [](image::Rect) { return Answer{}; };
    std::function<Answer(image::Rect where)> faces_seen = [](image::Rect) { return Answer{}; };

    Answer bodies(const image::Picture&, image::Rect where) override { return bodies_seen(where); }
    Answer faces(const image::Picture&, image::Rect where) override { return faces_seen(where); }
    const std::vector<vision::ModelInfo>& models() const override { return models_; }

  private:
    std::vector<vision::ModelInfo> models_;
};

}  // namespace passerby::proofs
