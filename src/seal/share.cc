#include "seal/share.h"

#include <algorithm>
#include <charconv>

#include "crypto/base64.h"

namespace passerby::seal {

namespace {

constexpr std::string_view kShare = "passerby share 1\n", kKey = "passerby key 1\n";
constexpr auto kPadding = crypto::Padding::without;

// "name: value\n" at the begin of `text`, which moves on behind it.
Result<std::string_view> take(std::string_view& text, std::string_view name) {
    if (!text.starts_with(name) || text.substr(name.size(), 2) != ": ")
        return fail(ErrorKind::corrupt, "a share's text lacks its {}", name);
    text.remove_prefix(name.size() + 2);
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return fail(ErrorKind::corrupt, "a share's text is cut off");
    const auto value = text.substr(0, end);
    text.remove_prefix(end + 1);
    return value;
}

Result<crypto::Bytes16> value_in(std::string_view base64) {
    auto raw = crypto::from_base64(base64, kPadding);
    if (!raw || raw->size() != crypto::Bytes16::kSize)
        return fail(ErrorKind::corrupt, "a share's value is not 16 bytes in base64");
    crypto::Bytes16 value{std::span<const std::byte, 16>{std::as_bytes(std::span{*raw})}};
    crypto::wipe(std::as_writable_bytes(std::span{*raw}));
    return value;
}

int number(std::string_view text) {
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

std::string ShareText::to_text() const {
    return fmt::format("{}camera: {}\nfrom: {}\nto: {}\npayload: {}\nshare: {} of {}, {} needed\nvalue: {}\n",
                       kShare, span.camera, to_iso8601(span.from), to_iso8601(span.to), payload, index,
                       shares, needed, crypto::to_base64(value.text(), kPadding));
}

Result<ShareText> ShareText::parse(std::string_view text) {
    const auto wrong = [] { return fail(ErrorKind::corrupt, "this is not the text of a share"); };
    const auto whole = text;
    if (!text.starts_with(kShare)) return wrong();
    text.remove_prefix(kShare.size());
    ShareText share;
    share.span.camera = TRY(take(text, "camera"));
    const auto from = TRY(take(text, "from")), to = TRY(take(text, "to"));
    share.span.from = TRY(wall_time_from_iso8601(from));
    share.span.to = TRY(wall_time_from_iso8601(to));
    share.payload = TRY(take(text, "payload"));
    auto numbers = TRY(take(text, "share"));
    share.index = number(numbers);
    numbers.remove_prefix(std::min(numbers.find(" of ") + 4, numbers.size()));
    share.shares = number(numbers);
    numbers.remove_prefix(std::min(numbers.find(", ") + 2, numbers.size()));
    share.needed = number(numbers);
    const auto value = TRY(take(text, "value"));
    share.value = TRY(value_in(value));
    const bool counts = share.needed >= 1 && share.shares >= share.needed && share.index >= 1 &&
                        share.index <= share.shares && share.shares <= crypto::kMostShares;
    if (!counts || share.to_text() != whole) return wrong();
    return share;
}

std::string KeyText::to_text() const {
    return fmt::format("{}sha256: {}\nvalue: {}\n", kKey, sha256, crypto::to_base64(value.text(), kPadding));
}

Result<KeyText> KeyText::parse(std::string_view text) {
    const auto whole = text;
    if (!text.starts_with(kKey)) return fail(ErrorKind::corrupt, "this is not the text of a key");
    text.remove_prefix(kKey.size());
    KeyText key;
    key.sha256 = TRY(take(text, "sha256"));
    const auto value = TRY(take(text, "value"));
    key.value = TRY(value_in(value));
    if (key.to_text() != whole) return fail(ErrorKind::corrupt, "this is not the text of a key");
    return key;
}

}  // namespace passerby::seal
