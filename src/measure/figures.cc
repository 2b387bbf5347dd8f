#include "measure/figures.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace passerby::measure {

namespace {

template <class... F>
struct Cases : F... {
    using F::operator()...;
};
template <class... F>
Cases(F...) -> Cases<F...>;

std::optional<double> ratio(std::int64_t part, std::int64_t whole) {
    if (whole == 0) return {};
    return static_cast<double>(part) / static_cast<double>(whole);
}

std::string with_percent(std::optional<double> share, int digits) {
    const auto text = percent(share, digits);
    return text ? *text + " %" : "nothing to measure";
}

void add(std::vector<Figure>& all, const HeadFigures& f) {
    all.push_back(
        {"heads exposed",
         fmt::format("{} of {} ({})", f.exposed, f.heads, with_percent(ratio(f.exposed, f.heads), 4)),
         "A head is the top 22 % of a labelled box, over the middle 60 % of its width. It is exposed when at "
         "least 25 % of its detail can still be seen."});
    all.push_back(
        {"tracks exposed",
         f.exposed_tracks.empty() ? fmt::format("0 of {}", f.tracks)
                                  : fmt::format("{} of {} (labels {})", f.exposed_tracks.size(), f.tracks,
                                                fmt::join(f.exposed_tracks, ", ")),
         "Persons whose head is exposed for three frames or more in a row: one face shown for a moment is "
         "enough."});
    all.push_back(
        {"residual", f.residual ? fmt::format("{:.3f}", *f.residual) : "nothing to measure",
         "Mean correlation of the heads before and after at 12x12 pixels: what a blur or a coarse mosaic "
         "still gives away. Flat covers are near 0."});
}

void add(std::vector<Figure>& all, const ForegroundFigures& f, std::int64_t frames) {
    all.push_back(
        {"foreground seen", with_percent(ratio(f.seen, f.detail), 3),
         "Share of the detail of all that moves that can still be seen. Detail is a pixel around which the "
         "original has something to see."});
    all.push_back({"frames exposed", fmt::format("{} of {}", f.frames_exposed, frames),
                   "Frames in which more than 5 % of the foreground's detail can still be seen."});
}

}  // namespace

std::optional<double> Findings::seen_share() const {
    return std::visit(Cases{[](const HeadFigures& f) { return ratio(f.exposed, f.heads); },
                            [](const ForegroundFigures& f) { return ratio(f.seen, f.detail); }},
                      figures);
}

std::optional<double> Findings::overmask_share() const {
    return ratio(changed_background, background);
}

std::optional<std::string> percent(std::optional<double> share, int digits) {
    if (!share) return {};
    return fmt::format("{:.{}f}", 100 * *share, digits);
}

std::vector<Figure> figures_in_words(const Findings& found) {
    std::vector<Figure> all;
    std::visit(Cases{[&](const HeadFigures& f) { add(all, f); },
                     [&](const ForegroundFigures& f) { add(all, f, found.frames); }},
               found.figures);
    const bool boxes = std::holds_alternative<HeadFigures>(found.figures);
    all.push_back(
        {"overmask",
         with_percent(found.overmask_share(), 3) +
             (found.from > 1 ? fmt::format(", from frame {} on", found.from) : ""),
         fmt::format("Share of the background that changed by more than {} of 255: what was covered without "
                     "need. Background is all that is {}.",
                     kChanged,
                     boxes ? "outside of every labelled box grown by a quarter on every side"
                           : "more than 15 pixels away from what moves")});
    double covered = 0;
    for (const auto& m : found.moments) covered += m.covered;
    all.push_back({"changed",
                   with_percent(covered / static_cast<double>(std::max<std::int64_t>(1, found.frames)), 1),
                   "Share of the whole picture that the cover changed, on average."});
    return all;
}

std::string clock_time(Micros time) {
    const auto tenths = (time.count() + 50'000) / 100'000;
    const auto seconds = tenths / 10;
    const auto tail = fmt::format("{:02}.{}", seconds % 60, tenths % 10);
    return seconds >= 3600 ? fmt::format("{}:{:02}:{}", seconds / 3600, seconds / 60 % 60, tail)
                           : fmt::format("{}:{}", seconds / 60, tail);
}

}  // namespace passerby::measure
