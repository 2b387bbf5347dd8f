// The leak report for an owner's own footage: covers a labelled video, or takes one that was covered, and
// says how much of the people in it is still seen.
#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/measure_options.h"
#include "app/terminal.h"
#include "base/file.h"
#include "base/temporary_folder.h"
#include "measure/page.h"
#include "measure/report.h"
#include "redact/painter.h"

namespace passerby::app {

namespace {

namespace fs = std::filesystem;

constexpr int kDone = 0, kFailed = 1, kDoneWithGaps = 2;

// What is known after covering and before measuring.
struct Covered {
    std::string path;
    std::int64_t proven_from = 0;
    std::optional<redact::FileReport> report;  // of our own covering
    std::vector<vision::ModelInfo> models;
};

std::string file_name(const std::string& path) {
    return fs::path{path}.filename().string();
}

measure::Progress progress_line(ProgressLine& line, const char* what) {
    return [&line, what](std::int64_t frame, std::int64_t frames) { line.show(what, frame, frames); };
}

// The number of frames after which the labels begin anew: those of the clip, unless it is a loop itself.
Result<std::int64_t> find_period(const MeasureOptions& a, const measure::Labels& labels) {
    ProgressLine line{system_clock()};
    const auto counted =
        measure::count_frames(a.video, stop_on_signals(), progress_line(line, "counting the frames"));
    line.clear();
    const auto frames = TRY(counted);
    if (a.loop > frames)
        return fail(ErrorKind::invalid, "--loop {} is more than the {} frames of '{}'; leave it out", a.loop,
                    frames, a.video);
    const auto period = a.loop ? a.loop : frames;
    TRY_STATUS(measure::fit(labels, period, a.video));
    return period;
}

Result<Covered> cover(const MeasureOptions& a, const std::string& out) {
    Covered covered{out, 0, {}, {}};
    redact::FileJob job;
    TRY_STATUS(apply(a.cover, job));
    job.in = a.video;
    job.out = out;
    job.passes = a.showings();
    job.overwrite = a.overwrite;
    const auto detectors = TRY(detectors_for(a.cover));
    covered.report = TRY(cover_file(job, *detectors, [&](const auto&, const auto& models) -> Status {
        covered.models = models;
        return {};
    }));
    covered.proven_from = covered.report->proven_from;
    return covered;
}

Result<measure::Findings> compare(const MeasureOptions& a, const Covered& covered, measure::Labels labels,
                                  std::int64_t period) {
    // As a file the scene was proven before the first frame was shown.
    const auto proven = a.cover.as_live ? std::max<std::int64_t>(1, covered.proven_from) : 1;
    // The page's pictures are covered by the one that covers all else, with flat boxes in the tone of places
    // where nobody needs to be.
    const auto painter = std::make_shared<redact::Painter>(redact::CoverStyle::block);
    measure::Comparison job{a.video,
                            covered.path,
                            std::move(labels),
                            a.showings(),
                            period,
                            a.from ? a.from : proven,
                            [painter](const image::RawFrame& frame, const image::Mask& hide) {
                                return painter->paint(frame, {hide, hide});
                            }};
    if (a.html.empty()) job.paint = {};
    ProgressLine line{system_clock()};
    auto found = measure::measure(job, stop_on_signals(), progress_line(line, "measuring"));
    line.clear();
    if (!found) return found;
    if (const auto* heads = std::get_if<measure::HeadFigures>(&found->figures); heads && heads->heads == 0)
        return fail(ErrorKind::invalid,
                    "not one head labelled in '{}' could be measured: persons lower than {:g} pixels, hidden "
                    "by more than "
                    "{:g} % or without detail do not count; see --min-height, --min-visibility and --scale",
                    a.labels, a.rules.min_height, 100 * (1 - a.rules.min_visibility));
    return found;
}

std::vector<std::pair<std::string, std::string>> about(const MeasureOptions& a, const Covered& covered,
                                                       const measure::Findings& found) {
    std::vector<std::pair<std::string, std::string>> facts{
        {"clip", fmt::format("{}, {} frames of {}x{}", file_name(a.video), found.frames, found.size.width,
                             found.size.height)},
        {"labels", file_name(a.labels) + (a.ignore.empty() ? "" : ", ignored: " + file_name(a.ignore))}};
    if (a.showings() > 1) facts.emplace_back("shown", fmt::format("{} times over", a.showings()));
    if (std::holds_alternative<measure::HeadFigures>(found.figures))
        facts.emplace_back("persons measured",
                           fmt::format("from {:g} pixels in height, visible by {:g} % or more",
                                       a.rules.min_height, 100 * a.rules.min_visibility));
    if (!covered.report) {
        facts.emplace_back("covered video", file_name(covered.path));
        return facts;
    }
    const auto& report = *covered.report;
    facts.emplace_back("covered by", fmt::format("passerby {}, {} scene, {} covers{}", PASSERBY_VERSION,
                                                 redact::name(report.scene), a.cover.style,
                                                 a.cover.as_live ? ", as a live camera" : ""));
    facts.emplace_back("scene proven",
                       report.proven_from ? fmt::format("from frame {} on", report.proven_from) : "never");
    for (const auto& m : covered.models)
        facts.emplace_back("model", fmt::format("{} (SHA-256 {})", m.name, m.sha256));
    for (const auto& d : report.doubts)
        facts.emplace_back("wholly covered", fmt::format("frames {} to {}: {}", d.first, d.last, d.why));
    for (const auto& g : report.gaps)
        facts.emplace_back("gap", fmt::format("after frame {}: {}", g.after_frame, g.cause));
    return facts;
}

Status write(const std::string& path, const std::string& content) {
    const auto written = write_file_atomically(path, content);
    if (!written)
        return fail(written.error().kind, "'{}' cannot be written ({}); give it another place", path,
                    written.error().message);
    return {};
}

Status write_outputs(const MeasureOptions& a, const Covered& covered, const measure::Findings& found) {
    const auto facts = about(a, covered, found);
    if (!a.json.empty()) {
        auto json = measure::to_json(found);
        json["passerby"] = PASSERBY_VERSION;
        json["showings"] = a.showings();
        json["min_height"] = a.rules.min_height;
        json["min_visibility"] = a.rules.min_visibility;
        json["redaction"] =
            covered.report ? to_json(*covered.report, a.cover, covered.models) : nlohmann::json();
        TRY_STATUS(write(a.json, json.dump(1) + "\n"));
    }
    if (!a.html.empty()) {
        const auto html = TRY(measure::page({file_name(a.video), facts}, found));
        TRY_STATUS(write(a.html, html));
    }
    for (const auto& [word, value] : facts)
        if (word != "model") std::printf("%s: %s\n", word.c_str(), value.c_str());
    std::printf("\n%s", measure::table(found).c_str());
    return {};
}

Result<int> run(const MeasureOptions& a) {
    TRY_STATUS(check_outputs(a));
    auto labels = TRY(read_labels(a));
    const auto period = TRY(find_period(a, labels));
    std::optional<TemporaryFolder> temporary;
    if (a.covered.empty() && a.keep.empty()) temporary.emplace(TRY(TemporaryFolder::create()));
    const auto covered = a.covered.empty()
                             ? TRY(cover(a, temporary ? temporary->file("covered.mp4") : a.keep))
                             : Covered{a.covered, 0, {}, {}};
    const auto found = TRY(compare(a, covered, std::move(labels), period));
    TRY_STATUS(write_outputs(a, covered, found));
    return covered.report && !covered.report->gaps.empty() ? kDoneWithGaps : kDone;
}

}  // namespace

void add_measure(CLI::App& app, int& status) {
    auto a = std::make_shared<MeasureOptions>();
    auto* command =
        app.add_subcommand("measure", "Measure how well the labelled people in a video are covered.");
    add_measure_options(*command, *a);
    command->callback([a, &status] {
        const auto result = run(*a);
        status = result ? *result : kFailed;
        if (!result) complain(result.error().message);
    });
}

}  // namespace passerby::app
