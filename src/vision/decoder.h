// Turns what a network gives into boxes. One decoder for each kind of network, in a file of its own that says
// what it reads and where that layout comes from.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "vision/model_description.h"
#include "vision/onnx_model.h"

namespace passerby::vision {

// Constant after construction.
class Decoder {
  public:
    virtual ~Decoder() = default;
    // What it reads of the network, in the order in which decode() wants it.
    virtual const std::vector<OnnxModel::Output>& reads() const = 0;
    // Boxes in pixels of the network's input, of the labelled classes from the least score on; many of one
    // thing. `outputs` have the shapes of reads(). An error where the values cannot be what they are taken
    // for.
    virtual Result<std::vector<Detection>> decode(std::span<const Tensor> outputs) const = 0;
};

// The decoder that `model` names, for a network with these outputs; an error says what it has and what is
// wanted.
using Outputs = std::span<const OnnxModel::Output>;
Result<std::unique_ptr<Decoder>> make_decoder(const ModelDescription& model, Outputs outputs);

// One for each decoder; what make_decoder() chooses from.
Result<std::unique_ptr<Decoder>> make_nanodet(const ModelDescription&, Outputs);
Result<std::unique_ptr<Decoder>> make_yunet(const ModelDescription&, Outputs);
Result<std::unique_ptr<Decoder>> make_ssd(const ModelDescription&, Outputs);
Result<std::unique_ptr<Decoder>> make_yolox(const ModelDescription&, Outputs);
Result<std::unique_ptr<Decoder>> make_fastestdet(const ModelDescription&, Outputs);
Result<std::unique_ptr<Decoder>> make_face_range(const ModelDescription&, Outputs);

// What they share.

// "model 'x.onnx' gives … where the decoder wants `wanted`", and the mend.
tl::unexpected<Error> wrong_outputs(const ModelDescription&, Outputs, const std::string& wanted);
// Whether the network's `classes` are those of the description, and hold all its labels.
Status check_classes(const ModelDescription&, std::int64_t classes);
// An error unless `score` is a probability: networks can be exported with logits in their place.
Status check_probability(const ModelDescription&, float score);
// Cells of a feature map along `length` pixels of the input.
inline std::int64_t cells_along(int length, int stride) {
    return (length + stride - 1) / stride;
}
const OnnxModel::Output* find_output(Outputs, std::string_view name);
// Whether two shapes can be the same; -1 is any length.
bool may_be(const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& wanted);

}  // namespace passerby::vision
