#include "crypto/digest.h"

#include <array>

#include <sodium.h>

#include "base/file.h"

namespace passerby::crypto {

std::string sha256_hex(std::string_view bytes) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest;
    crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    std::array<char, 2 * crypto_hash_sha256_BYTES + 1> hex;
    sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
    return hex.data();
}

Result<std::string> sha256_hex_of_file(const std::filesystem::path& path) {
    return sha256_hex(TRY(read_file(path)));
}

}  // namespace passerby::crypto
