// The plate as a picture of the scene, and back.
#include <algorithm>
#include <stdexcept>

#include "vision/plate.h"

namespace passerby::vision {

void Plate::show(Reduced& scene) const {
    scene.grid = grid_;
    const std::size_t n = proven_.size();
    const auto take = [n](const std::vector<std::uint16_t>& from, std::vector<std::uint8_t>& to) {
        to.resize(n);
        std::uint8_t* __restrict out = to.data();
        const std::uint16_t* in = from.data();
        for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<std::uint8_t>(in[i] >> 8);
    };
    take(plate_.y, scene.y), take(plate_.u, scene.u), take(plate_.v, scene.v);
    const std::uint8_t* proven = proven_.data();
    std::uint8_t* __restrict luma = scene.y.data(), * __restrict u = scene.u.data(), * __restrict v = scene.v.data();
    for (std::size_t i = 0; i < n; ++i) {
        const auto shown = static_cast<std::uint8_t>(luma[i] > 0 ? luma[i] : 1);
        luma[i] = static_cast<std::uint8_t>(shown & proven[i]);
        u[i] = proven[i] ? u[i] : 128;
        v[i] = proven[i] ? v[i] : 128;
    }
}

void Plate::assume(const Reduced& scene) {
    if (scene.y.size() != proven_.size()) throw std::invalid_argument{"a scene of another size"};
    forget();
    for (std::size_t i = 0; i < proven_.size(); ++i) {
        plate_.take(i, scene);
        if (scene.y[i] == 0) continue;
        proven_[i] = 255;
        now_[i] = Now::plate;
    }
}

}  // namespace passerby::vision
