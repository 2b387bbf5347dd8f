// Text that may be shown in a terminal and in a page: one line of valid UTF-8.
#include "camera/bounds.h"

namespace passerby::camera {

namespace {

// Length of the UTF-8 sequence at the begin of `text`, 0 when it is none (overlong forms, surrogates, >
// U+10FFFF).
std::size_t sequence_length(std::string_view text) {
    const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const auto more = [&](std::size_t i) { return (at(i) & 0xC0U) == 0x80U; };
    const unsigned a = at(0), b = at(1);
    if (a < 0x80) return 1;
    if (a >= 0xC2 && a <= 0xDF && more(1)) return 2;
    if (a >= 0xE0 && a <= 0xEF && more(1) && more(2) && !(a == 0xE0 && b < 0xA0) && !(a == 0xED && b >= 0xA0))
        return 3;
    if (a >= 0xF0 && a <= 0xF4 && more(1) && more(2) && more(3) && !(a == 0xF0 && b < 0x90) &&
        !(a == 0xF4 && b >= 0x90))
        return 4;
    return 0;
}

bool is_control(std::string_view sequence) {
    const auto first = static_cast<unsigned char>(sequence[0]);
    // C0, DEL, and C1 (U+0080 to U+009F), which some terminals obey too.
    return first < 0x20 || first == 0x7F || (first == 0xC2 && static_cast<unsigned char>(sequence[1]) < 0xA0);
}

}  // namespace

bool is_one_line(std::string_view text, std::size_t most) {
    if (text.size() > most) return false;
    while (!text.empty()) {
        const auto length = sequence_length(text);
        if (length == 0 || is_control(text.substr(0, length))) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string one_line(std::string_view text, std::size_t most) {
    std::string line;
    while (!text.empty()) {
        const auto length = sequence_length(text);
        const auto taken = text.substr(0, std::max<std::size_t>(length, 1));
        const std::string_view put = length == 0 ? "?" : is_control(taken) ? " " : taken;
        if (line.size() + put.size() > most) break;
        line += put;
        text.remove_prefix(taken.size());
    }
    return line;
}

}  // namespace passerby::camera
