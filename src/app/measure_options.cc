#include "app/measure_options.h"

#include <filesystem>

#include <CLI/CLI.hpp>

namespace passerby::app {

namespace fs = std::filesystem;

namespace {
constexpr int kTimesAsLive = 3;
}

int MeasureOptions::showings() const {
    if (times) return times;
    return cover.as_live ? kTimesAsLive : 1;
}

Status check_outputs(const MeasureOptions& a) {
    std::vector<std::string> taken;
    for (const auto* input : {&a.video, &a.labels, &a.covered, &a.ignore})
        if (!input->empty()) taken.push_back(*input);
    for (const auto* output : {&a.keep, &a.json, &a.html}) {
        if (output->empty()) continue;
        std::error_code ignored;
        for (const auto& other : taken)
            if (fs::weakly_canonical(*output, ignored) == fs::weakly_canonical(other, ignored))
                return fail(ErrorKind::exists, "'{}' is given twice; give every output a name of its own",
                            *output);
        TRY_STATUS(redact::check_new_file(*output, a.video, a.overwrite));
        taken.push_back(*output);
    }
    return {};
}

Result<measure::Labels> read_labels(const MeasureOptions& a) {
    if (fs::is_directory(a.labels)) {
        for (const auto* option : a.for_boxes_only)
            if (option->count())
                return fail(ErrorKind::invalid,
                            "{} is for labels that are boxes, but '{}' is a folder of masks; leave it out",
                            option->get_name(), a.labels);
        return measure::Labels{TRY(measure::MaskLabels::list(a.labels))};
    }
    measure::Boxes boxes{TRY(measure::BoxLabels::read(a.labels, a.scale)), {}, a.rules};
    if (boxes.persons.boxes() == 0)
        return fail(ErrorKind::invalid,
                    "there is no box in '{}'; label the persons, one line for each frame of each", a.labels);
    if (!a.ignore.empty()) boxes.ignored = TRY(measure::BoxLabels::read(a.ignore, a.scale));
    return measure::Labels{std::move(boxes)};
}

void add_measure_options(CLI::App& command, MeasureOptions& a) {
    command.add_option("VIDEO", a.video, "The video before it is covered")->required();
    command
        .add_option("LABELS", a.labels,
                    "Who is where: a MOTChallenge file (frame,id,x,y,w,h[,conf[,class,visibility]]), or a "
                    "folder with "
                    "one PNG mask for each frame (255 foreground, 0 background)")
        ->required();
    auto* covered = command.add_option("--covered", a.covered,
                                       "Measure this covered video; without it VIDEO is covered first");
    for (auto* option : add_cover_options(command, a.cover)) option->excludes(covered);
    command.add_option("--keep", a.keep, "Keep the covered video as this .mp4 file")->excludes(covered);
    command
        .add_option("--times", a.times,
                    "How often the clip is shown, one after the other; 3 with --as-live, otherwise 1")
        ->check(CLI::Range(1, 10000));
    command
        .add_option(
            "--from", a.from,
            "Overmask counts from this frame on; with --as-live from the one at which the scene was proven")
        ->check(CLI::PositiveNumber);
    command
        .add_option("--loop", a.loop, "VIDEO is a loop itself: its labels begin anew after so many frames")
        ->check(CLI::PositiveNumber);
    a.for_boxes_only = {
        command.add_option("--ignore", a.ignore,
                           "Boxes that are neither persons nor background, in the form of LABELS"),
        command.add_option("--min-height", a.rules.min_height, "Lower persons are not measured, pixels")
            ->capture_default_str(),
        command
            .add_option("--min-visibility", a.rules.min_visibility,
                        "More hidden persons are not measured, 0-1")
            ->capture_default_str(),
        command.add_option("--scale", a.scale, "Pixels of VIDEO for one of LABELS")
            ->capture_default_str()
            ->check(CLI::PositiveNumber)};
    command.add_option("--json", a.json, "Write the figures, and values for every frame, to this file");
    command.add_option("--html", a.html,
                       "Write a page with the figures, a plot and covered pictures of the worst frames");
    command.add_flag("--force", a.overwrite, "Replace outputs that exist");
}

}  // namespace passerby::app
