#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/ranges.h>

#include "app/commands.h"
#include "app/config.h"
#include "app/model_file.h"
#include "app/terminal.h"
#include "base/file.h"

namespace passerby::app {

namespace {

int check(const std::string& file) {
    const auto result = load_config(file);
    for (const auto& error : result.errors) complain(to_string(error, file));
    if (!result) return 1;
    const auto& config = result.config;
    if (const auto tried = try_models(config.models, config.inference); !tried) {
        complain(to_string({0, "models", tried.error().message}, file));
        return 1;
    }
    if (const auto warning = config.http.warning(); !warning.empty())
        complain(file + ": warning: " + warning);
    for (const auto& camera : config.cameras)
        if (camera.audio == CameraConfig::Audio::keep)
            complain(fmt::format(
                "{}: warning: cameras.{}.audio: the sound is kept. Voices identify people; whoever "
                "looks hears them",
                file, camera.id));
    std::printf("%s is right: %zu camera%s\n", file.c_str(), config.cameras.size(),
                config.cameras.size() == 1 ? "" : "s");
    if (const auto missing = config.about.missing(); !missing.empty())
        std::printf("hint: about: has no %s; the page /about-this-camera says that this is missing\n",
                    fmt::format("{}", fmt::join(missing, ", ")).c_str());
    return 0;
}

}  // namespace

void add_config(CLI::App& app, int& status) {
    auto file = std::make_shared<std::string>();
    auto* config = app.add_subcommand("config", "Work with the config file.");
    config->require_subcommand(1);
    auto* check = config->add_subcommand(
        "check", "Say whether a config file is right: line, key and mend of every error.");
    check->add_option("FILE", *file, "The config file")->required();
    check->callback([file, &status] { status = app::check(*file); });
}

}  // namespace passerby::app
