#include "ledger/manifest.h"

#include <algorithm>
#include <span>

namespace passerby::ledger {

namespace {

constexpr std::string_view kTexts[] = {"camera", "from", "to", "sha256", "codec", "policy", "sealed", "gap"};
constexpr std::string_view kNumbers[] = {"bytes",  "frames",      "width",
                                         "height", "covered_ppm", "clock_error_us"};

bool all(const Fields& manifest, std::span<const std::string_view> names, auto fits) {
    return std::ranges::all_of(names, [&](std::string_view name) {
        const auto found = manifest.find(std::string{name});
        return found == manifest.end() || fits(*found);
    });
}

bool is_time(const Fields& manifest, const char* name) {
    const auto found = manifest.find(name);
    return found != manifest.end() && wall_time_from_iso8601(found->get_ref<const std::string&>());
}

}  // namespace

Result<Fields> parse_manifest(std::string_view line) {
    const auto malformed = [](std::string_view what) {
        return fail(ErrorKind::corrupt, "this is no manifest of a recording: {}", what);
    };
    auto manifest = Fields::parse(line, nullptr, false);
    if (!manifest.is_object()) return malformed("it is no JSON object");
    if (!all(manifest, kTexts, [](const Fields& v) { return v.is_string(); }) ||
        !all(manifest, kNumbers, [](const Fields& v) { return v.is_number_integer(); }))
        return malformed("a field is of another type than it must be");
    if (!manifest.contains("camera") || !is_time(manifest, "from") || !is_time(manifest, "to"))
        return malformed("its camera or its time is missing");
    return manifest;
}

}  // namespace passerby::ledger
