#include "vision/onnx_model.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>

#include <fmt/ranges.h>
#include <onnxruntime_cxx_api.h>

namespace passerby::vision {

namespace {

// From 1.29 on ONNX Runtime's builds for Linux send usage data to their maker and leave a device number on
// the disk, unless this is set before the runtime starts. Set before main(), while there is one thread. See
// decision 6.
const bool kTelemetryRefused = ::setenv("ORT_DISABLE_TELEMETRY", "1", 1) == 0;

// One environment for the process: ONNX Runtime allows no more. Its own log is silent, errors come as
// exceptions.
Ort::Env& environment() {
    if (!kTelemetryRefused) throw std::runtime_error{"cannot switch off the telemetry of ONNX Runtime"};
    static Ort::Env env = [] {
        Ort::Env made{ORT_LOGGING_LEVEL_FATAL, "passerby"};
        made.DisableTelemetryEvents();
        return made;
    }();
    return env;
}

std::int64_t volume(const std::vector<std::int64_t>& shape) {
    std::int64_t n = 1;
    for (const auto d : shape) n *= d;
    return n;
}

}  // namespace

struct OnnxModel::Impl {
    std::string path;
    Expected expected;
    Ort::Session session{nullptr};
    Ort::MemoryInfo memory{Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault)};
    std::string input_name;
    std::vector<float> input;
    std::vector<Ort::Value> outputs;
};

OnnxModel::OnnxModel(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
OnnxModel::~OnnxModel() = default;

Result<std::unique_ptr<OnnxModel>> OnnxModel::load(const std::string& path, const Expected& expected,
                                                   int threads) try {
    auto impl = std::make_unique<Impl>();
    impl->path = path;
    impl->expected = expected;
    Ort::SessionOptions options;
    options.SetIntraOpNumThreads(threads);
    options.SetInterOpNumThreads(1);
    options.SetGraphOptimizationLevel(GraphOptimizationLevel::ORT_ENABLE_ALL);
    // Waiting threads sleep: a recorder shares its cores with decoders and encoders.
    options.AddConfigEntry("session.intra_op.allow_spinning", "0");
    impl->session = Ort::Session{environment(), path.c_str(), options};

    Ort::AllocatorWithDefaultOptions allocator;
    if (impl->session.GetInputCount() != 1)
        return fail(ErrorKind::invalid, "model '{}' has {} inputs; it must have one picture", path,
                    impl->session.GetInputCount());
    impl->input_name = impl->session.GetInputNameAllocated(0, allocator).get();
    auto shape = impl->session.GetInputTypeInfo(0).GetTensorTypeAndShapeInfo().GetShape();
    for (std::size_t i = 0; i < shape.size() && i < expected.input.size(); ++i)
        if (shape[i] < 0) shape[i] = expected.input[i];  // a free dimension takes what we give
    if (shape != expected.input)
        return fail(ErrorKind::invalid,
                    "model '{}' takes {} where its decoder gives {}; use the decoder that belongs to it",
                    path, shape, expected.input);
    impl->input.resize(static_cast<std::size_t>(volume(expected.input)));
    return std::unique_ptr<OnnxModel>{new OnnxModel{std::move(impl)}};
} catch (const std::exception& e) {
    return fail(ErrorKind::invalid, "cannot load model '{}': {}", path, e.what());
}

std::span<float> OnnxModel::input() {
    return impl_->input;
}

Result<std::vector<Tensor>> OnnxModel::run() try {
    auto& m = *impl_;
    auto value = Ort::Value::CreateTensor<float>(m.memory, m.input.data(), m.input.size(),
                                                 m.expected.input.data(), m.expected.input.size());
    const char* input_name = m.input_name.c_str();
    std::vector<const char*> output_names;
    for (const auto& [output, shape] : m.expected.outputs) output_names.push_back(output.c_str());
    m.outputs = m.session.Run(Ort::RunOptions{nullptr}, &input_name, &value, 1, output_names.data(),
                              output_names.size());

    std::vector<Tensor> tensors;
    for (std::size_t i = 0; i < m.outputs.size(); ++i) {
        const auto shape = m.outputs[i].GetTensorTypeAndShapeInfo().GetShape();
        const auto& [output, wanted] = m.expected.outputs[i];
        if (shape != wanted)
            return fail(ErrorKind::internal, "model '{}' gave {} of shape {}, not {}", m.path, output, shape,
                        wanted);
        const std::span<const float> values{m.outputs[i].GetTensorData<float>(),
                                            static_cast<std::size_t>(volume(shape))};
        // Not-a-number compares false with every threshold: it would look like "nobody there".
        if (!std::ranges::all_of(values, [](float v) { return std::isfinite(v); }))
            return fail(ErrorKind::internal, "model '{}' gave a value that is not finite in {}", m.path,
                        output);
        tensors.push_back({shape, values});
    }
    return tensors;
} catch (const std::exception& e) {
    return fail(ErrorKind::internal, "model '{}' failed: {}", impl_->path, e.what());
}

}  // namespace passerby::vision
