#include "vision/onnx_model.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include <fmt/ranges.h>
#include <onnxruntime_cxx_api.h>

#include "base/vectors.h"

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

struct Provider {
    std::string_view name, of_runtime;
    void (*add)(Ort::SessionOptions&);
};
constexpr Provider kProviders[] = {
    {"cpu", "CPUExecutionProvider", [](Ort::SessionOptions&) {}},  // always there, last
    {"cuda", "CUDAExecutionProvider",
     [](Ort::SessionOptions& o) { o.AppendExecutionProvider_CUDA(OrtCUDAProviderOptions{}); }},
    {"tensorrt", "TensorrtExecutionProvider",
     [](Ort::SessionOptions& o) { o.AppendExecutionProvider_TensorRT(OrtTensorRTProviderOptions{}); }},
    {"openvino", "OpenVINOExecutionProvider",
     [](Ort::SessionOptions& o) { o.AppendExecutionProvider_OpenVINO_V2({}); }},
    {"xnnpack", "XnnpackExecutionProvider",
     [](Ort::SessionOptions& o) { o.AppendExecutionProvider("XNNPACK", {}); }},
};

Result<const Provider*> provider_named(const std::string& name) {
    const auto available = Ort::GetAvailableProviders();
    std::vector<std::string_view> here;
    for (const auto& provider : kProviders) {
        const bool is_here =
            std::find(available.begin(), available.end(), provider.of_runtime) != available.end();
        if (is_here && provider.name == name) return &provider;
        if (is_here) here.push_back(provider.name);
    }
    return fail(
        ErrorKind::unavailable,
        "the ONNX Runtime of this build cannot run models on '{}', only on: {}; write one of these for the "
        "provider, or build with an ONNX Runtime that has it",
        name, fmt::join(here, ", "));
}

std::size_t volume(const std::vector<std::int64_t>& shape) {
    std::int64_t n = 1;
    for (const auto d : shape) n *= d;
    return static_cast<std::size_t>(n);
}

bool is_held_to(const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& wanted) {
    return std::equal(shape.begin(), shape.end(), wanted.begin(), wanted.end(),
                      [](auto is, auto want) { return is == want || want < 0; });
}

// The exponent of all others is less; the whole of them is looked at, so that it can be in vectors.
PASSERBY_VECTORS bool are_finite(std::span<const float> values) {
    constexpr std::uint32_t kExponent = 0x7F80'0000;
    std::uint32_t others = 0;
    for (const float v : values) others |= (std::bit_cast<std::uint32_t>(v) & kExponent) == kExponent;
    return others == 0;
}

Status check_input(const std::string& path, const Ort::ConstTensorTypeAndShapeInfo& info, image::Size size) {
    const auto shape = info.GetShape();
    const auto is = [&](std::size_t i, std::int64_t length) { return shape[i] < 0 || shape[i] == length; };
    if (info.GetElementType() != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT || shape.size() != 4 || !is(0, 1) ||
        !is(1, 3))
        return fail(
            ErrorKind::invalid,
            "model '{}' takes {} {}; it must take one picture as floats [1, 3, height, width]: export it "
            "so",
            path,
            info.GetElementType() == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT ? "floats"
                                                                         : "other values than floats",
            shape);
    if (!is(2, size.height) || !is(3, size.width))
        return fail(
            ErrorKind::invalid,
            "model '{}' takes pictures of {} x {}, its description says {} x {}; correct the size of its "
            "input",
            path, shape[3], shape[2], size.width, size.height);
    return {};
}

}  // namespace

struct OnnxModel::Impl {
    std::string path;
    std::vector<std::int64_t> input_shape;
    Ort::Session session{nullptr};
    Ort::MemoryInfo memory{Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault)};
    std::string input_name;
    std::vector<float> input;
    std::vector<Output> all, reads;
    std::vector<Ort::Value> outputs;
    std::vector<std::vector<float>> converted;  // one for each of reads: of those that are integers

    // The values of what was read at `i`, as floats.
    std::span<const float> values(std::size_t i, std::size_t count) {
        if (!reads[i].integers) return {outputs[i].GetTensorData<float>(), count};
        const std::span<const std::int64_t> whole{outputs[i].GetTensorData<std::int64_t>(), count};
        converted[i].assign(count, 0);
        std::transform(whole.begin(), whole.end(), converted[i].begin(),
                       [](std::int64_t v) { return static_cast<float>(v); });
        return converted[i];
    }
};

