// The command line of `passerby measure`, and what it names: labels to read and files to write.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/covering.h"
#include "measure/clip.h"

namespace passerby::app {

// As they were typed; an empty string is an option that was not given.
struct MeasureOptions {
    std::string video, labels, covered, keep, json, html, ignore;
    CoverOptions cover;
    measure::BoxRules rules;
    double scale = 1;
    int times = 0;                    // 0: as the way of covering asks for
    std::int64_t from = 0, loop = 0;  // 0: found out
    bool overwrite = false;
    std::vector<CLI::Option*> for_boxes_only;

    // How often the clip is shown, one after the other.
    int showings() const;
};

// `options` outlives the command.
void add_measure_options(CLI::App& command, MeasureOptions& options);

// Every output is new, or may be replaced, and is neither an input nor another output.
Status check_outputs(const MeasureOptions&);
Result<measure::Labels> read_labels(const MeasureOptions&);

}  // namespace passerby::app
