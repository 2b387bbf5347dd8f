#include "age/age.h"

#include <algorithm>

#include "age/armor.h"

namespace passerby::age {

namespace {

constexpr std::size_t kNonce = 16, kChunk = 64 * 1024, kSealedChunk = kChunk + crypto::kSealOverhead;

// Number of the chunk, big-endian, and 1 for the last.
crypto::Nonce chunk_nonce(std::uint64_t number, bool last) {
    crypto::Nonce nonce{};
    for (std::size_t i = 0; i < 8; ++i) nonce[10 - i] = static_cast<std::byte>(number >> (8 * i) & 0xff);
    nonce[11] = std::byte{last};
    return nonce;
}

crypto::Key payload_key(const FileKey& key, std::string_view nonce) {
    return crypto::hkdf_sha256(key.text(), nonce, "payload");
}

}  // namespace

std::string seal_payload(const FileKey& key, std::string_view plain) {
    const auto nonce = crypto::Secret<kNonce>::random();
    const auto payload = payload_key(key, nonce.text());
    std::string sealed{nonce.text()};
    sealed.reserve(kNonce + plain.size() + (plain.size() / kChunk + 1) * crypto::kSealOverhead);
    for (std::uint64_t number = 0;; ++number) {
        const auto chunk = plain.substr(0, kChunk);
        plain.remove_prefix(chunk.size());
        sealed += crypto::seal(payload, chunk_nonce(number, plain.empty()), chunk);
        if (plain.empty()) return sealed;
    }
}

Status open_payload(const FileKey& key, std::string_view payload,
                    const std::function<void(std::string_view chunk)>& give) {
    const auto changed = [](std::uint64_t number) {
        return fail(ErrorKind::corrupt, "this age file was changed or cut off, at piece {}", number);
    };
    if (payload.size() < kNonce) return changed(0);
    const auto opening = payload_key(key, payload.substr(0, kNonce));
    payload.remove_prefix(kNonce);
    for (std::uint64_t number = 0;; ++number) {
        const auto chunk = payload.substr(0, kSealedChunk);
        payload.remove_prefix(chunk.size());
        // A chunk says itself whether it is the last. A short one must be.
        auto plain = chunk.size() < kSealedChunk ? std::nullopt
                                                 : crypto::open(opening, chunk_nonce(number, false), chunk);
        const bool last = !plain;
        if (last) plain = crypto::open(opening, chunk_nonce(number, true), chunk);
        // An empty chunk says nothing: it is only there where there is no other.
        if (!plain || (plain->empty() && number > 0)) return changed(number);
        give(*plain);
        crypto::wipe(std::as_writable_bytes(std::span{*plain}));
        if (last != payload.empty()) return changed(number + 1);
        if (last) return {};
    }
}

std::string encrypt(std::span<const Recipient> recipients, std::string_view plain) {
    const auto key = FileKey::random();
    std::vector<Stanza> stanzas;
    for (const auto& recipient : recipients) stanzas.push_back(wrap(recipient, key));
    return make_header(stanzas, key) + seal_payload(key, plain);
}

Result<std::string> decrypt(std::span<const Identity> identities, std::string_view file) {
    std::string binary;
    if (is_armored(file)) file = binary = TRY(without_armor(file));
    const auto header = TRY(Header::parse(file));
    for (const auto& identity : identities) {
        for (const auto& stanza : header.stanzas) {
            const auto key = TRY(unwrap(identity, stanza));
            if (!key) continue;
            if (!header.fits(*key)) return fail(ErrorKind::corrupt, "this age file's header was changed");
            std::string plain;
            plain.reserve(file.size() - header.size);
            TRY_STATUS(open_payload(*key, file.substr(header.size),
                                    [&plain](std::string_view chunk) { plain += chunk; }));
            return plain;
        }
    }
    return fail(ErrorKind::denied, "this age file is for somebody else's key");
}

}  // namespace passerby::age
