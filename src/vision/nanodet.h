// NanoDet-g, 416 x 416, trained on COCO: persons, vehicles and screens (https://github.com/RangiLyu/nanodet,
// Apache-2.0).
//
// The network is cut at its three head convolutions, strides 8, 16 and 32. A cell gives 80 class logits and 4
// x 11 logits over the distances from the cell's middle to the box's left, top, right and bottom, in strides
// 0..10 (generalised focal loss, Li et al. 2020).
#pragma once

#include "vision/detectors.h"
#include "vision/onnx_model.h"

namespace passerby::vision {

class NanoDet {
  public:
    static Result<NanoDet> load(const std::string& path, int threads);
    Result<std::vector<Detection>> detect(const image::Picture&, image::Rect where);

  private:
    explicit NanoDet(std::unique_ptr<OnnxModel> model) : model_{std::move(model)} {}
    std::unique_ptr<OnnxModel> model_;
};

}  // namespace passerby::vision
