#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/covering.h"
#include "app/terminal.h"
#include "base/file.h"
#include "redact/file.h"

namespace passerby::app {

namespace {

constexpr int kDone = 0, kFailed = 1, kDoneWithGaps = 2;

struct Arguments {
    redact::FileJob job;
    CoverOptions cover;
    std::string audio = "drop", report;
};

Status parse(Arguments& a) {
    TRY_STATUS(apply(a.cover, a.job));
    if (a.audio != "drop" && a.audio != "keep")
        return fail(ErrorKind::invalid, "--audio is drop or keep, not '{}'", a.audio);
    a.job.keep_audio = a.audio == "keep";
    if (a.report.empty()) return {};
    std::error_code ignored;
    if (std::filesystem::weakly_canonical(a.report, ignored) ==
        std::filesystem::weakly_canonical(a.job.out, ignored))
        return fail(ErrorKind::exists, "'{}' is the output; give the report another name", a.report);
    return redact::check_new_file(a.report, a.job.in, a.job.overwrite);
}

// All or nothing: without its report the output is not kept either.
Status write_report(const redact::FileReport& report, const Arguments& a,
                    const std::vector<vision::ModelInfo>& models) {
    if (a.report.empty()) return {};
    auto json = to_json(report, a.cover, models);
    json["audio"] = a.audio;
    const auto written = write_file_atomically(a.report, json.dump(1) + "\n");
    if (!written)
        return fail(written.error().kind, "the report '{}' cannot be written ({}); give it another place",
                    a.report, written.error().message);
    return {};
}

void summarise(const redact::FileReport& report, const Arguments& a) {
    double sum = 0;
    for (const double c : report.covered) sum += c;
    std::fprintf(stderr, "%s: %lld frames, %.1f %% of the picture covered on average, %s scene\n",
                 a.job.out.c_str(), static_cast<long long>(report.frames),
                 100 * sum / static_cast<double>(report.frames),
                 std::string{redact::name(report.scene)}.c_str());
    if (report.scene == redact::Scene::moving)
        std::fputs(
            "  The camera moves: persons are covered where detectors find them. Look through the file before "
            "you publish it.\n",
            stderr);
    if (a.job.keep_audio) std::fputs("  The sound was kept. Voices identify people.\n", stderr);
    if (report.video.size.width % 2 || report.video.size.height % 2)
        std::fputs("  H.264 has even sizes only: the picture was padded by one row or column.\n", stderr);
    for (const auto& d : report.doubts)
        std::fprintf(stderr, "  frames %lld to %lld are wholly covered: %s\n",
                     static_cast<long long>(d.first), static_cast<long long>(d.last), d.why.c_str());
    for (const auto& g : report.gaps)
        std::fprintf(stderr, "  gap after frame %lld: %s\n", static_cast<long long>(g.after_frame),
                     g.cause.c_str());
}

Result<int> run(Arguments& a) {
    TRY_STATUS(parse(a));
    const auto report = cover_file(
        a.job, [&](const auto& finished, const auto& models) { return write_report(finished, a, models); });
    if (!report) return tl::unexpected{report.error()};
    summarise(*report, a);
    return report->gaps.empty() ? kDone : kDoneWithGaps;
}

}  // namespace

void add_redact(CLI::App& app, int& status) {
    auto a = std::make_shared<Arguments>();
    auto* command =
        app.add_subcommand("redact", "Cover every person, face and number plate in a video file.");
    command->add_option("IN", a->job.in, "The video: MP4, MKV, AVI or MPEG-TS")->required();
    command->add_option("OUT", a->job.out, "The covered video, an .mp4 file")->required();
    add_cover_options(*command, a->cover);
    command->add_option("--audio", a->audio, "drop, or keep: voices identify people")->capture_default_str();
    command->add_option("--report", a->report,
                        "Write what was covered, and every gap and doubt, to this JSON file");
    command->add_flag("--force", a->job.overwrite, "Replace OUT if it exists");
    command->callback([a, &status] {
        stop_on_signals();
        const auto result = run(*a);
        status = result ? *result : kFailed;
        if (!result) complain(result.error().message);
    });
}

}  // namespace passerby::app
