// Ed25519 signatures (RFC 8032), by libsodium: small-order keys and signatures that could be changed into
// others are refused.
//
// A SigningKey is wiped when it goes, lies outside of core dumps where the kernel allows it, and is never
// copied.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace passerby::crypto {

using VerifyKey = std::array<std::byte, 32>;

bool verify(const VerifyKey&, std::string_view message, std::string_view signature);

class SigningKey {
  public:
    static SigningKey generate();
    // 32 bytes that are secret.
    static SigningKey from_seed(std::string_view seed);
    // The key in that file (mode 0600, one line: "passerby-ed25519 " and the seed in base64). exists: never
    // overwrites one (one caller at a time). corrupt: it is none. denied: others may read it.
    static Result<SigningKey> read(const std::filesystem::path&);
    Status write_new(const std::filesystem::path&) const;

    VerifyKey verify_key() const;
    std::string sign(std::string_view message) const;  // 64 bytes

  private:
    struct Wipe {
        void operator()(unsigned char*) const;
    };
    explicit SigningKey(std::unique_ptr<unsigned char[], Wipe> secret) : secret_{std::move(secret)} {}
    std::unique_ptr<unsigned char[], Wipe> secret_;  // sodium_malloc, seed and public key
};

}  // namespace passerby::crypto
