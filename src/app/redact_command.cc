#include <atomic>
#include <csignal>
#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/config_values.h"
#include "app/model_file.h"
#include "app/terminal.h"
#include "base/file.h"
#include "media/picture_file.h"
#include "redact/file.h"
#include "redact/still.h"
#include "vision/load_detectors.h"

namespace passerby::app {

namespace {

constexpr int kDone = 0, kFailed = 1, kDoneWithGaps = 2;

std::atomic<bool> stop_asked{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set from a signal handler");

struct Arguments {
    redact::FileJob job;
    std::string scene = "auto", style = "silhouette", what = "persons,faces,plates", audio = "drop", report;
    std::vector<std::string> masks, models;
    std::vector<std::string> inputs;  // more than one: pictures, and job.out is the folder they go to
    std::string provider = "cpu";
    int threads = 2;
};

nlohmann::json to_json(const redact::FileReport& report, const Arguments& arguments,
                       const std::vector<vision::ModelInfo>& models) {
    nlohmann::json json{
        {"passerby", PASSERBY_VERSION},
        {"scene", redact::name(report.scene)},
        {"style", arguments.style},
        {"cover", redact::names(arguments.job.cover)},
        {"as_live", arguments.job.as_live},
        {"audio", arguments.audio},
        {"masks", arguments.masks},
        {"width", report.video.size.width},
        {"height", report.video.size.height},
        {"picture", report.video.picture},
        {"frames", report.frames},
        {"proven_from", report.proven_from ? nlohmann::json(report.proven_from) : nlohmann::json()},
        {"covered", report.covered}};
    json["padded"] = report.video.size.width % 2 || report.video.size.height % 2;
    for (auto& list : {"models", "gaps", "doubts"}) json[list] = nlohmann::json::array();
    for (const auto& m : models) json["models"].push_back({{"name", m.name}, {"sha256", m.sha256}});
    for (const auto& g : report.gaps)
        json["gaps"].push_back({{"after_frame", g.after_frame}, {"cause", g.cause}});
    for (const auto& d : report.doubts)
        json["doubts"].push_back({{"first", d.first}, {"last", d.last}, {"why", d.why}});
    return json;
}

Status parse(Arguments& a) {
    a.job.out = a.inputs.back();
    a.inputs.pop_back();
    a.job.in = a.inputs.front();
    if (a.scene != "auto") a.job.scene = TRY(redact::scene_named(a.scene));
    a.job.style = TRY(redact::cover_style_named(a.style));
    a.job.cover = TRY(redact::subjects_named(a.what));
    for (const auto& mask : a.masks) a.job.masks.push_back(TRY(redact::polygon_from(mask)));
    if (a.audio != "drop" && a.audio != "keep")
        return fail(ErrorKind::invalid, "--audio is drop or keep, not '{}'", a.audio);
    a.job.keep_audio = a.audio == "keep";
    // A camera's scene is fixed unless its owner says otherwise; there is no first pass that could find out.
    if (a.job.as_live && !a.job.scene) a.job.scene = redact::Scene::fixed;
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
    const auto written = write_file_atomically(a.report, to_json(report, a, models).dump(1) + "\n");
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
        if (stop_asked) return fail(ErrorKind::cancelled, "stopped before '{}'", job.in);
        status = std::max(status, TRY(run_picture(job, a, detectors)));
    }
    note_that_detectors_decide();
    return status;
}

// The built-in models, and those of --model. All that is wrong in a description is said; the error is the
// rest.
Result<std::unique_ptr<vision::Detectors>> detectors_for(const Arguments& a) {
    vision::DetectorOptions options{TRY(resource("models")).string(), a.threads,
                                    TRY(provider_from(a.provider))};
    for (const auto& file : a.models) {
        auto described = load_model_file(file);
        for (const auto& error : described.errors) complain(to_string(error, file));
        if (!described)
            return fail(ErrorKind::invalid, "'{}' does not describe a model; doc/models.md shows how to",
                        file);
        options.models.push_back(std::move(described.model));
    }
    return vision::load_detectors(options);
}

Result<int> run(Arguments& a) {
    TRY_STATUS(parse(a));
    auto detectors = TRY(detectors_for(a));
    if (a.inputs.size() > 1) return run_pictures(a, *detectors);
    if (media::picture_format_of(a.job.out)) {
        const int done = TRY(run_picture(a.job, a, *detectors));
        note_that_detectors_decide();
        return done;
    }
    ProgressLine line{system_clock()};
    const auto report = redact::redact_file(
        a.job, detectors.get(), stop_asked,
        [&](const redact::FileProgress& p) {
            line.show(p.pass == 1 ? "proving the scene" : "covering", p.frame, p.frames);
        },
        [&](const redact::FileReport& finished) { return write_report(finished, a, detectors->models()); });
    line.clear();
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
    command->add_option("--scene", a->scene, "fixed (the camera stands still), moving, or auto")
        ->capture_default_str();
    command->add_option("--what", a->what, "What is covered, of persons, faces, plates, vehicles, screens")
        ->capture_default_str();
    command->add_option("--style,--cover", a->style, "How it is drawn: silhouette, vanish or block")
        ->capture_default_str();
    command->add_option(
        "--mask", a->masks,
        "A polygon that is always covered: \"x,y x,y x,y …\", 0-1 of width and height; may be repeated");
    command->add_option("--audio", a->audio, "drop, or keep: voices identify people")->capture_default_str();
    command->add_option("--report", a->report,
                        "Write what was covered, and every gap and doubt, to this JSON file");
    command->add_option("--model", a->models,
                        "A model of your own, described in this YAML file (doc/models.md); may be repeated");
    command
        ->add_option("--provider", a->provider,
                     "What the models run on: cpu, cuda, tensorrt, openvino, xnnpack")
        ->capture_default_str();
    command->add_option("--threads", a->threads, "Threads for the models")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    command->add_flag("--force", a->job.overwrite, "Replace OUT if it exists");
    command->add_flag("--as-live", a->job.as_live,
                      "Do what a live camera gets: one pass, half a second of look-ahead");
    command->callback([a, &status] {
        for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { stop_asked = true; });
        const auto result = run(*a);
        status = result ? *result : kFailed;
        if (!result) complain(result.error().message);
    });
}

}  // namespace passerby::app
