#include "seal/sealed_file.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "age/age.h"
#include "crypto/digest.h"

namespace passerby::seal {

namespace {

constexpr std::string_view kStanza = "passerby-share";

age::Stanza stanza_of(const Keyholders& keyholders, const Span& span, const std::string& payload,
                      const crypto::Share& share) {
    const ShareText text{span,
                         payload,
                         share.index,
                         keyholders.needed,
                         static_cast<int>(keyholders.keys.size()),
                         share.value.copy()};
    auto plain = text.to_text();
    const auto& key = keyholders.keys[share.index - 1U];
    age::Stanza stanza{std::string{kStanza},
                       {std::to_string(share.index), std::to_string(keyholders.needed),
                        std::to_string(keyholders.keys.size()), crypto::sha256_hex(plain)},
                       age::encrypt(std::array{key}, plain)};
    crypto::wipe(std::as_writable_bytes(std::span{plain}));
    return stanza;
}

Result<std::string> payload_of(std::string_view file, const age::Header& header, const age::FileKey& key) {
    if (!header.fits(key))
        return fail(ErrorKind::corrupt, "the shares are right, and the sealed file's header was changed");
    std::string plain;
    plain.reserve(file.size() - header.size);
    TRY_STATUS(age::open_payload(key, file.substr(header.size),
                                 [&plain](std::string_view chunk) { plain += chunk; }));
    return plain;
}

}  // namespace

std::string seal_part(const Keyholders& keyholders, const Span& span, std::string_view plain) {
    if (keyholders.needed == 1) return age::encrypt(keyholders.keys, plain);
    const auto key = age::FileKey::random();
    const auto payload = age::seal_payload(key, plain);
    const auto hash = crypto::sha256_hex(payload);
    std::vector<age::Stanza> stanzas;
    // validate() has seen to it that it can be split.
    const auto shares =
        crypto::split(key, keyholders.needed, static_cast<int>(keyholders.keys.size())).value();
    for (const auto& share : shares) stanzas.push_back(stanza_of(keyholders, span, hash, share));
    return age::make_header(stanzas, key) + payload;
}

Result<Outside> look_at(std::string_view file, const Keyholders& keyholders) {
    Outside outside;
    outside.header = TRY(age::Header::parse(file));
    outside.needed = keyholders.needed;
    const auto& stanzas = outside.header.stanzas;
    const auto wrong = [](std::string_view what) {
        return fail(ErrorKind::corrupt, "this is no sealed part: {}", what);
    };
    if (stanzas.size() != keyholders.keys.size()) return wrong("it is for another number of keyholders");
    for (std::size_t i = 0; i < stanzas.size(); ++i) {
        const auto& [type, arguments, body] = stanzas[i];
        if (keyholders.needed == 1) {
            if (type != "X25519") return wrong("it is not for keys of age");
            continue;
        }
        if (type != kStanza || arguments.size() != 4 || arguments[0] != std::to_string(i + 1) ||
            arguments[1] != std::to_string(keyholders.needed) ||
            arguments[2] != std::to_string(stanzas.size()) || arguments[3].size() != 64)
            return wrong("its shares are not those of these keyholders");
        outside.shares.push_back(body);
        outside.digests.push_back(arguments[3]);
    }
    return outside;
}

Result<std::string> open_part(std::string_view file, const Keyholders& keyholders, const Span& span,
                              std::span<const std::string> shares) {
    const auto outside = TRY(look_at(file, keyholders));
    if (keyholders.needed == 1) return fail(ErrorKind::invalid, "this part has no shares, but one key");
    const auto payload = crypto::sha256_hex(file.substr(outside.header.size));
    std::vector<crypto::Share> good;
    std::string wrong;
    const auto leave_out = [&wrong](std::string_view why) {
        wrong += fmt::format("{}{}", wrong.empty() ? "" : "; ", why);
    };
    for (const auto& text : shares) {
        auto share = ShareText::parse(text);
        if (!share) {
            leave_out(share.error().message);
            continue;
        }
        const auto name = fmt::format("the share of keyholder {}", share->index);
        if (share->span != span || share->payload != payload)
            leave_out(name + " is of another part");
        else if (share->shares != static_cast<int>(keyholders.keys.size()) ||
                 crypto::sha256_hex(text) != outside.digests[static_cast<std::size_t>(share->index) - 1])
            leave_out(name + " is not the one that they were given");
        else if (std::ranges::count(good, share->index, &crypto::Share::index) > 0)
            leave_out(name + " is there twice");
        else
            good.push_back({static_cast<std::uint8_t>(share->index), std::move(share->value)});
    }
    if (static_cast<int>(good.size()) < keyholders.needed)
        return fail(ErrorKind::denied, "{} shares are needed, and {} are right{}{}", keyholders.needed,
                    good.size(), wrong.empty() ? "" : ": ", wrong);
    return payload_of(file, outside.header, TRY(crypto::combine(good)));
}

Result<std::string> open_part(std::string_view file, const KeyText& key) {
    if (crypto::sha256_hex(file) != key.sha256) return fail(ErrorKind::denied, "the key is of another part");
    const auto header = TRY(age::Header::parse(file));
    return payload_of(file, header, key.value);
}

}  // namespace passerby::seal
