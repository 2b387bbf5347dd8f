#include "vision/network.h"

#include <algorithm>
#include <cmath>

#include "image/buffer.h"
#include "vision/suppress.h"

namespace passerby::vision {

namespace {

// Of boxes of one kind that overlap by more, one stays. Faces side by side overlap less than persons do.
constexpr float kOverlap = 0.6F, kOverlapOfFaces = 0.3F;
// Of a part of a picture, when the network's input is free; and what its longer side has at least.
constexpr float kMostEnlarged = 2;
constexpr int kLeastSide = 160;
// What YOLOX was trained to see beside the picture.
constexpr float kYoloxPadding = 114;

Normalisation normalisation_of(const ModelDescription& model) {
    Normalisation n{model.order == ChannelOrder::bgr, model.mean, {}, {}};
    for (std::size_t c = 0; c < 3; ++c) {
        n.scale[c] = 1 / model.deviation[c];
        n.padding[c] = model.decoding == Decoding::yolox ? (kYoloxPadding - n.mean[c]) * n.scale[c] : 0;
    }
    return n;
}

// A picture of stripes, that a network may be tried on: not flat, so that no division by a deviation of zero
// inside it is the network's fault.
image::PictureBuffer trial_picture(image::Size size) {
    image::PictureBuffer buffer{size};
    const auto p = buffer.writable();
    for (const auto& plane : {p.y, p.u, p.v})
        for (int y = 0; y < plane.size.height; ++y)
            for (int x = 0; x < plane.size.width; ++x)
                plane.row(y)[x] = static_cast<std::uint8_t>(64 + (7 * x + 3 * y) % 128);
    return buffer;
}

// Whole pixels can be made of it: further out than any picture there is no box, nor where there is no number.
bool is_a_box(const Detection& d) {
    constexpr float kFarthest = 1e6F;
    const auto near = [](float v) { return std::abs(v) < kFarthest; };
    return near(d.x) && near(d.y) && near(d.width) && near(d.height);
}

}  // namespace

Network::Network(const ModelDescription& description, std::unique_ptr<OnnxModel> model,
                 std::unique_ptr<Decoder> decoder)
    : file_{description.file},
      input_{description.input},
      multiple_of_{description.multiple_of},
      normalisation_{normalisation_of(description)},
      overlap_{std::all_of(description.labels.begin(), description.labels.end(),
                           [](const auto& l) { return l.kind == Kind::face; })
                   ? kOverlapOfFaces
                   : kOverlap},
      model_{std::move(model)},
      decoder_{std::move(decoder)} {
    model_->read(decoder_->reads());
}

Result<Network> Network::load(const ModelDescription& description, const Runtime& runtime) {
    auto model = TRY(OnnxModel::load(description.file, description.input, runtime));
    auto decoder = TRY(make_decoder(description, model->outputs()));
    Network network{description, std::move(model), std::move(decoder)};
    const auto trial = trial_picture(description.input);
    TRY(network.detect(trial.view(), {0, 0, description.input.width, description.input.height}));
    return network;
}

// A small part enlarged beyond this shows no more; a wide one leaves no room for padding.
image::Size Network::size_for(image::Rect where) const {
    if (multiple_of_ == 0) return input_;
    const int enlarged =
        std::max(kLeastSide,
                 static_cast<int>(kMostEnlarged * static_cast<float>(std::max(where.width, where.height))));
    return input_for(where, std::min(side(), enlarged), multiple_of_);
}

Result<std::vector<Detection>> Network::detect(const image::Picture& picture, image::Rect where) {
    const image::Size input = size_for(where);
    const float scale = fill_network_input(picture, where, input, normalisation_, model_->input(input));
    const auto outputs = TRY(model_->run());
    auto found = TRY(decoder_->decode(outputs));
    for (auto& d : found) {
        // Outputs that are numbers can overflow on their way to a box.
        if (!is_a_box(d))
            return fail(ErrorKind::internal,
                        "model '{}' gave a box beyond all pictures; use another export of it", file_);
        d = {d.kind,
             d.score,
             static_cast<float>(where.x) + d.x / scale,
             static_cast<float>(where.y) + d.y / scale,
             d.width / scale,
             d.height / scale};
    }
    return suppress_overlaps(std::move(found), overlap_);
}

}  // namespace passerby::vision
