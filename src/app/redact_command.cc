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
#include "redact/file.h"
#include "vision/load_detectors.h"

namespace passerby::app {

namespace {

constexpr int kDone = 0, kFailed = 1, kDoneWithGaps = 2;

std::atomic<bool> stop_asked{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set from a signal handler");

struct Arguments {
    redact::FileJob job;
    std::string scene = "auto", cover = "silhouette", audio = "drop", report;
    std::vector<std::string> masks, models;
    std::string provider = "cpu";
    int threads = 2;
};

nlohmann::json to_json(const redact::FileReport& report, const Arguments& arguments,
                       const std::vector<vision::ModelInfo>& models) {
    nlohmann::json json{
        {"passerby", PASSERBY_VERSION},
        {"scene", redact::name(report.scene)},
        {"cover", arguments.cover},
        {"as_live", arguments.job.as_live},
        {"audio", arguments.audio},
        {"masks", arguments.masks},
        {"width", report.video.size.width},
        {"height", report.video.size.height},
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
    if (a.scene != "auto") a.job.scene = TRY(redact::scene_named(a.scene));
    a.job.cover = TRY(redact::cover_style_named(a.cover));
    for (const auto& mask : a.masks) a.job.masks.push_back(TRY(redact::polygon_from(mask)));
    if (a.audio != "drop" && a.audio != "keep")
        return fail(ErrorKind::invalid, "--audio is drop or keep, not '{}'", a.audio);
    a.job.keep_audio = a.audio == "keep";
    // A camera's scene is fixed unless its owner says otherwise; there is no first pass that could find out.
    if (a.job.as_live && !a.job.scene) a.job.scene = redact::Scene::fixed;
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
    const auto written = write_file_atomically(a.report, to_json(report, a, models).dump(1) + "\n");
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
    auto* command =
        app.add_subcommand("redact", "Cover every person, face and number plate in a video file.");
    command->add_option("IN", a->job.in, "The video: MP4, MKV, AVI or MPEG-TS")->required();
    command->add_option("OUT", a->job.out, "The covered video, an .mp4 file")->required();
    command->add_option("--scene", a->scene, "fixed (the camera stands still), moving, or auto")
        ->capture_default_str();
    command->add_option("--cover", a->cover, "silhouette, vanish or block")->capture_default_str();
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
