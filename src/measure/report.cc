#include "measure/report.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace passerby::measure {

namespace {

constexpr std::size_t kFirstLeaks = 20;

// As a number, since that is what programs compare.
nlohmann::json rounded(std::optional<double> share, int digits, double factor = 100) {
    if (!share) return nullptr;
    return std::stod(fmt::format("{:.{}f}", factor * *share, digits));
}

nlohmann::json leaks_json(const Findings& found) {
    auto list = nlohmann::json::array();
    for (const auto& leak : found.leaks) list.push_back({leak.frame, leak.track, rounded(leak.seen, 2, 1)});
    return list;
}

void add(nlohmann::json& json, const Findings& found, const HeadFigures& f) {
    json["person_frames"] = f.heads;
    json["exposed"] = f.exposed;
    json["exposed_pct"] = rounded(found.seen_share(), 4);
    json["tracks"] = f.tracks;
    json["tracks_exposed"] = f.exposed_tracks.size();
    json["exposed_tracks"] = f.exposed_tracks;
    json["residual"] = rounded(f.residual, 3, 1);
    json["all_leaks"] = leaks_json(found);
}

void add(nlohmann::json& json, const Findings& found, const ForegroundFigures& f) {
    json["foreground_seen_pct"] = rounded(found.seen_share(), 3);
    json["frames_exposed"] = f.frames_exposed;
    json["all_leaks"] = leaks_json(found);
}

}  // namespace

std::string table(const Findings& found) {
    std::string text;
    const auto figures = figures_in_words(found);
    std::size_t name = 0;
    for (const auto& figure : figures) name = std::max(name, figure.name.size());
    for (const auto& figure : figures) text += fmt::format("{:<{}}  {}\n", figure.name, name, figure.value);
    const bool heads = std::holds_alternative<HeadFigures>(found.figures);
    if (!found.leaks.empty())
        text += heads ? "\nframe    time        track   seen\n" : "\nframe    time        seen\n";
    for (std::size_t i = 0; i < std::min(kFirstLeaks, found.leaks.size()); ++i) {
        const auto& leak = found.leaks[i];
        text += fmt::format("{:<7}  {:<10}  ", leak.frame,
                            clock_time(found.moments[static_cast<std::size_t>(leak.frame - 1)].time));
        if (heads) text += fmt::format("{:<6}  ", leak.track);
        text += fmt::format("{:.1f} %\n", 100 * leak.seen);
    }
    if (found.leaks.size() > kFirstLeaks)
        text += fmt::format("and {} more\n", found.leaks.size() - kFirstLeaks);
    return text;
}

nlohmann::json to_json(const Findings& found) {
    nlohmann::json json{{"width", found.size.width},
                        {"height", found.size.height},
                        {"frames", found.frames},
                        {"overmask_from", found.from},
                        {"overmask_pct", rounded(found.overmask_share(), 3)}};
    std::visit([&](const auto& figures) { add(json, found, figures); }, found.figures);
    for (auto& list : {"changed", "seen", "exposed_at"}) json[list] = nlohmann::json::array();
    for (const auto& m : found.moments) {
        json["changed"].push_back(rounded(m.covered, 4, 1));
        json["seen"].push_back(rounded(m.seen, 4, 1));
        json["exposed_at"].push_back(m.exposed);
    }
    return json;
}

}  // namespace passerby::measure
