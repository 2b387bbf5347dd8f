#include "crypto/digest.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include <sodium.h>
#include <unistd.h>

#include "base/file.h"

namespace passerby::crypto {

namespace {

using State = crypto_hash_sha256_state;
static_assert(sizeof(State) <= 128 && alignof(State) <= 8);

}  // namespace

Sha256::Sha256() {
    State state;
    crypto_hash_sha256_init(&state);
    std::memcpy(state_.data(), &state, sizeof state);
}

Sha256& Sha256::add(std::span<const std::byte> bytes) {
    State state;
    std::memcpy(&state, state_.data(), sizeof state);
    crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    std::memcpy(state_.data(), &state, sizeof state);
    return *this;
}

Sha256Digest Sha256::digest() const {
    State state;
    std::memcpy(&state, state_.data(), sizeof state);
    Sha256Digest digest;
    crypto_hash_sha256_final(&state, reinterpret_cast<unsigned char*>(digest.data()));
    return digest;
}

Sha256Digest sha256(std::string_view bytes) {
    return Sha256{}.add(bytes).digest();
}

std::string to_hex(std::string_view bytes) {
    std::string hex(2 * bytes.size() + 1, '\0');
    sodium_bin2hex(hex.data(), hex.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                   bytes.size());
    hex.pop_back();
    return hex;
}

std::string to_hex(std::span<const std::byte> bytes) {
    return to_hex(std::string_view{reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string sha256_hex(std::string_view bytes) {
    return to_hex(sha256(bytes));
}

Result<std::string> sha256_of_fd(int fd, std::uint64_t bytes) {
    constexpr std::uint64_t kPiece = std::uint64_t{1} << 20;
    std::vector<std::byte> piece(static_cast<std::size_t>(std::min(kPiece, bytes)));
    Sha256 hash;
    for (std::uint64_t at = 0; at < bytes;) {
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), bytes - at));
        const auto n = ::pread(fd, piece.data(), wanted, static_cast<off_t>(at));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return fail(ErrorKind::corrupt, "a file cannot be read at byte {} of {}", at, bytes);
        hash.add(std::span{piece}.first(static_cast<std::size_t>(n)));
        at += static_cast<std::uint64_t>(n);
    }
    const auto digest = hash.digest();
    return std::string{reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Result<std::string> sha256_hex_of_file(const std::filesystem::path& path) {
    return sha256_hex(TRY(read_file(path)));
}

}  // namespace passerby::crypto
