#include "age/keys.h"

#include <algorithm>

#include "age/bech32.h"
#include "base/file.h"

namespace passerby::age {

namespace {

constexpr std::string_view kRecipient = "age", kIdentity = "age-secret-key-";
constexpr std::size_t kKey = 32;

Result<std::string> key_in(std::string_view text, std::string_view kind, std::string_view example) {
    auto key = from_bech32(text);
    if (!key) return tl::unexpected{key.error()};
    if (key->kind != kind || key->bytes.size() != kKey)
        return fail(ErrorKind::corrupt, "this is another kind of key; one that begins with {} is wanted",
                    example);
    return std::move(key->bytes);
}

std::span<const std::byte, kKey> bytes_of(const std::string& key) {
    return std::span<const std::byte, kKey>{reinterpret_cast<const std::byte*>(key.data()), kKey};
}

}  // namespace

Result<Recipient> Recipient::parse(std::string_view text) {
    // age accepts recipients in lower case only.
    if (text.starts_with("AGE1")) return fail(ErrorKind::corrupt, "write the key in lower case: age1…");
    const auto key = TRY(key_in(text, kRecipient, "age1"));
    crypto::PublicKey point;
    std::ranges::copy(bytes_of(key), point.begin());
    return Recipient{point};
}

std::string Recipient::to_string() const {
    return to_bech32(kRecipient, {reinterpret_cast<const char*>(point_.data()), point_.size()});
}

Result<Identity> Identity::parse(std::string_view text) {
    if (text.starts_with("age-secret-key-"))
        return fail(ErrorKind::corrupt, "write the key in upper case: AGE-SECRET-KEY-1…");
    auto key = TRY(key_in(text, kIdentity, "AGE-SECRET-KEY-1"));
    Identity identity{crypto::Key{bytes_of(key)}};
    crypto::wipe(std::as_writable_bytes(std::span{key}));
    return identity;
}

std::string Identity::to_string() const {
    auto text = to_bech32(kIdentity, secret_.text());
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
    return text;
}

Result<std::vector<Identity>> read_identities(const std::filesystem::path& file) {
    auto text = TRY(read_file(file));
    std::vector<Identity> identities;
    int number = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        auto line = std::string_view{text}.substr(at, end - at);
        at = end + 1;
        ++number;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line.starts_with('#')) continue;
        auto identity = Identity::parse(line);
        if (!identity)
            return fail(ErrorKind::invalid, "'{}', line {}: {}", file.string(), number,
                        identity.error().message);
        identities.push_back(*std::move(identity));
    }
    crypto::wipe(std::as_writable_bytes(std::span{text}));
    if (identities.empty())
        return fail(ErrorKind::invalid, "'{}' holds no key; make one with `passerby keyholder new`",
                    file.string());
    return identities;
}

}  // namespace passerby::age
