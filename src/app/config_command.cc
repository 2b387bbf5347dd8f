#include <memory>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/config.h"
#include "app/terminal.h"

namespace passerby::app {

void add_config(CLI::App& app, int& status) {
    auto file = std::make_shared<std::string>();
    auto* config = app.add_subcommand("config", "Work with the config file.");
    config->require_subcommand(1);
    auto* check = config->add_subcommand(
        "check", "Say whether a config file is right: line, key and mend of every error.");
    check->add_option("FILE", *file, "The config file")->required();
    check->callback([file, &status] {
        const auto result = load_config(*file);
        for (const auto& error : result.errors) complain(to_string(error, *file));
        if (result)
            std::printf("%s is right: %zu camera%s\n", file->c_str(), result.config.cameras.size(),
                        result.config.cameras.size() == 1 ? "" : "s");
        status = result ? 0 : 1;
    });
}

}  // namespace passerby::app
