#include "redact/policy.h"

#include <algorithm>
#include <cstdlib>

namespace passerby::redact {

Result<Scene> scene_named(std::string_view text) {
    if (text == "fixed") return Scene::fixed;
    if (text == "moving") return Scene::moving;
    return fail(ErrorKind::invalid, "'{}' is no kind of scene; write fixed or moving", text);
}

Result<CoverStyle> cover_style_named(std::string_view text) {
    if (text == "silhouette") return CoverStyle::silhouette;
    if (text == "vanish") return CoverStyle::vanish;
    if (text == "block") return CoverStyle::block;
    return fail(ErrorKind::invalid, "'{}' is no way to cover; write silhouette, vanish or block", text);
}

Result<Subject> subject_named(std::string_view text) {
    for (const auto s : Subjects::kAll)
        if (text == name(s)) return s;
    return fail(ErrorKind::invalid,
                "'{}' is nothing that can be covered; write persons, faces, plates, vehicles or screens",
                text);
}

Result<Subjects> subjects_named(std::string_view text) {
    Subjects chosen;
    for (std::size_t from = 0; from <= text.size();) {
        const auto comma = std::min(text.find(',', from), text.size());
        chosen.add(TRY(subject_named(text.substr(from, comma - from))));
        from = comma + 1;
    }
    TRY_STATUS(check(chosen));
    return chosen;
}

Status check(Subjects chosen) {
    if (chosen.has(Subject::faces)) return {};
    return fail(ErrorKind::invalid, "faces are missing; they are always covered: add faces to the list");
}

std::string_view name(Scene scene) {
    return scene == Scene::fixed ? "fixed" : "moving";
}

std::string_view name(CoverStyle style) {
    switch (style) {
        case CoverStyle::silhouette:
            return "silhouette";
        case CoverStyle::vanish:
            return "vanish";
        case CoverStyle::block:
            return "block";
    }
    return "block";
}

std::string_view name(Subject subject) {
    switch (subject) {
        case Subject::persons:
            return "persons";
        case Subject::faces:
            return "faces";
        case Subject::plates:
            return "plates";
        case Subject::vehicles:
            return "vehicles";
        case Subject::screens:
            return "screens";
    }
    return "";
}

std::vector<std::string> names(Subjects chosen) {
    std::vector<std::string> out;
    for (const auto s : Subjects::kAll)
        if (chosen.has(s)) out.emplace_back(name(s));
    return out;
}

Result<Polygon> polygon_from(std::string_view text) {
    std::vector<float> numbers;
    const std::string copy{text};
    const char* at = copy.c_str();
    while (*at) {
        if (*at == ' ' || *at == ',' || *at == '\t') {
            ++at;
            continue;
        }
        char* end = nullptr;
        const float value = std::strtof(at, &end);
        if (end == at)
            return fail(ErrorKind::invalid,
                        "'{}' is not a polygon; write it as x,y x,y x,y with numbers from 0 to 1", text);
        if (!(value >= 0 && value <= 1))
            return fail(
                ErrorKind::invalid,
                "{} in the polygon '{}' is outside 0 to 1; coordinates are shares of width and height", value,
                text);
        numbers.push_back(value);
        at = end;
    }
    if (numbers.size() % 2 || numbers.size() < 6)
        return fail(ErrorKind::invalid,
                    "the polygon '{}' has {} numbers; it needs x and y of at least three points", text,
                    numbers.size());
    Polygon polygon;
    for (std::size_t i = 0; i < numbers.size(); i += 2) polygon.push_back({numbers[i], numbers[i + 1]});
    return polygon;
}

}  // namespace passerby::redact
