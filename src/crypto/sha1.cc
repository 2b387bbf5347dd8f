#include "crypto/sha1.h"

#include <array>
#include <bit>
#include <cstdint>

namespace passerby::crypto {

namespace {

constexpr std::size_t kBlock = 64;

}  // namespace

std::string sha1(std::string message) {
    const auto bits = static_cast<std::uint64_t>(message.size()) * 8;
    message += '\x80';
    message.append((kBlock + kBlock - 8 - message.size() % kBlock) % kBlock, '\0');
    for (int shift = 56; shift >= 0; shift -= 8) message += static_cast<char>(bits >> shift);

    std::array<std::uint32_t, 5> h{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    for (std::size_t at = 0; at < message.size(); at += kBlock) {
        std::array<std::uint32_t, 80> w;
        for (std::size_t i = 0; i < kBlock; ++i)
            w[i / 4] = w[i / 4] << 8 | static_cast<unsigned char>(message[at + i]);
        for (std::size_t i = 16; i < 80; ++i)
            w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        auto [a, b, c, d, e] = h;
        for (std::size_t i = 0; i < 80; ++i) {
            const auto [f, k] = i < 20   ? std::pair{(b & c) | (~b & d), 0x5A827999U}
                                : i < 40 ? std::pair{b ^ c ^ d, 0x6ED9EBA1U}
                                : i < 60 ? std::pair{(b & c) | (b & d) | (c & d), 0x8F1BBCDCU}
                                         : std::pair{b ^ c ^ d, 0xCA62C1D6U};
            const auto next = std::rotl(a, 5) + f + e + k + w[i];
            e = d, d = c, c = std::rotl(b, 30), b = a, a = next;
        }
        h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
    }
    std::string digest;
    for (const auto word : h)
        for (int shift = 24; shift >= 0; shift -= 8) digest += static_cast<char>(word >> shift);
    return digest;
}

}  // namespace passerby::crypto
