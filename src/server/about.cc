#include "server/about.h"

#include <algorithm>
#include <charconv>

namespace passerby::server {

namespace {

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

// "de-AT;q=0.7": how much it is wished for, 0 to 1; 0 for a weight that is none.
double weight_of(std::string_view item) {
    const auto semicolon = item.find(';');
    if (semicolon == std::string_view::npos) return 1;
    const auto weight = trimmed(item.substr(semicolon + 1));
    if (!weight.starts_with("q=")) return 1;
    double value = 0;
    std::from_chars(weight.data() + 2, weight.data() + weight.size(), value);
    return std::clamp(value, 0.0, 1.0);
}

bool is_in(std::string_view item, Language language) {
    const auto tag = trimmed(item.substr(0, item.find(';')));
    const auto wanted = code(language);
    return tag.size() >= wanted.size() &&
           std::ranges::equal(tag.substr(0, wanted.size()), wanted,
                              [](char a, char b) { return (a | 0x20) == b; }) &&
           (tag.size() == wanted.size() || tag[wanted.size()] == '-');
}

}  // namespace

std::string_view code(Language language) {
    return language == Language::german ? "de" : "en";
}

Language language_for(std::string_view asked_for, std::string_view accept_language) {
    for (const auto language : kLanguages)
        if (asked_for == code(language)) return language;
    auto best = Language::english;
    double most = 0;
    while (!accept_language.empty()) {
        const auto end = std::min(accept_language.find(','), accept_language.size());
        const auto item = accept_language.substr(0, end);
        accept_language.remove_prefix(std::min(end + 1, accept_language.size()));
        for (const auto language : kLanguages)
            if (is_in(item, language) && weight_of(item) > most) best = language, most = weight_of(item);
    }
    return best;
}

const std::string& SiteText::in(Language language) const {
    const auto& wanted = language == Language::german ? german : english;
    const auto& other = language == Language::german ? english : german;
    return wanted.empty() ? other : wanted;
}

std::vector<std::string> About::missing() const {
    std::vector<std::string> keys;
    if (operated_by.empty()) keys.emplace_back("operator");
    if (contact.empty()) keys.emplace_back("contact");
    if (purpose.empty()) keys.emplace_back("purpose");
    if (legal_basis.empty()) keys.emplace_back("legal_basis");
    return keys;
}

}  // namespace passerby::server
