// MediaPipe's full-range face detector, 192 x 192 (BlazeFace; Bazarevsky et al. 2019; Apache-2.0): 48 x 48
// cells with one anchor in the middle of each. Box values are pixels of the input, relative to the anchor:
// middle x, y, width, height.
#pragma once

#include "vision/detectors.h"
#include "vision/onnx_model.h"

namespace passerby::vision {

class FaceRange {
  public:
    static Result<FaceRange> load(const std::string& path, int threads);
    Result<std::vector<Detection>> detect(const image::Picture&, image::Rect where);

  private:
    explicit FaceRange(std::unique_ptr<OnnxModel> model) : model_{std::move(model)} {}
    std::unique_ptr<OnnxModel> model_;
};

}  // namespace passerby::vision
