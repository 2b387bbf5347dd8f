// Enumerations of ours and those on the wire: one table for both directions.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace passerby::camera {

// Pairs of our value and the one on the wire.
template <class Ours, class Wire, std::size_t n>
using Table = std::array<std::pair<Ours, Wire>, n>;

template <class Ours, class Wire, std::size_t n>
Wire to_wire(const Table<Ours, Wire, n>& table, Ours ours) {
    for (const auto& [a, b] : table)
        if (a == ours) return b;
    return Wire{};
}

template <class Ours, class Wire, std::size_t n>
Result<Ours> from_wire(const Table<Ours, Wire, n>& table, Wire on_wire, std::string_view what) {
    for (const auto& [a, b] : table)
        if (b == on_wire) return a;
    return fail(ErrorKind::corrupt, "{} {} is unknown", what, static_cast<int>(on_wire));
}

}  // namespace passerby::camera
