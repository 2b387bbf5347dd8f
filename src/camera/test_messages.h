// Messages for tests: within bounds, tiny, and with boxes that hold nothing.
#pragma once

#include <string_view>

#include "camera/protocol.h"

namespace passerby::camera {

inline Bytes test_box(std::string_view type, std::size_t content = 0) {
    const auto size = 8 + content;
    Bytes box(size);
    for (std::size_t i = 0; i < 4; ++i) box[i] = static_cast<std::byte>(size >> (8 * (3 - i)) & 0xFF);
    for (std::size_t i = 0; i < 4; ++i) box[4 + i] = static_cast<std::byte>(type[i]);
    return box;
}
inline Bytes operator+(Bytes a, const Bytes& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

inline vision::ModelDescription test_model() {
    vision::ModelDescription model;
    model.name = "faces";
    model.file = "/srv/models/faces.onnx";
    model.decoding = vision::Decoding::yunet;
    model.input = {320, 240};
    model.labels = {{0, vision::Kind::face}};
    return model;
}
inline Start test_start() {
    Start start;
    start.camera = "entrance";
    start.url = "rtsp://10.0.0.7/1";
    start.rule.also = {*Network::parse("127.0.0.0/8"), *Network::parse("fd00:1::/32")};
    start.user = "viewer";
    start.password = "s3cret-of-the-door";
    start.policy.masks = {{{0, 0}, {0.5F, 0}, {0.5F, 1}}};
    start.models_folder = "models";
    return start;
}
inline OriginalsPolicy test_originals() {
    return {{1, {age::Identity::generate().recipient()}}, {Micros{1'800'000'000'000'000}}};
}
inline Sealed test_sealed() {
    return {Bytes(100), {Micros{1'772'366'400'000'000}}, {Micros{1'772'366'410'000'000}}};
}
inline Activity test_activity() {
    return {{Micros{1'772'366'400'000'000}}, {Micros{1'772'367'300'000'000}}, {{1, {4, -1}, {0, 3}}}};
}
inline Init test_init() {
    return {test_box("ftyp") + test_box("moov"), "avc1.64001f", {768, 576}, 25};
}

// The `number`th fragment of a quarter of a second; a keyframe each second.
inline Fragment test_fragment(int number) {
    return {test_box("moof") + test_box("mdat", 4),
            number * Micros{250'000},
            Micros{250'000},
            6,
            number % 4 == 0,
            0.125,
            Micros{800'000}};
}

}  // namespace passerby::camera
