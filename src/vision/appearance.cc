#include "vision/appearance.h"

#include <algorithm>
#include <cstdlib>

namespace passerby::vision {

bool Appearance::same(std::size_t i, const Reduced& f, int within) const {
    const auto near = [within](std::uint16_t fixed, std::uint8_t value) {
        return std::abs((fixed >> 8) - value) <= within;
    };
    return near(y[i], f.y[i]) && near(u[i], f.u[i]) && near(v[i], f.v[i]);
}

bool Appearance::same(std::size_t i, const Appearance& other, int within) const {
    const auto near = [within](std::uint16_t a, std::uint16_t b) {
        return std::abs((a >> 8) - (b >> 8)) <= within;
    };
    return near(y[i], other.y[i]) && near(u[i], other.u[i]) && near(v[i], other.v[i]);
}

void Appearance::take(std::size_t i, const Reduced& f) {
    y[i] = static_cast<std::uint16_t>(f.y[i] << 8);
    u[i] = static_cast<std::uint16_t>(f.u[i] << 8);
    v[i] = static_cast<std::uint16_t>(f.v[i] << 8);
    discredit(i);
}

void Appearance::follow(std::size_t i, const Reduced& f, int shift) {
    const auto toward = [shift](std::uint16_t& fixed, std::uint8_t value) {
        fixed = static_cast<std::uint16_t>(fixed + (((value << 8) - fixed) >> shift));
    };
    toward(y[i], f.y[i]);
    toward(u[i], f.u[i]);
    toward(v[i], f.v[i]);
}

void Appearance::discredit_all() {
    for (auto* times : {&calm, &run}) std::fill(times->begin(), times->end(), 0U);
    std::fill(clear.begin(), clear.end(), std::uint8_t{0});
}

void Appearance::copy(std::size_t i, const Appearance& from) {
    y[i] = from.y[i], u[i] = from.u[i], v[i] = from.v[i];
    calm[i] = from.calm[i], run[i] = from.run[i], clear[i] = from.clear[i];
}

void Appearance::swap(std::size_t i, Appearance& other) {
    std::swap(y[i], other.y[i]), std::swap(u[i], other.u[i]), std::swap(v[i], other.v[i]);
    std::swap(calm[i], other.calm[i]), std::swap(run[i], other.run[i]), std::swap(clear[i], other.clear[i]);
}

}  // namespace passerby::vision
