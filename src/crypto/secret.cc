#include "crypto/secret.h"

#include <sodium.h>

namespace passerby::crypto {

void wipe(std::span<std::byte> bytes) {
    sodium_memzero(bytes.data(), bytes.size());
}

bool same(std::span<const std::byte> a, std::span<const std::byte> b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

void fill_random(std::span<std::byte> bytes) {
    // It also chooses the fast code for this processor.
    [[maybe_unused]] static const int ready = sodium_init();
    randombytes_buf(bytes.data(), bytes.size());
}

}  // namespace passerby::crypto
