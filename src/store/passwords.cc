#include "store/passwords.h"

#include <array>

#include <sodium.h>

namespace passerby::store {

namespace {

class Turn {
  public:
    explicit Turn(std::counting_semaphore<>& turns) : turns_{turns} { turns_.acquire(); }
    ~Turn() { turns_.release(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

  private:
    std::counting_semaphore<>& turns_;
};

constexpr std::string_view kLetters = "abcdefghjkmnpqrstuvwxyz23456789";
constexpr int kGroups = 4, kGroup = 5;

}  // namespace

Result<std::string> Passwords::hash(std::string_view password) {
    const Turn turn{turns_};
    std::array<char, crypto_pwhash_STRBYTES> text{};
    if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), cost_.operations, cost_.memory,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return fail(ErrorKind::unavailable, "not enough memory to hash a password: {} MiB are needed",
                    cost_.memory >> 20);
    return std::string{text.data()};
}

bool Passwords::fits(const std::string& hash, std::string_view password) {
    const Turn turn{turns_};
    return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

std::string random_password() {
    std::string text;
    for (int i = 0; i < kGroups * kGroup; ++i) {
        if (i > 0 && i % kGroup == 0) text += '-';
        text += kLetters[randombytes_uniform(kLetters.size())];
    }
    return text;
}

std::string random_token() {
    std::array<unsigned char, 32> bytes;
    randombytes_buf(bytes.data(), bytes.size());
    constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    std::array<char, sodium_base64_ENCODED_LEN(bytes.size(), kVariant)> text;
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kVariant);
    return text.data();
}

std::string token_hash(std::string_view token) {
    std::array<unsigned char, 32> hash;
    crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(token.data()),
                       token.size(), nullptr, 0);
    return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

}  // namespace passerby::store
