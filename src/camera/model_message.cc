#include "camera/model_message.h"

#include <algorithm>

#include "camera/wire_table.h"
#include "messages.pb.h"

namespace passerby::camera {

namespace {

using vision::ChannelOrder;
using vision::Decoding;
using vision::Kind;
using vision::ModelRole;
constexpr Table<Decoding, wire::Decoder, 6> kDecoders{{{Decoding::nanodet, wire::DECODER_NANODET},
                                                       {Decoding::yunet, wire::DECODER_YUNET},
                                                       {Decoding::ssd, wire::DECODER_SSD},
                                                       {Decoding::yolox, wire::DECODER_YOLOX},
                                                       {Decoding::fastestdet, wire::DECODER_FASTESTDET},
                                                       {Decoding::face_range, wire::DECODER_FACE_RANGE}}};
constexpr Table<ModelRole, wire::Role, 2> kRoles{
    {{ModelRole::replace, wire::ROLE_REPLACE}, {ModelRole::join, wire::ROLE_JOIN}}};
constexpr Table<ChannelOrder, wire::Order, 2> kOrders{
    {{ChannelOrder::bgr, wire::ORDER_BGR}, {ChannelOrder::rgb, wire::ORDER_RGB}}};
constexpr Table<Kind, wire::Thing, 4> kThings{{{Kind::person, wire::THING_PERSON},
                                               {Kind::face, wire::THING_FACE},
                                               {Kind::vehicle, wire::THING_VEHICLE},
                                               {Kind::screen, wire::THING_SCREEN}}};

template <class Values>
Status take_channels(const Values& from, std::array<float, 3>& to, std::string_view what) {
    if (static_cast<std::size_t>(from.size()) != to.size())
        return fail(ErrorKind::corrupt, "a model's {} of {} channels, not 3", what, from.size());
    std::copy(from.begin(), from.end(), to.begin());
    return {};
}

}  // namespace

void put_model(const vision::ModelDescription& from, wire::Model& to) {
    to.set_name(from.name);
    to.set_file(from.file);
    to.set_sha256(from.sha256);
    to.set_decoder(to_wire(kDecoders, from.decoding));
    to.set_role(to_wire(kRoles, from.role));
    to.set_width(from.input.width);
    to.set_height(from.input.height);
    to.set_order(to_wire(kOrders, from.order));
    for (const float mean : from.mean) to.add_mean(mean);
    for (const float deviation : from.deviation) to.add_std(deviation);
    for (const auto& label : from.labels) {
        auto& added = *to.add_labels();
        added.set_index(label.index);
        added.set_thing(to_wire(kThings, label.kind));
    }
    to.set_classes(from.classes);
    to.set_least_score(from.least_score);
}

Result<vision::ModelDescription> taken_model(const wire::Model& from) {
    vision::ModelDescription to;
    to.name = from.name();
    to.file = from.file();
    to.sha256 = from.sha256();
    to.decoding = TRY(from_wire(kDecoders, from.decoder(), "decoder"));
    to.role = TRY(from_wire(kRoles, from.role(), "role"));
    to.input = {from.width(), from.height()};
    to.order = TRY(from_wire(kOrders, from.order(), "order of colours"));
    TRY_STATUS(take_channels(from.mean(), to.mean, "mean"));
    TRY_STATUS(take_channels(from.std(), to.deviation, "std"));
    for (const auto& label : from.labels())
        to.labels.push_back({label.index(), TRY(from_wire(kThings, label.thing(), "kind of thing"))});
    to.classes = from.classes();
    to.least_score = from.least_score();
    return to;
}

}  // namespace passerby::camera
