// ONNX files for tests: networks that take a picture and always give the same. Written byte by byte
// (onnx.proto of https://github.com/onnx/onnx), since no library here writes them.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace passerby::vision {

// An output that is always `values`. `declared`: the shape that the file tells, where it is another one; -1
// is free.
struct ConstantOutput {
    std::string name;
    std::vector<std::int64_t> shape;
    std::vector<float> values;
    bool integers = false;
    std::vector<std::int64_t> declared = {};
};

namespace onnx_file {

inline constexpr int kFloat = 1, kUint8 = 2, kInt64 = 7;

inline std::string varint(std::uint64_t v) {
    std::string out;
    for (; v >= 0x80; v >>= 7) out += static_cast<char>(v | 0x80);
    return out + static_cast<char>(v);
}
inline std::string number(int field, std::uint64_t v) {
    return varint(static_cast<std::uint64_t>(field) << 3) + varint(v);
}
inline std::string bytes(int field, std::string_view content) {
    return varint(static_cast<std::uint64_t>(field) << 3 | 2) + varint(content.size()) + std::string{content};
}

inline std::string value_info(const std::string& name, int type, const std::vector<std::int64_t>& shape) {
    std::string dimensions;
    for (const auto d : shape)
        dimensions += bytes(1, d < 0 ? bytes(2, "n") : number(1, static_cast<std::uint64_t>(d)));
    return bytes(1, name) +
           bytes(2, bytes(1, number(1, static_cast<std::uint64_t>(type)) + bytes(2, dimensions)));
}

inline std::string tensor(const std::string& name, const ConstantOutput& output) {
    std::string raw;
    for (const float v : output.values) {
        const auto whole = static_cast<std::int64_t>(v);
        raw += output.integers ? std::string{reinterpret_cast<const char*>(&whole), sizeof whole}
                               : std::string{reinterpret_cast<const char*>(&v), sizeof v};
    }
    std::string out;
    for (const auto d : output.shape) out += number(1, static_cast<std::uint64_t>(d));
    return out + number(2, output.integers ? kInt64 : kFloat) + bytes(8, name) + bytes(9, raw);
}

}  // namespace onnx_file

// Writes a network with the picture input `input` and these outputs.
inline void write_onnx(const std::filesystem::path& path, const std::vector<std::int64_t>& input,
                       const std::vector<ConstantOutput>& outputs, int input_type = onnx_file::kFloat) {
    using namespace onnx_file;
    std::string graph = bytes(2, "constant") + bytes(11, value_info("picture", input_type, input));
    for (const auto& output : outputs) {
        const auto constant = output.name + "_constant";
        graph += bytes(1, bytes(1, constant) + bytes(2, output.name) + bytes(4, "Identity"));
        graph += bytes(5, tensor(constant, output));
        graph += bytes(12, value_info(output.name, output.integers ? kInt64 : kFloat,
                                      output.declared.empty() ? output.shape : output.declared));
    }
    std::ofstream{path, std::ios::binary} << number(1, 6) << bytes(7, graph) << bytes(8, number(2, 11));
}

}  // namespace passerby::vision
