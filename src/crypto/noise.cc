#include "crypto/noise.h"

#include <array>
#include <cmath>
#include <limits>

#include "crypto/secret.h"

namespace passerby::crypto {

namespace {

constexpr double kUnusual = 0.05;

// All numbers below `end` are equally likely.
std::uint64_t below(std::uint64_t end, const RandomBits& bits) {
    const auto most =
        std::numeric_limits<std::uint64_t>::max() - std::numeric_limits<std::uint64_t>::max() % end;
    for (;;)
        if (const auto drawn = bits(); drawn < most) return drawn % end;
}

// True with probability exp(-of / by), of fractions up to 1. It takes fewer than three rounds, mostly.
bool decays(std::uint64_t of, std::uint64_t by, const RandomBits& bits) {
    bool yes = true;
    // True with probability of / (by * round), without the product: once of `round`, and then of / by.
    for (std::uint64_t round = 1; below(round, bits) == 0 && below(by, bits) < of; ++round) yes = !yes;
    return yes;
}

}  // namespace

std::uint64_t random_bits() {
    std::array<std::byte, 8> bytes;
    fill_random(bytes);
    std::uint64_t bits = 0;
    for (const auto byte : bytes) bits = bits << 8 | static_cast<std::uint64_t>(byte);
    return bits;
}

std::int64_t draw_noise(NoiseScale scale, const RandomBits& bits) {
    for (;;) {
        const auto low = below(scale.of, bits);
        if (!decays(low, scale.of, bits)) continue;
        std::uint64_t high = 0;
        while (decays(1, 1, bits)) ++high;
        const auto size = static_cast<std::int64_t>((low + scale.of * high) / scale.by);
        const bool negative = below(2, bits) == 1;
        if (negative && size == 0) continue;  // there is one zero
        return negative ? -size : size;
    }
}

std::int64_t usual_noise(NoiseScale scale) {
    // P(|x| > n) = 2 a^(n + 1) / (1 + a)
    const double a = std::exp(-1 / scale.value());
    const double n = std::log(kUnusual * (1 + a) / 2) / std::log(a) - 1;
    return static_cast<std::int64_t>(std::ceil(std::max(0.0, n - 1e-9)));
}

}  // namespace passerby::crypto
