#include "measure/page.h"

#include <array>
#include <cstdint>

#include <fmt/format.h>

#include "measure/plot.h"
#include "media/jpeg.h"

namespace passerby::measure {

namespace {

constexpr int kPictureWidth = 960;

// The policy keeps the promise that nothing is loaded, whatever stands in the page.
constexpr const char* kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<style>
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5d6878; --line: #d9dee6; --paper: #fff; --leak: #c8372d;
  --cover: #8296b3; --over: #b7791f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa5b5; --line: #333c49; --paper: #14181f;
  --leak: #ff6b5e; --cover: #5b7090; --over: #e0a84a; } }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
table { border-collapse: collapse; width: 100%; } td, th { border-top: 1px solid var(--line); padding: .5rem .8rem .5rem 0;
  text-align: left; vertical-align: top; } th { white-space: nowrap; } td.value { font-weight: 600; min-width: 8rem; }
td.meaning, figcaption, p.note { color: var(--soft); font-size: .9rem; }
figure { margin: 1rem 0 1.8rem; } figure svg { width: 100%; height: auto; display: block; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; } dt { color: var(--soft); } dd { margin: 0;
  overflow-wrap: anywhere; }
.plot { width: 100%; height: auto; } .plot text { fill: var(--soft); font-size: 12px; } .plot .name { fill: var(--ink); }
.plot .tick { text-anchor: end; } .plot .from { text-anchor: start; } .plot .time { text-anchor: middle; }
.plot .grid { stroke: var(--line); } .plot .covered { fill: var(--cover); opacity: .75; }
.plot .overmask { fill: none; stroke: var(--over); stroke-width: 1.5; } .plot .seen { fill: var(--soft); }
.plot .exposed { fill: var(--leak); } .plot .limit, .plot .proven { stroke: var(--leak); stroke-dasharray: 4 4; }
.place, .head { fill: none; stroke: #ff4b3a; stroke-width: 2; vector-effect: non-scaling-stroke; }
.head { stroke-dasharray: 4 3; }
@media print { figure { break-inside: avoid; } }
</style>
)";

std::string base64(std::string_view bytes) {
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t three = 0;
        for (std::size_t k = 0; k < 3; ++k)
            three = three << 8 | (i + k < bytes.size() ? static_cast<std::uint8_t>(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k)
            text += i + k > bytes.size() ? '=' : kDigits[three >> (18 - 6 * k) & 63U];
    }
    return text;
}

std::string rectangle(const char* style, image::Rect r) {
    if (r.empty()) return {};
    return fmt::format(R"(<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>)", style, r.x, r.y, r.width,
                       r.height);
}

std::string caption_of(const WorstFrame& worst, bool heads) {
    const double seen = worst.leak.seen;
    const bool exposed = heads ? seen >= kExposedHead : seen > kExposedForeground;
    const auto what =
        heads ? fmt::format("the head labelled {}", worst.leak.track) : std::string{"what moves"};
    return fmt::format("Frame {} at {}: {:.1f} % of the detail of {} can be seen{}", worst.leak.frame,
                       clock_time(worst.time), 100 * seen, what, exposed ? "." : " (not exposed).");
}

Result<std::string> figure_of(const WorstFrame& worst, const Findings& found) {
    const auto caption = caption_of(worst, std::holds_alternative<HeadFigures>(found.figures));
    const auto [width, height] = found.size;
    const auto picture = base64(TRY(media::jpeg_from(worst.picture, kPictureWidth)));
    auto html = fmt::format(R"(<figure><svg viewBox="0 0 {} {}" role="img" aria-label="{}">)", width, height,
                            caption);
    html += fmt::format(
        R"(<image width="{}" height="{}" preserveAspectRatio="none" href="data:image/jpeg;base64,{}"/>)",
        width, height, picture);
    for (const auto& outline : worst.outlines)
        html += rectangle("place", outline.place) + rectangle("head", outline.head);
    return html + fmt::format("</svg><figcaption>{}</figcaption></figure>\n", caption);
}

std::string figures_of(const Findings& found) {
    std::string rows;
    for (const auto& figure : figures_in_words(found))
        rows += fmt::format(
                    R"(<tr><th scope="row">{}</th><td class="value">{}</td><td class="meaning">{}</td></tr>)",
                    escaped(figure.name), escaped(figure.value), escaped(figure.meaning)) +
                "\n";
    return "<table>\n" + rows + "</table>\n";
}

std::string note(std::string_view text) {
    return fmt::format("<p class=\"note\">{}</p>\n", text);
}

Result<std::string> pictures_of(const Findings& found) {
    std::string html = "<h2>The worst frames</h2>\n";
    if (found.worst.empty())
        return html + note(found.leaks.empty()
                               ? "None: hardly anything is seen in any frame."
                               : "There are no pictures here: so much is seen that this is not a "
                                 "covered video.");
    html += note(R"(These are frames of the covered video. Where the labels know of somebody, this page covers
all that is not covered beyond doubt, so it shows where and when something is seen, but not what. Red: who or what
is seen; dashed: the head that is measured.)");
    for (const auto& worst : found.worst) html += TRY(figure_of(worst, found));
    return html;
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string html;
    for (const char c : text) {
        if (c == '&')
            html += "&amp;";
        else if (c == '<')
            html += "&lt;";
        else if (c == '>')
            html += "&gt;";
        else if (c == '"')
            html += "&quot;";
        else
            html += c;
    }
    return html;
}

Result<std::string> page(const PageFacts& facts, const Findings& found) {
    const auto clip = escaped(facts.clip);
    std::string html = kHead;
    html += fmt::format("<title>{}: how well people are covered</title>\n</head>\n<body>\n", clip);
    html += fmt::format("<h1>How well people are covered in {}</h1>\n", clip);
    html += figures_of(found);
    html += "<h2>Over time</h2>\n" + plot(found);
    html += TRY(pictures_of(found));
    html += "<h2>How this was measured</h2>\n<dl>\n";
    for (const auto& [word, value] : facts.about)
        html += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escaped(word), escaped(value));
    html +=
        "</dl>\n" + note(R"(Pixels of the original and of the covered video are compared; nothing of how the
cover was made is used. Detail is a pixel whose 5x5 neighbourhood in the original has a standard deviation of luma of
4 or more; it is seen when the neighbourhoods before and after correlate by 0.7 or more. What nobody labelled is not
measured.)");
    return html + "</body>\n</html>\n";
}

}  // namespace passerby::measure
