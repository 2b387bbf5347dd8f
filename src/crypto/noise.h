// Noise that makes a published count differentially private: the two-sided geometric law (the discrete
// Laplace),
//   P(x) = (1 - a) / (1 + a) * a^|x|   with a = exp(-1 / scale),
// drawn exactly, with whole numbers alone (Canonne, Kamath, Steinke, "The Discrete Gaussian for Differential
// Privacy", 2020, algorithms 1 and 2): floating point would leave traces in its last bits.
#pragma once

#include <cstdint>
#include <functional>

namespace passerby::crypto {

// 64 bits that nobody can foretell. Tests pass others.
using RandomBits = std::function<std::uint64_t()>;
// From the kernel.
std::uint64_t random_bits();

// A fraction above 0; both parts at most 2^32.
struct NoiseScale {
    std::uint64_t of = 1, by = 1;
    double value() const { return static_cast<double>(of) / static_cast<double>(by); }
};

std::int64_t draw_noise(NoiseScale, const RandomBits&);

// The noise is at most this, up and down, in at least 95 of 100 draws.
std::int64_t usual_noise(NoiseScale);

}  // namespace passerby::crypto
