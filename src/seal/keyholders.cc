#include "seal/keyholders.h"

#include <algorithm>
#include <charconv>

#include "crypto/digest.h"

namespace passerby::seal {

namespace {
constexpr std::string_view kFirst = "passerby keyholders 1, needed ";
}

Status Keyholders::validate() const {
    if (keys.empty() || keys.size() > kMost)
        return fail(ErrorKind::invalid, "there must be 1 to {} keyholders", kMost);
    if (needed < 1 || needed > static_cast<int>(keys.size()))
        return fail(ErrorKind::invalid, "{} of {} keyholders cannot be needed", needed, keys.size());
    for (auto it = keys.begin(); it != keys.end(); ++it)
        if (std::find(keys.begin(), it, *it) != it)
            return fail(ErrorKind::invalid, "two keyholders have the same key, {}", it->to_string());
    return {};
}

std::string Keyholders::to_text() const {
    std::string text = fmt::format("{}{}\n", kFirst, needed);
    for (const auto& key : keys) text += key.to_string() + '\n';
    return text;
}

Result<Keyholders> Keyholders::parse(std::string_view text) {
    Keyholders holders;
    const auto wrong = [] { return fail(ErrorKind::corrupt, "this is no list of keyholders"); };
    if (!text.starts_with(kFirst)) return wrong();
    const auto whole = text;
    text.remove_prefix(kFirst.size());
    std::from_chars(text.data(), text.data() + std::min(text.find('\n'), text.size()), holders.needed);
    text.remove_prefix(std::min(text.find('\n') + 1, text.size()));
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        holders.keys.push_back(TRY(age::Recipient::parse(text.substr(0, end))));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (!holders.validate() || holders.to_text() != whole) return wrong();
    return holders;
}

std::string Keyholders::fingerprint() const {
    return crypto::sha256_hex(to_text());
}

int Keyholders::number_of(const age::Recipient& key) const {
    const auto it = std::ranges::find(keys, key);
    return it == keys.end() ? 0 : static_cast<int>(it - keys.begin()) + 1;
}

}  // namespace passerby::seal
