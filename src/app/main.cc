// passerby: one program, a command for each job.
#include <CLI/CLI.hpp>

#include "app/commands.h"

int main(int argc, char** argv) {
    CLI::App app{
        "passerby sees what happens and never who: a CCTV recorder that covers every person before a picture "
        "is stored or shown."};
    app.set_version_flag("--version", PASSERBY_VERSION);
    app.require_subcommand(1);
    int status = 0;
    passerby::app::add_serve(app, status);
    passerby::app::add_redact(app, status);
    passerby::app::add_measure(app, status);
    passerby::app::add_check(app, status);
    passerby::app::add_ledger(app, status);
    passerby::app::add_report(app, status);
    passerby::app::add_keyholder(app, status);
    passerby::app::add_open(app, status);
    passerby::app::add_api(app, status);
    passerby::app::add_config(app, status);
    passerby::app::add_camera_process(app, status);
    CLI11_PARSE(app, argc, argv);
    return status;
}
