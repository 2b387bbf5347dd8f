#include "server/byte_range.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace passerby::server {

namespace {

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

ByteRange parse_byte_range(std::string_view header, std::uint64_t size) {
    constexpr std::string_view kUnit = "bytes=";
    const ByteRange whole{ByteRange::Kind::whole, 0, size};
    const ByteRange unsatisfiable{ByteRange::Kind::unsatisfiable, 0, 0};
    if (!header.starts_with(kUnit)) return whole;
    header.remove_prefix(kUnit.size());
    const auto dash = header.find('-');
    if (dash == std::string_view::npos) return whole;
    const auto before = header.substr(0, dash), after = header.substr(dash + 1);

    if (before.empty()) {  // the last so many bytes
        const auto count = number(after);
        if (!count) return whole;
        if (*count == 0 || size == 0) return unsatisfiable;
        const auto length = std::min(*count, size);
        return {ByteRange::Kind::part, size - length, length};
    }
    const auto first = number(before);
    const auto last = after.empty() ? std::optional{UINT64_MAX} : number(after);
    if (!first || !last || *last < *first) return whole;
    if (*first >= size) return unsatisfiable;
    return {ByteRange::Kind::part, *first, std::min(*last, size - 1) - *first + 1};
}

}  // namespace passerby::server
