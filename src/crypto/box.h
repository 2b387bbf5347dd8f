// The primitives that age is made of: X25519 (RFC 7748), ChaCha20-Poly1305 (RFC 8439), HMAC-SHA-256 and
// HKDF-SHA-256 (RFC 5869). All by libsodium; only HKDF's two steps, which older ones lack, are put together
// here.
//
// No state, any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/secret.h"

namespace passerby::crypto {

using Key = Secret<32>;
using PublicKey = std::array<std::byte, 32>;
using Nonce = std::array<std::byte, 12>;

inline constexpr std::size_t kSealOverhead = 16;

PublicKey x25519_base(const Key&);
// Nothing: the other point is of small order, so that the result would be no secret.
std::optional<Key> x25519(const Key&, const PublicKey&);

Key hmac_sha256(std::string_view key, std::string_view message);
Key hkdf_sha256(std::string_view secret, std::string_view salt, std::string_view info);

// `plain` and 16 bytes that say whether it was changed. A nonce is used once for a key.
std::string seal(const Key&, const Nonce&, std::string_view plain);
// Nothing: another key, another nonce, or changed.
std::optional<std::string> open(const Key&, const Nonce&, std::string_view sealed);

}  // namespace passerby::crypto
