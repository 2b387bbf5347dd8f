// PP-OCRv4's text detector (DB; Liao et al. 2020; Apache-2.0): where text is, not what it says. A square of
// the picture gives the probability of text at each pixel of it, for the core of a line only: connected areas
// are grown.
#pragma once

#include "vision/detectors.h"
#include "vision/onnx_model.h"

namespace passerby::vision {

class TextMap {
  public:
    static Result<TextMap> load(const std::string& path, const Runtime&);
    // Upright boxes around pieces of text.
    Result<std::vector<Detection>> detect(const image::Picture&, image::Rect where);

  private:
    explicit TextMap(std::unique_ptr<OnnxModel> model) : model_{std::move(model)} {}
    std::unique_ptr<OnnxModel> model_;
};

}  // namespace passerby::vision
