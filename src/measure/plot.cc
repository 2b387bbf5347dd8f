#include "measure/plot.h"

#include <algorithm>

#include <fmt/format.h>

namespace passerby::measure {

namespace {

constexpr double kLeft = 52, kWidth = 840, kChart = 120, kTop = 24, kBetween = 40;
constexpr std::size_t kMostSteps = 420;
constexpr double kBottom = kTop + kChart + kBetween + kChart;

struct Step {
    double covered = 0, overmask = 0, seen = 0;
    bool exposed = false;
};

std::vector<Step> steps_of(const std::vector<Moment>& moments) {
    std::vector<Step> steps(std::min(kMostSteps, moments.size()));
    std::vector<int> frames(steps.size());
    for (std::size_t i = 0; i < moments.size(); ++i) {
        const std::size_t at = i * steps.size() / moments.size();
        const auto& m = moments[i];
        auto& step = steps[at];
        step.covered += m.covered;
        step.overmask += m.overmask;
        step.seen = std::max(step.seen, m.seen);
        step.exposed = step.exposed || m.exposed > 0;
        ++frames[at];
    }
    for (std::size_t i = 0; i < steps.size(); ++i) {
        steps[i].covered /= frames[i];
        steps[i].overmask /= frames[i];
    }
    return steps;
}

double x_of(std::size_t step, std::size_t steps) {
    return kLeft + kWidth * static_cast<double>(step) / static_cast<double>(steps);
}

// A chart's frame: its name, the axis of shares up to `most`.
std::string frame_of(double top, double most, const std::string& title) {
    auto svg = fmt::format(R"(<text class="name" x="{}" y="{}">{}</text>)", kLeft, top - 8, title);
    for (const double part : {0.0, 0.5, 1.0}) {
        const double y = top + kChart * (1 - part);
        svg += fmt::format(R"(<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>)", kLeft, kLeft + kWidth,
                           y, y);
        svg += fmt::format(R"(<text class="tick" x="{}" y="{}">{:.3g} %</text>)", kLeft - 6, y + 4,
                           100 * most * part);
    }
    return svg;
}

// The next of 1, 2, 5 and their powers of ten, at most 100 %.
double rounded_up(double share) {
    for (double decade = 0.001; decade < 1; decade *= 10)
        for (const double step : {1.0, 2.0, 5.0})
            if (share <= decade * step) return decade * step;
    return 1;
}

// The line of a chart at the top, one level a step.
std::string line_of(const std::vector<Step>& steps, double Step::*value, double most) {
    std::string points;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const double y = kTop + kChart * (1 - steps[i].*value / most);
        points += fmt::format("{:.1f},{:.1f} {:.1f},{:.1f} ", x_of(i, steps.size()), y,
                              x_of(i + 1, steps.size()), y);
    }
    return points;
}

std::string covered_chart(const std::vector<Step>& steps, double most) {
    const double bottom = kTop + kChart;
    return fmt::format(R"(<polygon class="covered" points="{},{} {}{},{}"/>)", kLeft, bottom,
                       line_of(steps, &Step::covered, most), kLeft + kWidth, bottom) +
           fmt::format(R"(<polyline class="overmask" points="{}"/>)", line_of(steps, &Step::overmask, most));
}

std::string seen_bars(const std::vector<Step>& steps, double top, double most) {
    std::string svg;
    const double width = std::max(1.5, kWidth / static_cast<double>(steps.size()));
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (steps[i].seen <= 0) continue;
        const double height = std::max(1.0, kChart * steps[i].seen / most);
        svg += fmt::format(R"(<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>)",
                           steps[i].exposed ? "exposed" : "seen", x_of(i, steps.size()),
                           top + kChart - height, width, height);
    }
    return svg;
}

std::string limit_line(double y) {
    return fmt::format(R"(<line class="limit" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>)", kLeft,
                       kLeft + kWidth, y, y) +
           fmt::format(R"(<text class="tick from" x="{}" y="{:.1f}">exposed</text>)", kLeft + 5, y + 14);
}

std::string proven_line(const Findings& found) {
    if (found.from <= 1 || found.from > found.frames) return {};
    const double x = x_of(static_cast<std::size_t>(found.from - 1), found.moments.size());
    return fmt::format(R"(<line class="proven" x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}"/>)", x, kTop,
                       kTop + kChart) +
           fmt::format(R"(<text class="tick from" x="{:.1f}" y="{}">overmask counts from here</text>)", x + 5,
                       kTop + 14);
}

std::string times(const Findings& found) {
    constexpr std::size_t kTicks = 6;
    std::string svg;
    for (std::size_t i = 0; i <= kTicks; ++i) {
        const double x = kLeft + kWidth * static_cast<double>(i) / kTicks;
        const auto& moment = found.moments[(found.moments.size() - 1) * i / kTicks];
        svg += fmt::format(R"(<text class="time" x="{:.1f}" y="{}">{}</text>)", x, kBottom + 18,
                           clock_time(moment.time));
    }
    return svg;
}

}  // namespace

std::string plot(const Findings& found) {
    if (found.moments.empty()) return {};
    const auto steps = steps_of(found.moments);
    const bool heads = std::holds_alternative<HeadFigures>(found.figures);
    Step most;
    for (const auto& step : steps) {
        most.covered = std::max({most.covered, step.covered, step.overmask});
        most.seen = std::max(most.seen, step.seen);
    }
    const double limit = heads ? kExposedHead : kExposedForeground;
    const double most_covered = rounded_up(most.covered);
    const double most_seen = std::max(rounded_up(limit), rounded_up(most.seen));
    const double top = kTop + kChart + kBetween;
    auto svg = fmt::format(R"(<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}">)",
                           kLeft + kWidth + 34, kBottom + 26, "Share covered and share seen over time");
    svg += frame_of(kTop, most_covered,
                    "changed by the cover, of the whole picture (filled) and of the background (line)");
    svg += covered_chart(steps, most_covered) + proven_line(found);
    svg += frame_of(top, most_seen,
                    heads ? "seen, of the detail of the head of which most is seen"
                          : "seen, of the detail of all that moves");
    svg +=
        seen_bars(steps, top, most_seen) + limit_line(top + kChart * (1 - limit / most_seen)) + times(found);
    return svg + "</svg>\n";
}

}  // namespace passerby::measure
