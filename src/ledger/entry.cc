#include "ledger/entry.h"

#include <algorithm>
#include <array>
#include <span>

#include "ledger/tiles.h"

namespace passerby::ledger {

namespace {

constexpr int kVersion = 1;
constexpr std::size_t kLongestText = 100;

enum class Type { camera, time, count, hash, pseudonym, word, purpose, rules, models, request };

struct Field {
    std::string_view name;
    Type type;
};

struct Kind {
    std::string_view name;
    std::string_view words;
    std::array<Field, 8> fields;  // those without a name are none
};

using enum Type;
constexpr Field kWho{"who", pseudonym}, kRole{"role", word}, kCamera{"camera", camera}, kFrom{"from", time},
    kTo{"to", time}, kPurpose{"purpose", purpose}, kRequest{"request", request};

constexpr std::array kKinds{
    Kind{"start", "the recorder started", {{{"version", word}, {"models", models}}}},
    Kind{"stop", "the recorder was stopped", {}},
    Kind{"policy",
         "what is covered, shown or kept was changed",
         {{kCamera, {"before", rules}, {"after", rules}}}},
    Kind{"moved",
         "most of a camera's picture changed at once: it was moved, or the light switched",
         {{kCamera}}},
    Kind{"segments", "recordings were finished", {{{"root", hash}, {"count", count}, kFrom, kTo}}},
    Kind{"view", "recordings were looked at", {{kWho, kRole, kCamera, kFrom, kTo, kPurpose}}},
    Kind{"live", "a camera was looked at live", {{kWho, kRole, kCamera, kPurpose}}},
    Kind{"export",
         "a recording was exported",
         {{kWho, kRole, kCamera, kFrom, kTo, kPurpose, {"segments", count}, {"file", hash}}}},
    Kind{"protect",
         "a recording was protected from deletion",
         {{kWho, kRole, kCamera, kFrom, kTo, {"until", time}}}},
    Kind{"unprotect", "the protection of a recording was ended", {{kWho, kRole, kCamera, kFrom, kTo}}},
    Kind{"scene",
         "the scene of a camera was approved or not",
         {{kWho, kRole, kCamera, {"change", word}, {"picture", hash}}}},
    Kind{"masks",
         "the areas that are always covered were changed",
         {{kWho, kRole, kCamera, {"change", word}, {"areas", count}, {"set", hash}}}},
    Kind{"places",
         "the lines and zones where it is counted were changed",
         {{kWho, kRole, kCamera, {"drawn", count}, {"removed", count}, {"set", hash}}}},
    Kind{"access",
         "who may do what was changed",
         {{kWho, kRole, {"change", word}, {"whom", pseudonym}, {"rights", rules}}}},
    Kind{"settings",
         "what is recorded, or for how long it is kept, was set",
         {{kWho, kRole, {"subject", word}, {"change", word}, {"what", rules}}}},
    Kind{"logins", "logins failed", {{{"failed", count}, kFrom, kTo}}},
    Kind{"keyholders",
         "who holds keys to sealed originals was changed",
         {{kCamera, {"change", word}, {"needed", count}, {"keys", count}, {"set", hash}}}},
    Kind{"request",
         "the opening of a sealed original was requested",
         {{kRequest, kWho, kRole, kCamera, kFrom, kTo, kPurpose, {"file", hash}}}},
    Kind{
        "answer", "a keyholder answered a request", {{kRequest, {"keyholder", pseudonym}, {"answer", word}}}},
    Kind{"opening",
         "the shares for a sealed original were handed out",
         {{kRequest, kWho, kRole, kCamera, kFrom, kTo, {"segments", count}}}},
    Kind{"repair", "a check mended the data folder", {{{"findings", count}}}},
    Kind{"restore",
         "a person let the ledger go on after a restore",
         {{{"published", count}, {"continued", count}}}},
};

constexpr std::array<std::string_view, 6> kPurposes{"unstated",    "incident", "request",
                                                    "maintenance", "training", "audit"};

bool all_of(std::string_view text, std::size_t least, std::size_t most, auto allowed) {
    return text.size() >= least && text.size() <= most && std::ranges::all_of(text, allowed);
}

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool is_id(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

bool is_word(char c) {
    return is_id(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '+' || c == '_';
}

bool fits_text(Type type, const std::string& text) {
    switch (type) {
        case camera:
            return all_of(text, 1, 32, is_id);
        case time: {
            const auto parsed = wall_time_from_iso8601(text);
            return parsed && to_iso8601(*parsed) == text;
        }
        case hash:
            return all_of(text, 64, 64, is_hex);
        case pseudonym:
            return all_of(text, 1, 40, is_id);
        case word:
            return all_of(text, 1, 40, is_word);
        case purpose:
            return std::ranges::find(kPurposes, text) != kPurposes.end();
        case request:
            return all_of(text, 16, 32, is_hex);
        default:
            return false;
    }
}

// What rules may say: words, numbers and yes or no, nested no deeper than a list of them.
bool fits_rule(const Fields& value, int depth) {
    if (value.is_string()) return value.get_ref<const std::string&>().size() <= kLongestText;
    if (value.is_boolean() || value.is_number() || value.is_null()) return true;
    if (depth == 0 || !value.is_structured() || value.size() > 1000) return false;
    return std::ranges::all_of(value, [&](const Fields& v) { return fits_rule(v, depth - 1); });
}

bool fits(Type type, const Fields& value) {
    switch (type) {
        case count:
            return value.is_number_unsigned();
        case rules:
            return value.is_null() || (value.is_object() && fits_rule(value, 3));
        case models:
            return value.is_object() && std::ranges::all_of(value.items(), [](const auto& item) {
                       return all_of(item.key(), 1, 64, is_word) && item.value().is_string() &&
                              fits_text(hash, item.value());
                   });
        default:
            return value.is_string() && fits_text(type, value.get_ref<const std::string&>());
    }
}

const Kind* find_kind(std::string_view name) {
    const auto* kind = std::ranges::find(kKinds, name, &Kind::name);
    return kind == kKinds.end() ? nullptr : kind;
}

// Exactly the kind's fields, each as it must be.
Status validate(const Fields& entry, ErrorKind error) {
    const auto wrong = [&](std::string_view what) {
        return fail(error, "an entry of the ledger is wrong: {}", what);
    };
    if (!entry.is_object() || entry.size() < 3) return wrong("it is no object with version, time and kind");
    if (entry.value("passerby", Fields{}) != kVersion) return wrong("\"passerby\" must be 1");
    if (!entry.contains("time") || !fits(time, entry["time"])) return wrong("\"time\" is none");
    if (!entry.contains("kind") || !entry["kind"].is_string()) return wrong("\"kind\" is missing");
    const auto* kind = find_kind(entry["kind"].get_ref<const std::string&>());
    if (kind == nullptr) return wrong("its kind is not known");
    std::size_t fields = 3;
    for (const auto& [name, type] : kind->fields) {
        if (name.empty()) continue;
        ++fields;
        const auto found = entry.find(std::string{name});
        if (found == entry.end() || !fits(type, *found))
            return wrong(fmt::format("\"{}\" of \"{}\" is missing or not as it must be", name, kind->name));
    }
    if (entry.size() != fields) return wrong("it has fields that its kind does not have");
    return {};
}

}  // namespace

Result<std::string> make_entry(std::string_view kind, WallTime at, const Fields& fields) {
    Fields entry{{"passerby", kVersion}, {"time", to_iso8601(at)}, {"kind", kind}};
    if (fields.is_object())
        for (const auto& [name, value] : fields.items()) entry[name] = value;
    TRY_STATUS(validate(entry, ErrorKind::invalid));
    auto text = entry.dump(-1, ' ', false, Fields::error_handler_t::replace);
    if (text.size() > kLongestEntry)
        return fail(ErrorKind::invalid, "an entry of the ledger has {} bytes; {} are the most", text.size(),
                    kLongestEntry);
    return text;
}

Result<Fields> parse_entry(std::string_view text) {
    if (text.size() > kLongestEntry) return fail(ErrorKind::corrupt, "an entry of the ledger is too long");
    auto entry = Fields::parse(text, nullptr, false);
    TRY_STATUS(validate(entry, ErrorKind::corrupt));
    // One text for one meaning: no second field of a name, no other spelling, nothing hidden in blanks.
    if (entry.dump(-1, ' ', false, Fields::error_handler_t::replace) != text)
        return fail(ErrorKind::corrupt, "an entry of the ledger is not in the one form that it has");
    return entry;
}

std::string describe(const Fields& entry) {
    const auto* kind = find_kind(entry.value("kind", ""));
    std::string text{kind == nullptr ? "something unknown" : kind->words};
    if (entry.contains("camera")) text += fmt::format(" ({})", entry["camera"].get<std::string>());
    return text;
}

}  // namespace passerby::ledger
