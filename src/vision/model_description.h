// What is in a model's file and how to read it. Those of the built-in models stand in detectors.cc, a user's
// come from a small YAML file (doc/models.md). Nothing in it is guessed: a wrong guess would be a detector
// that sees nobody.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "image/plane.h"
#include "vision/detectors.h"

namespace passerby::vision {

// How a network's outputs become boxes. Each has its file, decode_*.cc, which says what it reads.
enum class Decoding { nanodet, yunet, ssd, yolox, fastestdet, face_range };
// Whether the built-in models still look for the kinds of thing that this one finds.
enum class ModelRole { replace, join };
enum class ChannelOrder { bgr, rgb };

// What the network's class number `index` is. Classes without a label are of no interest.
struct ClassLabel {
    int index = 0;
    Kind kind = Kind::person;
};

struct ModelDescription {
    std::string name;    // for people, in reports
    std::string file;    // ONNX
    std::string sha256;  // of the file, lower-case hexadecimal; empty: any
    Decoding decoding = Decoding::nanodet;
    ModelRole role = ModelRole::join;
    image::Size input;  // pixels
    // Not 0: the network takes any multiple of this for each side, up to those of `input`.
    int multiple_of = 0;
    ChannelOrder order = ChannelOrder::bgr;
    std::array<float, 3> mean{0, 0, 0}, deviation{1, 1, 1};  // per channel in that order, of 0-255
    std::vector<ClassLabel> labels;
    int classes = 0;  // that the network tells apart; 0: as its outputs say
    float least_score = 0.3F;
};

// The classes of COCO that matter, where its first, person, has the number `first`.
std::vector<ClassLabel> coco_labels(int first);
inline constexpr int kCocoClasses = 80;

// What a description keeps to, wherever it comes from.
inline constexpr int kLeastInput = 16, kMostInput = 2048;  // pixels
inline constexpr int kMostClasses = 10'000;
inline constexpr float kLowestLeastScore = 0.01F, kHighestLeastScore = 0.99F;

// The names in the YAML file. An error lists those that there are.
std::string_view name(Decoding);
Result<Decoding> decoding_named(const std::string&);
Result<ModelRole> model_role_named(const std::string&);
Result<ChannelOrder> channel_order_named(const std::string&);
Result<Kind> labelled_kind_named(const std::string&);

}  // namespace passerby::vision
