#include "age/bech32.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <vector>

namespace passerby::age {

namespace {

constexpr std::string_view kCharacters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t kChecksum = 6;

using Fives = std::vector<std::uint8_t>;  // five bits each

std::uint32_t polymod(const Fives& values) {
    constexpr std::uint32_t kGenerator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    std::uint32_t check = 1;
    for (const auto v : values) {
        const auto top = check >> 25;
        check = (check & 0x1ffffff) << 5 ^ v;
        for (int i = 0; i < 5; ++i)
            if (top >> i & 1) check ^= kGenerator[i];
    }
    return check;
}

Fives expanded(std::string_view kind) {
    Fives values;
    for (const char c : kind) values.push_back(static_cast<std::uint8_t>(c) >> 5);
    values.push_back(0);
    for (const char c : kind) values.push_back(static_cast<std::uint8_t>(c) & 31);
    return values;
}

Fives fives_of(std::string_view bytes) {
    Fives fives;
    unsigned held = 0, bits = 0;
    for (const char c : bytes) {
        held = (held << 8 | static_cast<std::uint8_t>(c)) & 0xfff;
        for (bits += 8; bits >= 5;) fives.push_back(held >> (bits -= 5) & 31);
    }
    if (bits > 0) fives.push_back(held << (5 - bits) & 31);
    return fives;
}

}  // namespace

std::string to_bech32(std::string_view kind, std::string_view bytes) {
    auto fives = fives_of(bytes);
    auto checked = expanded(kind);
    checked.insert(checked.end(), fives.begin(), fives.end());
    checked.resize(checked.size() + kChecksum);
    const auto check = polymod(checked) ^ 1;
    for (std::size_t i = 0; i < kChecksum; ++i) fives.push_back(check >> (5 * (5 - i)) & 31);
    std::string text{kind};
    text += '1';
    for (const auto v : fives) text += kCharacters[v];
    return text;
}

Result<Bech32> from_bech32(std::string_view given) {
    const auto wrong = [](const char* what) {
        return fail(ErrorKind::corrupt, "this is no key of age: {}", what);
    };
    const auto is_upper = [](unsigned char c) { return std::isupper(c) != 0; };
    const auto is_lower = [](unsigned char c) { return std::islower(c) != 0; };
    if (std::ranges::any_of(given, is_upper) && std::ranges::any_of(given, is_lower))
        return wrong("it mixes upper and lower case");
    std::string text{given};
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
    const auto one = text.rfind('1');
    if (one == std::string::npos || one == 0 || text.size() - one - 1 < kChecksum)
        return wrong("it is cut off");
    const auto kind = text.substr(0, one);
    if (std::ranges::any_of(kind, [](unsigned char c) { return c < 33 || c > 126; }))
        return wrong("it has a character that no key has");
    Fives fives;
    for (const char c : text.substr(one + 1)) {
        const auto value = kCharacters.find(c);
        if (value == std::string_view::npos) return wrong("it has a character that no key has");
        fives.push_back(static_cast<std::uint8_t>(value));
    }
    auto checked = expanded(kind);
    checked.insert(checked.end(), fives.begin(), fives.end());
    if (polymod(checked) != 1) return wrong("its checksum does not fit, so a character is wrong");
    fives.resize(fives.size() - kChecksum);
    std::string bytes;
    unsigned held = 0, bits = 0;
    for (const auto v : fives) {
        held = (held << 5 | v) & 0xfff;
        bits += 5;
        if (bits >= 8) bytes += static_cast<char>(held >> (bits -= 8) & 0xff);
    }
    if (bits >= 5 || (held & ((1u << bits) - 1)) != 0) return wrong("it has bits that mean nothing");
    return Bech32{kind, std::move(bytes)};
}

}  // namespace passerby::age
