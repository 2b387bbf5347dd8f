// What the commands that cover a video file have in common: the options that say how, and the run with its
// progress line and its report.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "redact/file.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace passerby::app {

// As they were typed.
struct CoverOptions {
    std::string scene = "auto", style = "silhouette", what = "persons,faces,plates";
    std::vector<std::string> masks;
    bool as_live = false;
    std::vector<std::string> models;  // descriptions of one's own
    std::string provider = "cpu";
    // Half of the cores: decoding and encoding take the rest.
    int threads = static_cast<int>(std::clamp(std::thread::hardware_concurrency() / 2, 1U, 4U));
    bool strict = false;
    std::vector<std::string> approved;
    std::string scene_picture;

    bool is_strict() const { return strict || !approved.empty(); }
};

// `options` outlives the command.
std::vector<CLI::Option*> add_cover_options(CLI::App& command, CoverOptions& options);

// Into the job; the error names the option.
Status apply(const CoverOptions&, redact::FileJob&);

// What was covered, and every gap and doubt.
nlohmann::json to_json(const redact::FileReport&, const CoverOptions&, const std::vector<vision::ModelInfo>&);

// The built-in models, and those of --model. All that is wrong in a description is said; the error is the
// rest.
Result<std::unique_ptr<vision::Detectors>> detectors_for(const CoverOptions&);

// Covers, with a progress line. `finished` as for redact_file.
using Finished = std::function<Status(const redact::FileReport&, const std::vector<vision::ModelInfo>&)>;
Result<redact::FileReport> cover_file(const redact::FileJob&, vision::Detectors&, const Finished& finished);

// Becomes true when the user asks the program to stop (SIGINT, SIGTERM); from the first call on the signals
// do nothing else.
const std::atomic<bool>& stop_on_signals();

}  // namespace passerby::app
