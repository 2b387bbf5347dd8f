// What a person does with the ledger by hand: resume it after a restore, and count from it how the recorder
// is used.
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/terminal.h"
#include "ledger/use_report.h"
#include "store/ledger.h"

namespace passerby::app {

namespace {

constexpr std::chrono::days kReport{30};

Status resume(const std::string& folder) {
    const auto store = TRY(store::Store::open(folder, system_clock()));
    const auto ledger = TRY(store::Ledger::resume(store, {}));
    std::printf("the ledger %s goes on after its %llu entries, and says so in the last of them\n",
                ledger->verifier().name().c_str(), static_cast<unsigned long long>(ledger->state().size - 1));
    return {};
}

struct ReportArguments {
    std::string folder, from, to, format = "text";
};

Result<WallTime> time_of(const char* option, const std::string& text, WallTime otherwise) {
    if (text.empty()) return otherwise;
    // A day stands for its begin.
    auto time = wall_time_from_iso8601(text.size() == 10 ? text + "T00:00:00Z" : text);
    if (!time)
        return fail(ErrorKind::invalid, "{} {}: write a time like 2026-03-01 or 2026-03-01T12:00:00Z", option,
                    text);
    return time;
}

// From the files alone, so that it can be made beside a recorder, and from a copy.
Status report(const ReportArguments& a) {
    const auto now = system_clock().wall();
    const auto from = TRY(time_of("--from", a.from, now - kReport)), to = TRY(time_of("--to", a.to, now));
    if (to <= from) return fail(ErrorKind::invalid, "--to must be later than --from");
    ledger::UseReport report{from, to};
    const auto folder = std::filesystem::exists(a.folder + "/checkpoint") ? a.folder : a.folder + "/ledger";
    const auto fetch = ledger::fetch_from_folder(folder);
    const auto text = fetch("checkpoint");
    if (!text)
        return fail(ErrorKind::not_found, "{}; name the data folder of a recorder", text.error().message);
    const auto note = TRY(ledger::Note::parse(*text));
    const auto size = TRY(ledger::Checkpoint::parse(note.text)).size;
    ledger::TileReader reader{fetch, size};
    for (std::uint64_t tile = 0; tile * ledger::kTileWidth < size; ++tile)
        for (const auto& entry : TRY(reader.bundle(tile))) report.add(TRY(ledger::parse_entry(entry)));
    if (a.format == "json")
        std::printf("%s\n", report.to_json().dump(1).c_str());
    else
        std::printf("%s", (a.format == "csv" ? report.to_csv() : report.to_text()).c_str());
    return {};
}

}  // namespace

void add_ledger(CLI::App& app, int& status) {
    auto folder = std::make_shared<std::string>();
    auto* command = app.add_subcommand("ledger", "The recorder's public ledger.");
    command->require_subcommand(1);
    auto* again = command->add_subcommand(
        "resume", "Say that this data folder, a copy or restored from a backup, is the one that goes on.");
    again->add_option("DIR", *folder, "The data folder")->required();
    again->callback([folder, &status] {
        const auto done = resume(*folder);
        status = done ? 0 : 1;
        if (!done) complain(done.error().message);
    });
}

void add_report(CLI::App& app, int& status) {
    auto a = std::make_shared<ReportArguments>();
    auto* command = app.add_subcommand("report", "Reports that are made from the ledger alone.");
    command->require_subcommand(1);
    auto* use = command->add_subcommand(
        "use", "How often the recorder was used, by whom, for what, and of which camera.");
    use->add_option("DIR", a->folder, "A data folder, or a copy of its ledger")->required();
    use->add_option("--from", a->from, "Begin, such as 2026-03-01; otherwise 30 days ago");
    use->add_option("--to", a->to, "End; otherwise now");
    use->add_option("--format", a->format, "text, json or csv")
        ->check(CLI::IsMember({"text", "json", "csv"}))
        ->capture_default_str();
    use->callback([a, &status] {
        const auto done = report(*a);
        status = done ? 0 : 1;
        if (!done) complain(done.error().message);
    });
}

}  // namespace passerby::app
