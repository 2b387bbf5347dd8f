// A network with its decoder: a part of a picture in, boxes out.
#pragma once

#include <algorithm>

#include "vision/decoder.h"
#include "vision/network_input.h"

namespace passerby::vision {

// Not thread-safe.
class Network {
  public:
    // Checks the network against its description, and that it gives finite values of the right shape for a
    // picture.
    static Result<Network> load(const ModelDescription&, const Runtime&);
    // Boxes are in pixels of `picture`; `where` must lie in it.
    Result<std::vector<Detection>> detect(const image::Picture& picture, image::Rect where);
    // The longer side of its input, pixels; the most, where it is free.
    int side() const { return std::max(input_.width, input_.height); }

  private:
    Network(const ModelDescription&, std::unique_ptr<OnnxModel>, std::unique_ptr<Decoder>);

    image::Size size_for(image::Rect where) const;

    std::string file_;
    image::Size input_;
    int multiple_of_;
    Normalisation normalisation_;
    float overlap_;
    std::unique_ptr<OnnxModel> model_;
    std::unique_ptr<Decoder> decoder_;
};

}  // namespace passerby::vision
