// Verifies a data folder, in four depths.
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/terminal.h"
#include "media/video_reader.h"
#include "store/check.h"

namespace passerby::app {

namespace {

constexpr int kSound = 0, kFailed = 1, kFound = 2;

struct Arguments {
    std::string folder, depth = "files";
    bool repair = false, json = false;
};

// Every frame that is listed decodes.
std::optional<std::string> damage_of_pictures(const std::string& file, const store::Segment& segment) {
    const auto reader = media::VideoReader::open("file:" + file, {});
    if (!reader) return reader.error().message;
    int frames = 0;
    for (;;) {
        const auto frame = (*reader)->read();
        if (!frame) return frame.error().message;
        if (!*frame) break;
        ++frames;
    }
    if (const auto& gaps = (*reader)->gaps(); !gaps.empty())
        return fmt::format("after frame {} it does not decode: {}", gaps.front().after_frame,
                           gaps.front().cause);
    if (frames != segment.frames)
        return fmt::format("{} frames decode, and {} are listed", frames, segment.frames);
    return std::nullopt;
}

void look_at_pictures(store::CheckReport& report, ProgressLine& line) {
    std::size_t done = 0;
    for (const auto& [segment, file] : report.segments) {
        line.show("decoding", static_cast<std::int64_t>(++done),
                  static_cast<std::int64_t>(report.segments.size()));
        if (auto what = damage_of_pictures(file.string(), segment))
            report.findings.push_back({file.string(), std::move(*what),
                                       "restore it from a backup; its bytes are those that were recorded"});
    }
}

void print(const store::CheckReport& report, int repaired, bool as_json) {
    if (as_json) {
        nlohmann::json json{{"recorder_runs", report.recorder_runs},
                            {"files", report.files},
                            {"bytes", report.bytes},
                            {"repaired", repaired},
                            {"findings", nlohmann::json::array()}};
        for (const auto& f : report.findings)
            json["findings"].push_back(
                {{"where", f.where}, {"what", f.what}, {"mend", f.mend}, {"repairable", f.safe}});
        std::printf("%s\n", json.dump(1).c_str());
        return;
    }
    for (const auto& f : report.findings)
        std::printf("%s: %s; %s\n", f.where.c_str(), f.what.c_str(), f.mend.c_str());
    std::printf("%zu finding%s, %llu files with %llu bytes looked at%s\n", report.findings.size(),
                report.findings.size() == 1 ? "" : "s", static_cast<unsigned long long>(report.files),
                static_cast<unsigned long long>(report.bytes),
                report.recorder_runs ? "; a recorder runs, files that nobody lists were not looked for" : "");
    if (repaired > 0) std::printf("%d mended\n", repaired);
}

Result<int> run(const Arguments& a) {
    const bool pictures = a.depth == "pictures";
    const auto depth = pictures ? store::Depth::bytes : TRY(store::depth_named(a.depth));
    ProgressLine line{system_clock()};
    auto report = TRY(store::check(a.folder, depth, [&](std::size_t done, std::size_t all) {
        line.show("looking", static_cast<std::int64_t>(done), static_cast<std::int64_t>(all));
    }));
    if (pictures) look_at_pictures(report, line);
    line.clear();
    int repaired = 0;
    if (a.repair) repaired = TRY(store::repair(a.folder, report, system_clock()));
    print(report, repaired, a.json);
    return report.findings.size() > static_cast<std::size_t>(repaired) ? kFound : kSound;
}

}  // namespace

void add_check(CLI::App& app, int& status) {
    auto a = std::make_shared<Arguments>();
    auto* command = app.add_subcommand("check", "Verify the recordings and the catalogue of a data folder.");
    command->add_option("DIR", a->folder, "The data folder")->required();
    command
        ->add_option(
            "--depth", a->depth,
            "catalogue (seconds), files (each is there and whole in its structure), bytes (reads all, checks "
            "hashes) or pictures (decodes all)")
        ->capture_default_str();
    command->add_flag(
        "--repair", a->repair,
        "Note recordings that are gone or damaged as gaps; deletes no file. Stop the recorder first");
    command->add_flag("--json", a->json, "Findings as JSON");
    command->callback([a, &status] {
        const auto result = run(*a);
        status = result ? *result : kFailed;
        if (!result) complain(result.error().message);
    });
}

}  // namespace passerby::app
