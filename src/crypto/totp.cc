#include "crypto/totp.h"

#include <fmt/format.h>
#include <sodium.h>

#include "crypto/sha1.h"

namespace passerby::crypto {

namespace {

constexpr std::size_t kBlock = 64;
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

bool same(std::string_view a, std::string_view b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::string hmac_sha1(std::string_view key, std::string_view message) {
    std::string block{key};
    if (block.size() > kBlock) block = sha1(block);
    block.resize(kBlock, '\0');
    auto inner = block, outer = block;
    for (auto& c : inner) c = static_cast<char>(c ^ 0x36);
    for (auto& c : outer) c = static_cast<char>(c ^ 0x5C);
    return sha1(outer + sha1(inner.append(message)));
}

std::int64_t totp_step(WallTime time) {
    return time.since_epoch / kTotpStep;
}

std::string totp(std::string_view secret, std::int64_t step) {
    std::string counter;
    for (int shift = 56; shift >= 0; shift -= 8) counter += static_cast<char>(step >> shift);
    const auto mac = hmac_sha1(secret, counter);
    const auto at = static_cast<std::size_t>(mac.back() & 0xF);
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(mac[at + i]);
    return fmt::format("{:06}", (number & 0x7FFFFFFF) % 1'000'000);
}

std::optional<std::int64_t> totp_fits(std::string_view secret, std::string_view code, WallTime now,
                                      std::int64_t used) {
    for (const std::int64_t late : {0, -1, 1}) {
        const auto step = totp_step(now) + late;
        if (step > used && same(totp(secret, step), code)) return step;
    }
    return std::nullopt;
}

std::string random_totp_secret() {
    std::string secret(kTotpSecret, '\0');
    randombytes_buf(secret.data(), secret.size());
    return secret;
}

std::string to_base32(std::string_view bytes) {
    std::string text;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(c);
        for (count += 8; count >= 5; count -= 5) text += kAlphabet[bits >> (count - 5) & 31];
    }
    if (count > 0) text += kAlphabet[bits << (5 - count) & 31];
    return text;
}

std::optional<std::string> from_base32(std::string_view text) {
    std::string bytes;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        if (c == ' ') continue;
        const auto value = kAlphabet.find(c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c);
        if (value == std::string_view::npos) return std::nullopt;
        bits = bits << 5 | static_cast<std::uint32_t>(value);
        if ((count += 5) >= 8) bytes += static_cast<char>(bits >> (count -= 8));
    }
    if (count >= 5 || (bits & ((1U << count) - 1)) != 0) return std::nullopt;
    return bytes;
}

}  // namespace passerby::crypto
