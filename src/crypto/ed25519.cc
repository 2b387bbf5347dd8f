#include "crypto/ed25519.h"

#include <cstring>
#include <new>

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

#include "base/file.h"
#include "crypto/base64.h"

namespace passerby::crypto {

namespace {

constexpr std::string_view kHeader = "passerby-ed25519 ";

const unsigned char* raw(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* guarded(std::size_t bytes) {
    if (sodium_init() < 0) throw std::bad_alloc{};
    auto* memory = static_cast<unsigned char*>(sodium_malloc(bytes));
    if (memory == nullptr) throw std::bad_alloc{};
    return memory;
}

}  // namespace

bool verify(const VerifyKey& key, std::string_view message, std::string_view signature) {
    return signature.size() == crypto_sign_BYTES &&
           crypto_sign_verify_detached(raw(signature), raw(message), message.size(),
                                       reinterpret_cast<const unsigned char*>(key.data())) == 0;
}

void SigningKey::Wipe::operator()(unsigned char* memory) const {
    sodium_free(memory);
}

SigningKey SigningKey::generate() {
    std::unique_ptr<unsigned char[], Wipe> secret{guarded(crypto_sign_SECRETKEYBYTES)};
    VerifyKey ignored;
    crypto_sign_keypair(reinterpret_cast<unsigned char*>(ignored.data()), secret.get());
    return SigningKey{std::move(secret)};
}

SigningKey SigningKey::from_seed(std::string_view seed) {
    std::unique_ptr<unsigned char[], Wipe> secret{guarded(crypto_sign_SECRETKEYBYTES)};
    VerifyKey ignored;
    std::string padded{seed};
    padded.resize(crypto_sign_SEEDBYTES);
    crypto_sign_seed_keypair(reinterpret_cast<unsigned char*>(ignored.data()), secret.get(), raw(padded));
    sodium_memzero(padded.data(), padded.size());
    return SigningKey{std::move(secret)};
}

Result<SigningKey> SigningKey::read(const std::filesystem::path& file) {
    const auto fd = TRY(open_file(file, O_RDONLY | O_NOFOLLOW));
    struct stat about {};
    if (::fstat(fd.get(), &about) != 0)
        return fail_errno(errno, fmt::format("cannot read '{}'", file.string()));
    if ((about.st_mode & 077) != 0)
        return fail(ErrorKind::denied,
                    "others may read the key '{}'; make it yours alone: chmod 600, and think of a "
                    "new one",
                    file.string());
    auto text = TRY(read_file(file));
    const auto malformed = [&] {
        return fail(ErrorKind::corrupt, "'{}' holds no key of a ledger", file.string());
    };
    if (!text.starts_with(kHeader) || !text.ends_with('\n')) return malformed();
    auto seed = from_base64(std::string_view{text}.substr(kHeader.size(), text.size() - kHeader.size() - 1));
    sodium_memzero(text.data(), text.size());
    if (!seed || seed->size() != crypto_sign_SEEDBYTES) return malformed();
    auto key = from_seed(*seed);
    sodium_memzero(seed->data(), seed->size());
    return key;
}

Status SigningKey::write_new(const std::filesystem::path& file) const {
    std::string seed(crypto_sign_SEEDBYTES, '\0');
    crypto_sign_ed25519_sk_to_seed(reinterpret_cast<unsigned char*>(seed.data()), secret_.get());
    auto text = std::string{kHeader} + to_base64(seed) + '\n';
    const auto written = [&]() -> Status {
        std::error_code ignored;
        if (std::filesystem::exists(std::filesystem::symlink_status(file, ignored)))
            return fail(ErrorKind::exists, "there is a file '{}' already; move it away", file.string());
        // Whole or not at all: half a key would keep the next start from making one.
        return write_file_atomically(file, text, 0600);
    }();
    sodium_memzero(seed.data(), seed.size());
    sodium_memzero(text.data(), text.size());
    return written;
}

VerifyKey SigningKey::verify_key() const {
    VerifyKey key;
    crypto_sign_ed25519_sk_to_pk(reinterpret_cast<unsigned char*>(key.data()), secret_.get());
    return key;
}

std::string SigningKey::sign(std::string_view message) const {
    std::string signature(crypto_sign_BYTES, '\0');
    crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr, raw(message),
                         message.size(), secret_.get());
    return signature;
}

}  // namespace passerby::crypto
