#include "app/covering.h"

#include <csignal>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/config_values.h"
#include "app/model_file.h"
#include "app/terminal.h"
#include "base/file.h"
#include "vision/load_detectors.h"

namespace passerby::app {

namespace {
std::atomic<bool> stop_asked{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set from a signal handler");
}  // namespace

std::vector<CLI::Option*> add_cover_options(CLI::App& command, CoverOptions& options) {
    return {
        command.add_option("--scene", options.scene, "fixed (the camera stands still), moving, or auto")
            ->capture_default_str(),
        command
            .add_option("--what", options.what,
                        "What is covered, of persons, faces, plates, vehicles, screens")
            ->capture_default_str(),
        command.add_option("--style,--cover", options.style, "How it is drawn: silhouette, vanish or block")
            ->capture_default_str(),
        command.add_option(
            "--mask", options.masks,
            "A polygon that is always covered: \"x,y x,y x,y …\", 0-1 of width and height; may be repeated"),
        command.add_flag("--strict", options.strict,
                         "Show the scene only where a person approved its picture: none until --approved"),
        command.add_option(
            "--approved", options.approved,
            "A picture of --scene-picture; what is painted over in its grey is not approved; may be "
            "repeated; implies --strict"),
        command.add_option(
            "--scene-picture", options.scene_picture,
            "Write what is proven to be background to this PNG file, to be looked at and approved"),
        command.add_flag("--as-live", options.as_live,
                         "Do what a live camera gets: one pass, half a second of look-ahead"),
        command.add_option(
            "--model", options.models,
            "A model of your own, described in this YAML file (doc/models.md); may be repeated"),
        command
            .add_option("--provider", options.provider,
                        "What the models run on: cpu, cuda, tensorrt, openvino, xnnpack")
            ->capture_default_str(),
        command.add_option("--threads", options.threads, "Threads for the models")
            ->check(CLI::Range(1, 64))
            ->capture_default_str(),
    };
}

Status apply(const CoverOptions& options, redact::FileJob& job) {
    if (options.scene != "auto") job.scene = TRY(redact::scene_named(options.scene));
    job.style = TRY(redact::cover_style_named(options.style));
    job.cover = TRY(redact::subjects_named(options.what));
    for (const auto& mask : options.masks) job.masks.push_back(TRY(redact::polygon_from(mask)));
    job.as_live = options.as_live;
    if (options.is_strict()) job.approval = redact::Approval::required;
    job.approved = options.approved;
    job.scene_picture = options.scene_picture;
    // A camera's scene is fixed unless its owner says otherwise; there is no first pass that could find out.
    if (job.as_live && !job.scene) job.scene = redact::Scene::fixed;
    return {};
}

nlohmann::json to_json(const redact::FileReport& report, const CoverOptions& options,
                       const std::vector<vision::ModelInfo>& models) {
    nlohmann::json json{
        {"passerby", PASSERBY_VERSION},
        {"scene", redact::name(report.scene)},
        {"style", options.style},
        {"cover", options.what},
        {"as_live", options.as_live},
        {"masks", options.masks},
        {"width", report.video.size.width},
        {"height", report.video.size.height},
        {"picture", report.video.picture},
        {"frames", report.frames},
        {"proven_from", report.proven_from ? nlohmann::json(report.proven_from) : nlohmann::json()},
        {"covered", report.covered}};
    json["approval"] =
        redact::name(options.is_strict() ? redact::Approval::required : redact::Approval::none);
    if (options.is_strict()) json["approved"] = report.approved;
    if (const auto subjects = redact::subjects_named(options.what)) json["cover"] = redact::names(*subjects);
    json["padded"] = report.video.size.width % 2 || report.video.size.height % 2;
    for (auto& list : {"models", "gaps", "doubts"}) json[list] = nlohmann::json::array();
    for (const auto& m : models) json["models"].push_back({{"name", m.name}, {"sha256", m.sha256}});
    for (const auto& g : report.gaps)
        json["gaps"].push_back({{"after_frame", g.after_frame}, {"cause", g.cause}});
    for (const auto& d : report.doubts)
        json["doubts"].push_back({{"first", d.first}, {"last", d.last}, {"why", d.why}});
    return json;
}

Result<std::unique_ptr<vision::Detectors>> detectors_for(const CoverOptions& options) {
    const auto folder = TRY(resource("models"));
    const auto provider = TRY(provider_from(options.provider));
    vision::DetectorOptions wanted{folder.string(), options.threads, provider};
    for (const auto& file : options.models) {
        auto described = load_model_file(file);
        for (const auto& error : described.errors) complain(to_string(error, file));
        if (!described)
            return fail(ErrorKind::invalid, "'{}' does not describe a model; doc/models.md shows how to",
                        file);
        wanted.models.push_back(std::move(described.model));
    }
    return vision::load_detectors(wanted);
}

Result<redact::FileReport> cover_file(const redact::FileJob& job, vision::Detectors& detectors,
                                      const Finished& finished) {
    ProgressLine line{system_clock()};
    auto report = redact::redact_file(
        job, &detectors, stop_on_signals(),
        [&](const redact::FileProgress& p) {
            line.show(p.pass == 1 ? "proving the scene" : "covering", p.frame, p.frames);
        },
        [&](const redact::FileReport& made) { return finished(made, detectors.models()); });
    line.clear();
    return report;
}

const std::atomic<bool>& stop_on_signals() {
    for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { stop_asked = true; });
    return stop_asked;
}

}  // namespace passerby::app
