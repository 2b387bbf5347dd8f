#include "age/header.h"

#include <algorithm>

#include "crypto/base64.h"

namespace passerby::age {

namespace {

constexpr std::string_view kVersion = "age-encryption.org/v1\n";
constexpr std::string_view kX25519 = "X25519", kX25519Info = "age-encryption.org/v1/X25519";
constexpr std::size_t kColumns = 64, kMac = 32;
constexpr auto kPadding = crypto::Padding::without;

tl::unexpected<Error> wrong(std::string_view what) {
    return fail(ErrorKind::corrupt, "this is no age file: {}", what);
}

// The next line, without its end; takes it from `rest`.
Result<std::string_view> take_line(std::string_view& rest) {
    const auto end = rest.substr(0, kLongestHeader).find('\n');
    if (end == std::string_view::npos) return wrong("its header is cut off");
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return line;
}

Result<std::vector<std::string>> words_of(std::string_view line) {
    std::vector<std::string> words;
    for (;;) {
        const auto end = std::min(line.find(' '), line.size());
        const auto word = line.substr(0, end);
        if (word.empty() || !std::ranges::all_of(word, [](unsigned char c) { return c >= 33 && c <= 126; }))
            return wrong("a recipient's line is not words with single blanks between them");
        words.emplace_back(word);
        if (end == line.size()) return words;
        line.remove_prefix(end + 1);
    }
}

Result<std::string> take_body(std::string_view& rest) {
    std::string text;
    for (;;) {
        const auto line = TRY(take_line(rest));
        if (line.size() > kColumns) return wrong("a line of its header is too long");
        text += line;
        if (line.size() < kColumns) break;
    }
    auto body = crypto::from_base64(text, kPadding);
    if (!body) return wrong("a recipient's text is not base64 in its one right form");
    return body;
}

std::string to_text(const Stanza& stanza) {
    std::string text = "-> " + stanza.type;
    for (const auto& argument : stanza.arguments) text += ' ' + argument;
    text += '\n';
    const auto body = crypto::to_base64(stanza.body, kPadding);
    // The last line is always shorter than the others, if need be empty.
    for (std::size_t at = 0; at <= body.size(); at += kColumns) text += body.substr(at, kColumns) + '\n';
    return text;
}

crypto::Key mac_of(std::string_view authenticated, const FileKey& key) {
    return crypto::hmac_sha256(crypto::hkdf_sha256(key.text(), {}, "header").text(), authenticated);
}

std::string_view text_of(const crypto::PublicKey& point) {
    return {reinterpret_cast<const char*>(point.data()), point.size()};
}

crypto::Key wrap_key(const crypto::Key& shared, const crypto::PublicKey& ephemeral,
                     const crypto::PublicKey& recipient) {
    return crypto::hkdf_sha256(
        shared.text(), std::string{text_of(ephemeral)} + std::string{text_of(recipient)}, kX25519Info);
}

}  // namespace

Result<Header> Header::parse(std::string_view file) {
    auto rest = file;
    if (!rest.starts_with(kVersion)) return wrong("it does not begin as one of version 1");
    rest.remove_prefix(kVersion.size());
    Header header;
    while (file.size() - rest.size() <= kLongestHeader) {
        const auto before = file.size() - rest.size();
        auto line = TRY(take_line(rest));
        if (line.starts_with("-> ")) {
            auto words = TRY(words_of(line.substr(3)));
            Stanza stanza;
            stanza.type = std::move(words.front());
            stanza.arguments.assign(std::make_move_iterator(words.begin() + 1),
                                    std::make_move_iterator(words.end()));
            stanza.body = TRY(take_body(rest));
            header.stanzas.push_back(std::move(stanza));
            continue;
        }
        if (!line.starts_with("--- ")) return wrong("a line of its header begins with neither -> nor ---");
        auto mac = crypto::from_base64(line.substr(4), kPadding);
        if (!mac || mac->size() != kMac) return wrong("its MAC is not 32 bytes in base64");
        if (header.stanzas.empty()) return wrong("it is for nobody");
        // Who knows the password could otherwise claim that the others were addressed by its author.
        if (header.stanzas.size() > 1 && std::ranges::count(header.stanzas, "scrypt", &Stanza::type) > 0)
            return wrong("it is for a password and for others too");
        header.mac = *std::move(mac);
        header.authenticated = file.substr(0, before + 3);
        header.size = file.size() - rest.size();
        return header;
    }
    return wrong("its header is too long");
}

bool Header::fits(const FileKey& key) const {
    return crypto::same(mac_of(authenticated, key).bytes(), std::as_bytes(std::span{mac}));
}

std::string make_header(const std::vector<Stanza>& stanzas, const FileKey& key) {
    std::string text{kVersion};
    for (const auto& stanza : stanzas) text += to_text(stanza);
    text += "---";
    return text + ' ' + crypto::to_base64(mac_of(text, key).text(), kPadding) + '\n';
}

Stanza wrap(const Recipient& recipient, const FileKey& key) {
    const auto secret = crypto::Key::random();
    const auto ephemeral = crypto::x25519_base(secret);
    const auto shared = crypto::x25519(secret, recipient.point());
    // A recipient of small order has no identity: what is sealed to it can be opened by nobody.
    const auto wrapping =
        wrap_key(shared ? shared->copy() : crypto::Key::random(), ephemeral, recipient.point());
    return {std::string{kX25519},
            {crypto::to_base64(text_of(ephemeral), kPadding)},
            crypto::seal(wrapping, {}, key.text())};
}

Result<std::optional<FileKey>> unwrap(const Identity& identity, const Stanza& stanza) {
    if (stanza.type != kX25519) return std::optional<FileKey>{};
    if (stanza.arguments.size() != 1) return wrong("an X25519 recipient does not have one argument");
    const auto share = crypto::from_base64(stanza.arguments[0], kPadding);
    crypto::PublicKey ephemeral;
    if (!share || share->size() != ephemeral.size()) return wrong("an X25519 recipient's share is no key");
    // The length first: one that varies could tell which of many keys fits.
    if (stanza.body.size() != FileKey::kSize + crypto::kSealOverhead)
        return wrong("an X25519 recipient's text has another length");
    std::ranges::copy(std::as_bytes(std::span{*share}), ephemeral.begin());
    const auto shared = crypto::x25519(identity.secret(), ephemeral);
    if (!shared) return wrong("an X25519 recipient's share is of small order");
    auto key = crypto::open(wrap_key(*shared, ephemeral, identity.recipient().point()), {}, stanza.body);
    if (!key) return std::optional<FileKey>{};
    FileKey file_key{std::span<const std::byte, FileKey::kSize>{std::as_bytes(std::span{*key})}};
    crypto::wipe(std::as_writable_bytes(std::span{*key}));
    return std::optional{std::move(file_key)};
}

}  // namespace passerby::age