OnnxModel::OnnxModel(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
OnnxModel::~OnnxModel() = default;

Status check_provider(const std::string& provider) try {
    TRY(provider_named(provider));
    return {};
} catch (const std::exception& e) {
    return fail(ErrorKind::internal, "ONNX Runtime does not say what it can run models on: {}", e.what());
}

Result<std::unique_ptr<OnnxModel>> OnnxModel::load(const std::string& path, image::Size input,
                                                   const Runtime& runtime) try {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored))
        return fail(ErrorKind::not_found, "the model '{}' is not there; check its name and its folder", path);
    auto impl = std::make_unique<Impl>();
    impl->path = path;
    Ort::SessionOptions options;
    options.SetIntraOpNumThreads(runtime.threads);
    options.SetInterOpNumThreads(1);
    options.SetGraphOptimizationLevel(GraphOptimizationLevel::ORT_ENABLE_ALL);
    // Waiting threads sleep: a recorder shares its cores with decoders and encoders.
    options.AddConfigEntry("session.intra_op.allow_spinning", "0");
    TRY(provider_named(runtime.provider))->add(options);
    impl->session = Ort::Session{environment(), path.c_str(), options};

    Ort::AllocatorWithDefaultOptions allocator;
    if (impl->session.GetInputCount() != 1)
        return fail(ErrorKind::invalid, "model '{}' has {} inputs; it must have one picture: export it so",
                    path, impl->session.GetInputCount());
    impl->input_name = impl->session.GetInputNameAllocated(0, allocator).get();
    const auto type = impl->session.GetInputTypeInfo(0);
    TRY_STATUS(check_input(path, type.GetTensorTypeAndShapeInfo(), input));
    for (std::size_t i = 0; i < impl->session.GetOutputCount(); ++i) {
        const auto output = impl->session.GetOutputTypeInfo(i);
        if (output.GetONNXType() != ONNX_TYPE_TENSOR) continue;
        const auto info = output.GetTensorTypeAndShapeInfo();
        const auto element = info.GetElementType();
        if (element != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT && element != ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64)
            continue;
        impl->all.push_back({impl->session.GetOutputNameAllocated(i, allocator).get(), info.GetShape(),
                             element == ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64});
    }
    return std::unique_ptr<OnnxModel>{new OnnxModel{std::move(impl)}};
} catch (const std::exception& e) {
    return fail(ErrorKind::invalid, "cannot load model '{}': {}", path, e.what());
}

const std::vector<OnnxModel::Output>& OnnxModel::outputs() const {
    return impl_->all;
}

void OnnxModel::read(std::vector<Output> reads) {
    impl_->reads = std::move(reads);
    impl_->converted.resize(impl_->reads.size());
}

std::span<float> OnnxModel::input(image::Size size) {
    impl_->input_shape = {1, 3, size.height, size.width};
    impl_->input.resize(volume(impl_->input_shape));
    return impl_->input;
}

Result<std::vector<Tensor>> OnnxModel::run() try {
    auto& m = *impl_;
    auto value = Ort::Value::CreateTensor<float>(m.memory, m.input.data(), m.input.size(),
                                                 m.input_shape.data(), m.input_shape.size());
    const char* input_name = m.input_name.c_str();
    std::vector<const char*> output_names;
    for (const auto& output : m.reads) output_names.push_back(output.name.c_str());
    m.outputs = m.session.Run(Ort::RunOptions{nullptr}, &input_name, &value, 1, output_names.data(),
                              output_names.size());

    std::vector<Tensor> tensors;
    for (std::size_t i = 0; i < m.outputs.size(); ++i) {
        const auto shape = m.outputs[i].GetTensorTypeAndShapeInfo().GetShape();
        const auto& wanted = m.reads[i];
        if (!is_held_to(shape, wanted.shape))
            return fail(ErrorKind::internal, "model '{}' gave {} of shape {}, not {}", m.path, wanted.name,
                        shape, wanted.shape);
        const auto values = m.values(i, volume(shape));
        // Not-a-number compares false with every threshold: it would look like "nobody there".
        if (!are_finite(values))
            return fail(ErrorKind::internal,
                        "model '{}' gave a value that is not finite in {}; use another export of it", m.path,
                        wanted.name);
        tensors.push_back({shape, values});
    }
    return tensors;
} catch (const std::exception& e) {
    return fail(ErrorKind::internal, "model '{}' failed: {}", impl_->path, e.what());
}

}  // namespace passerby::vision
