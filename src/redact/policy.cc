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

Result<Approval> approval_named(std::string_view text) {
    if (text == "none") return Approval::none;
    if (text == "required") return Approval::required;
    return fail(ErrorKind::invalid, "'{}' is no kind of approval; write none or required", text);
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

std::string_view name(Approval approval) {
    return approval == Approval::required ? "required" : "none";
}

std::vector<std::string> names(Subjects chosen) {
    std::vector<std::string> out;
    for (const auto s : Subjects::kAll)
        if (chosen.has(s)) out.emplace_back(name(s));
    return out;
}

namespace {

Result<std::vector<float>> shares_from(std::string_view text, std::string_view what, std::string_view mend) {
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
        if (end == at) return fail(ErrorKind::invalid, "'{}' is not a {}; write {}", text, what, mend);
        if (!(value >= 0 && value <= 1))
            return fail(ErrorKind::invalid,
                        "{} in the {} '{}' is outside 0 to 1; coordinates are shares of width and height",
                        value, what, text);
        numbers.push_back(value);
        at = end;
    }
    return numbers;
}

}  // namespace

std::string text_of(const Polygon& polygon) {
    std::string text;
    for (const auto& p : polygon) text += fmt::format("{}{:.4f},{:.4f}", text.empty() ? "" : " ", p.x, p.y);
    return text;
}

Result<Polygon> polygon_from(std::string_view text) {
    const auto numbers = TRY(shares_from(text, "polygon", "it as x,y x,y x,y with numbers from 0 to 1"));
    if (numbers.size() % 2 || numbers.size() < 6)
        return fail(ErrorKind::invalid,
                    "the polygon '{}' has {} numbers; it needs x and y of at least three points", text,
                    numbers.size());
    Polygon polygon;
    for (std::size_t i = 0; i < numbers.size(); i += 2) polygon.push_back({numbers[i], numbers[i + 1]});
    return polygon;
}

Result<Polygon> part_from(std::string_view text) {
    const auto numbers = TRY(
        shares_from(text, "part of the picture", "x,y,width,height or x,y x,y x,y with numbers from 0 to 1"));
    if (numbers.size() != 4) return polygon_from(text);
    const float x0 = numbers[0], y0 = numbers[1], x1 = x0 + numbers[2], y1 = y0 + numbers[3];
    if (x1 > 1 || y1 > 1 || x1 <= x0 || y1 <= y0)
        return fail(
            ErrorKind::invalid,
            "the rectangle '{}' is empty or reaches over the picture; x + width and y + height are at "
            "most 1",
            text);
    return Polygon{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}};
}

}  // namespace passerby::redact
