// One ONNX network with one image input, run by ONNX Runtime. The only place that knows ONNX Runtime.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "image/plane.h"

namespace passerby::vision {

struct Tensor {
    std::vector<std::int64_t> shape;
    std::span<const float> values;  // valid until the next run(); whole numbers are made floats
};

// What runs the networks.
struct Runtime {
    int threads = 1;
    std::string provider =
        "cpu";  // ONNX Runtime's execution provider: cpu, cuda, tensorrt, openvino, xnnpack
};
// Whether this build has it; an error lists those it has.
Status check_provider(const std::string& provider);

// Not thread-safe.
class OnnxModel {
  public:
    struct Output {
        std::string name;
        std::vector<std::int64_t> shape;  // -1: any length
        bool integers = false;
    };

    // Refuses a file whose input is no picture of three channels and this size (which may be one of many).
    static Result<std::unique_ptr<OnnxModel>> load(const std::string& path, image::Size input,
                                                   const Runtime&);
    ~OnnxModel();

    // All that the network can give.
    const std::vector<Output>& outputs() const;
    // What run() gives, in this order; each must be among outputs(), and its shape is held to this one.
    void read(std::vector<Output>);
    // The input buffer, [1, 3, height, width] values: fill it, then run(). Another size than the one it was
    // loaded with is for networks that take any; others fail to run.
    std::span<float> input(image::Size);
    // ErrorKind::internal when the runtime fails, an output has another shape or a value that is not finite.
    Result<std::vector<Tensor>> run();

  private:
    struct Impl;
    explicit OnnxModel(std::unique_ptr<Impl>);
    std::unique_ptr<Impl> impl_;
};

}  // namespace passerby::vision
