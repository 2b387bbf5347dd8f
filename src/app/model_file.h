// The description of a user's model: a small YAML file, as strict as the config file. doc/models.md describes
// the keys.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/config.h"

namespace passerby::app {

// Either a description, or at least one error; in the order of their lines.
struct ModelFileResult {
    vision::ModelDescription model;  // to be used only when there are no errors
    std::vector<ConfigError> errors;
    explicit operator bool() const { return errors.empty(); }
};

// `file` names the model, and its folder is where relative paths begin.
ModelFileResult parse_model_file(const std::string& text, const std::filesystem::path& file);
ModelFileResult load_model_file(const std::filesystem::path& file);

// Loads the user's models once, where there are any, with the built-in ones: they are refused now, not in
// every camera's process. The error names the model's file and the mend.
Status try_models(const std::vector<vision::ModelDescription>&, const Inference&);

}  // namespace passerby::app
