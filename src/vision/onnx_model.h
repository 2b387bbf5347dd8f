// One ONNX network with one image input, run by ONNX Runtime. The only place that knows ONNX Runtime.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace passerby::vision {

struct Tensor {
    std::vector<std::int64_t> shape;
    std::span<const float> values;  // valid until the next run()
};

// Not thread-safe.
class OnnxModel {
  public:
    struct Expected {
        std::vector<std::int64_t> input;  // N, C, H, W
        std::vector<std::pair<std::string, std::vector<std::int64_t>>>
            outputs;  // name and shape, in the wanted order
    };

    // Refuses a file whose input or outputs are not as `expected`.
    static Result<std::unique_ptr<OnnxModel>> load(const std::string& path, const Expected& expected,
                                                   int threads);
    ~OnnxModel();

    // The input buffer, N*C*H*W values in that order: fill it, then run().
    std::span<float> input();
    // ErrorKind::internal when the runtime fails or an output is not finite.
    Result<std::vector<Tensor>> run();

  private:
    struct Impl;
    explicit OnnxModel(std::unique_ptr<Impl>);
    std::unique_ptr<Impl> impl_;
};

}  // namespace passerby::vision
