#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "camera/worker.h"

namespace passerby::app {

void add_camera_process(CLI::App& app, int& status) {
    auto* command = app.add_subcommand(
        "camera-process", "One camera's process; started by serve, with pipes on descriptors 3 and 4.");
    command->group("");  // not for people
    command->callback([&status] { status = camera::run_worker(3, 4); });
}

}  // namespace passerby::app
