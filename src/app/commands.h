// The commands. Each adds itself to the program's command line; when it is chosen it runs and leaves its exit
// status in `status`: 0 done, 1 could not be done (one line on standard error says what, where and the mend),
// 2 done with gaps.
#pragma once

namespace CLI {
class App;
}

namespace passerby::app {

void add_serve(CLI::App&, int& status);
void add_redact(CLI::App&, int& status);
void add_measure(CLI::App&, int& status);
void add_check(CLI::App&, int& status);
void add_ledger(CLI::App&, int& status);
void add_keyholder(CLI::App&, int& status);
void add_api(CLI::App&, int& status);
void add_open(CLI::App&, int& status);
void add_report(CLI::App&, int& status);
void add_config(CLI::App&, int& status);
void add_camera_process(CLI::App&, int& status);  // hidden

}  // namespace passerby::app
