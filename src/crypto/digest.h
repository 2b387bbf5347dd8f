// SHA-256.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace passerby::crypto {

using Sha256Digest = std::array<std::byte, 32>;

// Of bytes that come in pieces. A copy goes on by itself.
class Sha256 {
  public:
    Sha256();
    Sha256& add(std::span<const std::byte>);
    Sha256& add(std::string_view text) { return add(std::as_bytes(std::span{text})); }
    Sha256Digest digest() const;  // of all that was added until now; more may follow

  private:
    alignas(8) std::array<unsigned char, 128> state_;  // libsodium's
};

Sha256Digest sha256(std::string_view bytes);

// In lower-case hexadecimal.
std::string sha256_hex(std::string_view bytes);
std::string to_hex(std::string_view bytes);
std::string to_hex(std::span<const std::byte> bytes);
// Of the first `bytes` bytes of an open file, 32 raw bytes. corrupt: it is shorter, or cannot be read.
Result<std::string> sha256_of_fd(int fd, std::uint64_t bytes);
Result<std::string> sha256_hex_of_file(const std::filesystem::path&);

}  // namespace passerby::crypto
