#include <atomic>
#include <csignal>
#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/covering.h"
#include "app/terminal.h"
#include "base/file.h"
#include "media/picture_file.h"
#include "redact/file.h"
#include "redact/still.h"
#include "vision/detectors.h"

namespace passerby::app {

namespace {

constexpr int kDone = 0, kFailed = 1, kDoneWithGaps = 2;

struct Arguments {
    redact::FileJob job;
    CoverOptions cover;
    std::string audio = "drop", report;
    std::vector<std::string> inputs;  // more than one: pictures, and job.out is the folder they go to
};

Status parse(Arguments& a) {
    a.job.out = a.inputs.back();
    a.inputs.pop_back();
    a.job.in = a.inputs.front();
    TRY_STATUS(apply(a.cover, a.job));
    if (a.audio != "drop" && a.audio != "keep")
        return fail(ErrorKind::invalid, "--audio is drop or keep, not '{}'", a.audio);
    a.job.keep_audio = a.audio == "keep";
    if (a.report.empty()) return {};
    if (a.inputs.size() > 1)
        return fail(ErrorKind::invalid,
                    "--report is for one input; redact each picture by itself to get reports");
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

void summarise_picture(const redact::FileReport& report, const std::string& out) {
    std::fprintf(stderr, "%s: %.1f %% of the picture covered\n", out.c_str(), 100 * report.covered.front());
    for (const auto& d : report.doubts) std::fprintf(stderr, "  All of it is covered: %s\n", d.why.c_str());
    for (const auto& g : report.gaps) std::fprintf(stderr, "  The picture is damaged: %s\n", g.cause.c_str());
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
            "  The camera moves: only what detectors find is covered. Look through the file before "
            "you publish it.\n",
            stderr);
    // The report says so where something failed; here all went well, and yet there is nothing to see.
    if (report.scene == redact::Scene::fixed && !report.proven_from && report.doubts.empty())
        std::fputs(
            "  The clip is too short or too busy for its background to be proven, so all of it is covered. "
            "If detectors are "
            "enough: --scene moving.\n",
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

// A single picture goes the way of a picture, whatever it came in, if its output is to be one.
Result<int> run_picture(const redact::FileJob& job, const Arguments& a, vision::Detectors& detectors) {
    const auto report = TRY(redact::redact_still(job, &detectors, [&](const redact::FileReport& finished) {
        return write_report(finished, a, detectors.models());
    }));
    summarise_picture(report, job.out);
    return report.gaps.empty() ? kDone : kDoneWithGaps;
}

void note_that_detectors_decide() {
    std::fputs("Persons are covered where detectors find them. Look at a picture before you publish it.\n",
               stderr);
}

// Where each picture goes: into the folder, under its own name.
Result<std::vector<redact::FileJob>> jobs_of(const Arguments& a) {
    namespace fs = std::filesystem;
    const fs::path folder{a.job.out};
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored))
        return fail(ErrorKind::not_found, "'{}' is no folder; several pictures need one to go to", a.job.out);
    std::vector<redact::FileJob> jobs;
    for (const auto& in : a.inputs) {
        auto job = a.job;
        fs::path name = fs::path{in}.filename();
        if (!media::picture_format_of(name.string())) name.replace_extension(".png");
        job.in = in;
        job.out = (folder / name).string();
        for (const auto& other : jobs)
            if (other.out == job.out)
                return fail(ErrorKind::exists, "'{}' and '{}' would both become '{}'; redact them apart",
                            other.in, in, job.out);
        TRY_STATUS(redact::check_new_file(job.out, job.in, job.overwrite));
        jobs.push_back(std::move(job));
    }
    return jobs;
}

Result<int> run_pictures(const Arguments& a, vision::Detectors& detectors) {
    int status = kDone;
    for (const auto& job : TRY(jobs_of(a))) {
        if (stop_on_signals()) return fail(ErrorKind::cancelled, "stopped before '{}'", job.in);
        status = std::max(status, TRY(run_picture(job, a, detectors)));
    }
    note_that_detectors_decide();
    return status;
}

Result<int> run(Arguments& a) {
    TRY_STATUS(parse(a));
    const bool pictures = a.inputs.size() > 1 || media::picture_format_of(a.job.out);
    if (pictures && (a.cover.is_strict() || !a.cover.scene_picture.empty()))
        return fail(ErrorKind::invalid,
                    "a picture by itself proves no background that could be approved; leave out --strict, "
                    "--approved and "
                    "--scene-picture");
    auto detectors = TRY(detectors_for(a.cover));
    if (a.inputs.size() > 1) return run_pictures(a, *detectors);
    if (media::picture_format_of(a.job.out)) {
        const int done = TRY(run_picture(a.job, a, *detectors));
        note_that_detectors_decide();
        return done;
    }
    const auto report = cover_file(a.job, *detectors, [&](const auto& finished, const auto& models) {
        return write_report(finished, a, models);
    });
    if (!report) return tl::unexpected{report.error()};
    summarise(*report, a);
    return report->gaps.empty() ? kDone : kDoneWithGaps;
}

}  // namespace

void add_redact(CLI::App& app, int& status) {
    auto a = std::make_shared<Arguments>();
    auto* command = app.add_subcommand(
        "redact", "Cover every person, face and number plate in a video file or in pictures.");
    // OUT is the last one: CLI11 would give the list all there is.
    command
        ->add_option(
            "FILES", a->inputs,
            "IN OUT: a video (MP4, MKV, AVI, MPEG-TS) and the .mp4 file it becomes, or a picture (JPEG, PNG, "
            "WebP, "
            "BMP, TIFF) and the .jpg or .png it becomes; or several pictures and the folder they go to")
        ->required()
        ->expected(2, 1 << 20);
    add_cover_options(*command, a->cover);
    command
        ->add_option("--preset", a->job.preset,
                     "Of x264: from ultrafast (larger files) to veryslow (smaller ones)")
        ->capture_default_str();
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
