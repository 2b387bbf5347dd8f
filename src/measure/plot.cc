#include "measure/plot.h"

#include <algorithm>
#include <cmath>

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
    std::string svg = fmt::format("<text class=\"name\" x=\"{}\" y=\"{}\">{}</text>", kLeft, top - 8, title);
    for (const double part : {0.0, 0.5, 1.0}) {
        const double y = top + kChart * (1 - part);
        svg += fmt::format(
            "<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\"/><text class=\"tick\" x=\"{}\" "
            "y=\"{}\">{:.3g} %</text>",
            kLeft, kLeft + kWidth, y, y, kLeft - 6, y + 4, 100 * most * part);
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

std::string area(const std::vector<Step>& steps, double Step::*value, double most, const char* style) {
    std::string points = fmt::format("{:.1f},{:.1f}", kLeft, kTop + kChart);
    for (std::size_t i = 0; i < steps.size(); ++i)
        points += fmt::format(" {:.1f},{:.1f} {:.1f},{:.1f}", x_of(i, steps.size()),
                              kTop + kChart * (1 - steps[i].*value / most), x_of(i + 1, steps.size()),
                              kTop + kChart * (1 - steps[i].*value / most));
    return fmt::format("<polygon class=\"{}\" points=\"{} {:.1f},{:.1f}\"/>", style, points, kLeft + kWidth,
                       kTop + kChart);
}

std::string seen_bars(const std::vector<Step>& steps, double top, double most) {
    std::string svg;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (steps[i].seen <= 0) continue;
        const double height = std::max(1.0, kChart * steps[i].seen / most);
        svg +=
            fmt::format("<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>",
                        steps[i].exposed ? "exposed" : "seen", x_of(i, steps.size()), top + kChart - height,
                        std::max(1.5, kWidth / static_cast<double>(steps.size())), height);
    }
    return svg;
}

std::string times(const Findings& found) {
    std::string svg;
    constexpr int kTicks = 6;
    for (int i = 0; i <= kTicks; ++i) {
        const auto at =
            static_cast<std::size_t>(std::lround(static_cast<double>(found.moments.size() - 1) * i / kTicks));
        svg += fmt::format("<text class=\"time\" x=\"{:.1f}\" y=\"{}\">{}</text>",
                           kLeft + kWidth * i / kTicks, kBottom + 18, clock_time(found.moments[at].time));
    }
    return svg;
}

std::string proven_line(const Findings& found) {
    if (found.from <= 1 || found.from > found.frames) return {};
    const double x = x_of(static_cast<std::size_t>(found.from - 1), found.moments.size());
    return fmt::format(
        "<line class=\"proven\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\"/><text class=\"tick "
        "from\" "
        "x=\"{3:.1f}\" y=\"{4}\">overmask counts from here</text>",
        x, kTop, kTop + kChart, x + 5, kTop + 14);
}

}  // namespace

std::string plot(const Findings& found) {
    if (found.moments.empty()) return {};
    const auto steps = steps_of(found.moments);
    const bool heads = std::holds_alternative<HeadFigures>(found.figures);
    const auto most_covered = rounded_up(std::max_element(steps.begin(), steps.end(), [](auto& a, auto& b) {
                                             return a.covered < b.covered;
                                         })->covered);
    const auto most_overmask = rounded_up(std::max_element(steps.begin(), steps.end(), [](auto& a, auto& b) {
                                              return a.overmask < b.overmask;
                                          })->overmask);
    const double top = kTop + kChart + kBetween, most = std::max(most_covered, most_overmask);
    const double limit = heads ? kExposedHead : kExposedForeground;
    const double most_seen = std::max(
        rounded_up(limit), rounded_up(std::max_element(steps.begin(), steps.end(), [](auto& a, auto& b) {
                                          return a.seen < b.seen;
                                      })->seen));
    const double limit_y = top + kChart * (1 - limit / most_seen);
    return fmt::format(
               "<svg class=\"plot\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"Share covered and share "
               "seen over time\">",
               kLeft + kWidth + 34, kBottom + 26) +
           frame_of(kTop, most,
                    "changed by the cover, of the whole picture (filled) and of the background (line)") +
           area(steps, &Step::covered, most, "covered") + area(steps, &Step::overmask, most, "overmask") +
           proven_line(found) +
           frame_of(top, most_seen,
                    heads ? "seen, of the detail of the head of which most is seen"
                          : "seen, of the detail of all that moves") +
           seen_bars(steps, top, most_seen) +
           fmt::format(
               "<line class=\"limit\" x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/><text class=\"tick "
               "from\" x=\"{}\" y=\"{:.1f}\">exposed</text>",
               kLeft, kLeft + kWidth, limit_y, limit_y, kLeft + 5, limit_y - 4) +
           times(found) + "</svg>\n";
}

}  // namespace passerby::measure
