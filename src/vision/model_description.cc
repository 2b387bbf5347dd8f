#include "vision/model_description.h"

#include <algorithm>

#include <fmt/ranges.h>

namespace passerby::vision {

namespace {

template <class T, std::size_t n>
using Names = std::array<std::pair<std::string_view, T>, n>;

constexpr Names<Decoding, 6> kDecodings{{{"nanodet", Decoding::nanodet},
                                         {"yunet", Decoding::yunet},
                                         {"ssd", Decoding::ssd},
                                         {"yolox", Decoding::yolox},
                                         {"fastestdet", Decoding::fastestdet},
                                         {"mediapipe-face", Decoding::face_range}}};
constexpr Names<ModelRole, 2> kRoles{{{"replace", ModelRole::replace}, {"join", ModelRole::join}}};
constexpr Names<ChannelOrder, 2> kOrders{{{"bgr", ChannelOrder::bgr}, {"rgb", ChannelOrder::rgb}}};
constexpr Names<Kind, 4> kKinds{
    {{"person", Kind::person}, {"face", Kind::face}, {"vehicle", Kind::vehicle}, {"screen", Kind::screen}}};

template <class T, std::size_t n>
Result<T> named(const Names<T, n>& names, const std::string& text, std::string_view what) {
    std::vector<std::string_view> known;
    for (const auto& [name, value] : names) {
        if (name == text) return value;
        known.push_back(name);
    }
    return fail(ErrorKind::invalid, "'{}' is no {}; write one of {}", text, what, fmt::join(known, ", "));
}

}  // namespace

std::vector<ClassLabel> coco_labels(int first) {
    // Person; bicycle, car, motorcycle, bus, truck; television, laptop, mobile phone. No train: to small
    // networks whole corridors look like one.
    return {{first + 0, Kind::person},  {first + 1, Kind::vehicle}, {first + 2, Kind::vehicle},
            {first + 3, Kind::vehicle}, {first + 5, Kind::vehicle}, {first + 7, Kind::vehicle},
            {first + 62, Kind::screen}, {first + 63, Kind::screen}, {first + 67, Kind::screen}};
}

std::string_view name(Decoding decoding) {
    return std::find_if(kDecodings.begin(), kDecodings.end(),
                        [&](const auto& d) { return d.second == decoding; })
        ->first;
}

Result<Decoding> decoding_named(const std::string& text) {
    return named(kDecodings, text, "decoder");
}
Result<ModelRole> model_role_named(const std::string& text) {
    return named(kRoles, text, "role");
}
Result<ChannelOrder> channel_order_named(const std::string& text) {
    return named(kOrders, text, "order of colours");
}
Result<Kind> labelled_kind_named(const std::string& text) {
    return named(kKinds, text, "kind of thing to cover");
}

}  // namespace passerby::vision
