#include "crypto/box.h"

#include <sodium.h>

namespace passerby::crypto {

namespace {

// libsodium wants an address even where there is nothing.
const unsigned char* raw(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data() != nullptr ? text.data() : "");
}
const unsigned char* raw(const Key& key) {
    return reinterpret_cast<const unsigned char*>(key.bytes().data());
}
unsigned char* raw(Key& key) {
    return reinterpret_cast<unsigned char*>(key.bytes().data());
}
template <std::size_t size>
const unsigned char* raw(const std::array<std::byte, size>& bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

PublicKey x25519_base(const Key& secret) {
    PublicKey point;
    crypto_scalarmult_curve25519_base(reinterpret_cast<unsigned char*>(point.data()), raw(secret));
    return point;
}

std::optional<Key> x25519(const Key& secret, const PublicKey& point) {
    Key shared;
    // It refuses all points of small order.
    if (crypto_scalarmult_curve25519(raw(shared), raw(secret), raw(point)) != 0) return std::nullopt;
    return shared;
}

Key hmac_sha256(std::string_view key, std::string_view message) {
    crypto_auth_hmacsha256_state state;
    Key mac;
    crypto_auth_hmacsha256_init(&state, raw(key), key.size());
    crypto_auth_hmacsha256_update(&state, raw(message), message.size());
    crypto_auth_hmacsha256_final(&state, raw(mac));
    sodium_memzero(&state, sizeof state);
    return mac;
}

Key hkdf_sha256(std::string_view secret, std::string_view salt, std::string_view info) {
    // Extract, then one block of expand, which is all that 32 bytes take.
    const auto extracted = hmac_sha256(salt, secret);
    return hmac_sha256(extracted.text(), std::string{info} + '\x01');
}

std::string seal(const Key& key, const Nonce& nonce, std::string_view plain) {
    std::string sealed(plain.size() + kSealOverhead, '\0');
    crypto_aead_chacha20poly1305_ietf_encrypt(reinterpret_cast<unsigned char*>(sealed.data()), nullptr,
                                              raw(plain), plain.size(), nullptr, 0, nullptr, raw(nonce),
                                              raw(key));
    return sealed;
}

std::optional<std::string> open(const Key& key, const Nonce& nonce, std::string_view sealed) {
    if (sealed.size() < kSealOverhead) return std::nullopt;
    std::string plain(sealed.size() - kSealOverhead, '\0');
    if (crypto_aead_chacha20poly1305_ietf_decrypt(reinterpret_cast<unsigned char*>(plain.data()), nullptr,
                                                  nullptr, raw(sealed), sealed.size(), nullptr, 0, raw(nonce),
                                                  raw(key)) != 0)
        return std::nullopt;
    return plain;
}

}  // namespace passerby::crypto
