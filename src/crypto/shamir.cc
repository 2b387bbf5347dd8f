#include "crypto/shamir.h"

#include <cstdint>

namespace passerby::crypto {

namespace {

// In GF(2^8) modulo x^8 + x^4 + x^3 + x + 1 (0x11b): eight rounds for every pair of factors, masks instead of
// branches.
std::uint8_t times(std::uint8_t a, std::uint8_t b) {
    unsigned product = 0, shifted = a;
    for (int bit = 0; bit < 8; ++bit) {
        product ^= shifted & (0u - ((b >> bit) & 1u));
        shifted = (shifted << 1) ^ (0x11bu & (0u - ((shifted >> 7) & 1u)));
    }
    return static_cast<std::uint8_t>(product);
}

// a^254, which is 1 / a.
std::uint8_t inverse(std::uint8_t a) {
    std::uint8_t power = a, result = 1;
    for (int bit = 1; bit < 8; ++bit) {
        power = times(power, power);
        result = times(result, power);
    }
    return result;
}

std::uint8_t number(std::byte b) {
    return std::to_integer<std::uint8_t>(b);
}

}  // namespace

Result<std::vector<Share>> split(const Bytes16& secret, int needed, int shares) {
    if (needed < 1 || shares < needed || shares > kMostShares)
        return fail(ErrorKind::invalid, "a secret cannot be split into {} shares of which {} are needed",
                    shares, needed);
    // From the highest power down; the last is the secret.
    std::vector<Bytes16> coefficients;
    for (int i = 1; i < needed; ++i) coefficients.push_back(Bytes16::random());
    coefficients.push_back(secret.copy());
    std::vector<Share> made(static_cast<std::size_t>(shares));
    for (int i = 0; i < shares; ++i) {
        auto& share = made[static_cast<std::size_t>(i)];
        share.index = static_cast<std::uint8_t>(i + 1);
        for (const auto& c : coefficients)
            for (std::size_t at = 0; at < Bytes16::kSize; ++at)
                share.value.bytes()[at] =
                    std::byte{times(number(share.value.bytes()[at]), share.index)} ^ c.bytes()[at];
    }
    return made;
}

Result<Bytes16> combine(std::span<const Share> shares) {
    if (shares.empty()) return fail(ErrorKind::invalid, "there is no share to combine");
    Bytes16 secret;
    for (const auto& share : shares) {
        if (share.index == 0) return fail(ErrorKind::invalid, "a share has the index 0, which none can have");
        std::uint8_t weight = 1;  // Lagrange's, at 0
        for (const auto& other : shares) {
            if (&other == &share) continue;
            if (other.index == share.index)
                return fail(ErrorKind::invalid, "there are two shares with the index {}", share.index);
            weight = times(weight, times(other.index, inverse(other.index ^ share.index)));
        }
        for (std::size_t at = 0; at < Bytes16::kSize; ++at)
            secret.bytes()[at] ^= std::byte{times(number(share.value.bytes()[at]), weight)};
    }
    return secret;
}

}  // namespace passerby::crypto
