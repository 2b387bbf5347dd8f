// Power cuts, simulated: the store is used by chance while everything it does to its files is written down;
// then, for each case, the machine goes down behind one of these changes, what was not synced is lost or kept
// by chance, and the store must open with all that it had acknowledged, accounted for in time, and go on. In
// a fifth of the cases the recovery is cut off again, up to three times in a row; or the process alone is
// killed in between, which leaves unsynced what it had not synced.
//
// power_cuts CUTS SEED                all of them; exit status 1 when anything did not hold
// power_cuts CUTS SEED WORKLOAD CASE  one case again, with the changes before each cut
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include <fmt/format.h>
#include <sodium.h>
#include <sqlite3.h>
#include <unistd.h>

#include "base/log.h"
#include "base/temporary_folder.h"
#include "power_cuts/disk.h"
#include "power_cuts/disk_trace.h"
#include "power_cuts/facts.h"
#include "power_cuts/workload.h"
#include "store/check.h"

namespace {

using namespace passerby;
using namespace passerby::power_cuts;
using namespace std::chrono_literals;

namespace fs = std::filesystem;

constexpr int kCasesOfWorkload = 200;
constexpr int kActions = 220;
constexpr int kMostInARow = 3;
constexpr double kAgain = 0.2;   // of the recoveries are cut off
constexpr double kKilled = 0.2;  // of the cases begin with the end of the process alone

// The same case is the same to its last byte: keys, salts of SQLite.
std::mt19937_64 the_randomness;

void seed_everything(std::uint64_t seed) {
    the_randomness.seed(seed);
    sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(seed % 1'000'000 + 1), nullptr);
}

void make_random_numbers_repeat() {
    static randombytes_implementation repeated{
        .implementation_name = [] { return "repeated"; },
        .random = [] { return static_cast<std::uint32_t>(the_randomness()); },
        .stir = nullptr,
        .uniform = nullptr,
        .buf =
            [](void* bytes, std::size_t n) {
                for (std::size_t i = 0; i < n; ++i)
                    static_cast<unsigned char*>(bytes)[i] = static_cast<unsigned char>(the_randomness());
            },
        .close = nullptr};
    randombytes_set_implementation(&repeated);
}

// A stretch of the store's life without a cut: what it changed, and what it acknowledged.
struct Run {
    Disk before;
    std::vector<Change> changes;
    std::size_t first = 0, opened = 0;  // positions in `changes`: it began; the store was open
    Book book;
    std::vector<std::pair<std::size_t, WallTime>> times;
    std::vector<std::string> wrong{};
    std::size_t actions = 0;

    WallTime time_at(std::size_t position) const {
        auto when = times.front().second;
        for (const auto& [at, time] : times)
            if (at <= position) when = time;
        return when;
    }
};

Disk state_at(const Run& run, std::size_t position) {
    auto disk = run.before;
    for (std::size_t i = 0; i < position; ++i) disk.apply(run.changes[i]);
    return disk;
}

// What a stranger could read of the ledger.
std::uint64_t published(const Disk& disk) {
    const auto inode = disk.find("data/ledger/checkpoint");
    if (!inode) return 0;
    const auto& text = disk.nodes.at(*inode).bytes;
    const auto line = text.find('\n') + 1;
    std::uint64_t size = 0;
    std::from_chars(text.data() + std::min(line, text.size()), text.data() + text.size(), size);
    return size;
}

class Simulation {
  public:
    Simulation(fs::path root, std::uint64_t seed, bool tells)
        : root_{std::move(root)}, seed_{seed}, tells_{tells} {}

    // The store in use. What is on the record already is not part of what can be cut.
    Run use(int workload) {
        auto random = random_for(workload, -1);
        seed_everything(random());
        Disk disk;
        Facts facts;
        auto now = *wall_time_from_iso8601("2026-03-01T12:56:30Z");
        // In some, the ledger is about to fill a tile.
        if (workload % 3 == 2) {
            const auto entries = static_cast<int>(230 + random() % 26);
            auto run = live({}, {}, {}, now, random, [&](Workload& w) -> Status {
                for (int i = 0; i < entries; ++i) TRY_STATUS(w.append_to_ledger());
                return w.end();
            });
            disk = state_at(run, run.changes.size());
            facts = run.book.at(run.changes.size());
            now = now + 10s;
        }
        return live(disk, {}, facts, now, random, [&](Workload& w) -> Status {
            for (int i = 0; i < kActions; ++i) TRY_STATUS(w.act());
            return w.end();
        });
    }

    // One case; empty: all held. Counts the cuts.
    std::string cut(const Run& used, int workload, int number, int& cuts, int& again) {
        auto random = random_for(workload, number);
        seed_everything(random());
        std::string story;
        std::unique_ptr<Run> kept;
        const auto* run = &used;
        bool kills = Cut::nothing_lost(random).chance(kKilled);
        for (int in_a_row = 0; in_a_row < kMostInARow;) {
            const auto position = choose(*run, run != &used, random);
            const auto live_disk = state_at(*run, position);
            auto facts = run->book.at(position);
            facts.published = published(live_disk);
            const auto now = run->time_at(position) + std::chrono::seconds{random() % 60};
            Disk disk;
            std::vector<Change> unsynced;
            story += fmt::format("{} change {} of {}: ", run == &used ? "behind" : ", then behind", position,
                                 run->changes.size());
            if (tells_) tell(*run, position);
            if (kills) {
                story += "the process was killed";
                disk = run->before;
                unsynced.assign(run->changes.begin(),
                                run->changes.begin() + static_cast<std::ptrdiff_t>(position));
            } else {
                Cut what{random};
                story += what.name();
                disk = survivors(run->before, std::span{run->changes}.first(position), what);
                ++cuts, ++in_a_row;
                if (run != &used) ++again;
            }
            auto next =
                std::make_unique<Run>(recover(std::move(disk), std::move(unsynced), facts, now, random));
            if (!next->wrong.empty()) {
                for (const auto& w : next->wrong) story += "\n    " + w;
                return story;
            }
            kept = std::move(next);
            run = kept.get();
            if (!kills && !Cut::nothing_lost(random).chance(kAgain)) return {};
            kills = !kills && Cut::nothing_lost(random).chance(kKilled);
        }
        return {};
    }

  private:
    std::mt19937_64 random_for(int workload, int number) const {
        std::seed_seq seeds{seed_, static_cast<std::uint64_t>(workload),
                            static_cast<std::uint64_t>(number + 1)};
        return std::mt19937_64{seeds};
    }

    // Where the cut comes. Half of the second ones while the store was being opened; a third of all right
    // behind a name that came or went, because most changes are of bytes.
    static std::size_t choose(const Run& run, bool recovers, std::mt19937_64& random) {
        const auto end = recovers && random() % 2 == 0 ? run.opened : run.changes.size();
        std::vector<std::size_t> names;
        for (auto i = run.first; i < end; ++i)
            if (run.changes[i].kind == Change::Kind::entries) names.push_back(i + 1);
        if (!names.empty() && random() % 3 == 0) return names[random() % names.size()];
        return run.first + random() % (end - run.first + 1);
    }

    void tell(const Run& run, std::size_t position) const {
        std::printf("%zu changes of %zu:\n", position, run.changes.size());
        for (auto i = position > 40 ? position - 40 : 0; i < std::min(position + 5, run.changes.size()); ++i)
            std::printf("%s %zu %s\n", i < position ? "  " : " -", i, describe(run.changes[i]).c_str());
    }

    // Opens the store, does `what`, and looks whether the trace has all of it.
    Run live(Disk disk, std::vector<Change> changes, const Facts& facts, WallTime now,
             std::mt19937_64& random, const std::function<Status(Workload&)>& what) {
        Run run{.before = {},
                .changes = {},
                .first = changes.size(),
                .opened = changes.size(),
                .book = Book{facts},
                .times = {}};
        auto state = disk;
        for (const auto& change : changes) state.apply(change);
        state.write_to(root_);
        DiskTrace trace{root_, std::move(disk), std::move(changes)};
        Workload workload{root_, trace, run.book, now, random};
        auto done = workload.open();
        run.opened = trace.position();
        // What the standard library throws of a folder that is gone is a finding too.
        try {
            if (done) done = what(workload);
        } catch (const std::exception& e) {
            done = fail(ErrorKind::internal, "{}", e.what());
        }
        if (!done) run.wrong.push_back(done.error().message);
        if (const auto missed = trace.now().difference(root_); done && !missed.empty())
            run.wrong.push_back("the trace has not seen all: " + missed);
        run.times = workload.times();
        std::tie(run.before, run.changes) = std::move(trace).written();
        return run;
    }

    Run recover(Disk disk, std::vector<Change> unsynced, const Facts& facts, WallTime now,
                std::mt19937_64& random) {
        std::vector<std::string> wrong;
        auto run = live(std::move(disk), std::move(unsynced), facts, now, random, [&](Workload& w) -> Status {
            wrong = TRY(violations(facts, w.store(), w.ledger()));
            TRY_STATUS(w.record(4));
            return w.end();
        });
        run.wrong.insert(run.wrong.end(), wrong.begin(), wrong.end());
        if (!run.wrong.empty()) return run;
        const auto report =
            store::check(root_ / "data", store::Depth::bytes, [](std::size_t, std::size_t) {});
        if (!report) run.wrong.push_back(report.error().message);
        if (report)
            for (const auto& f : report->findings) run.wrong.push_back("check: " + f.where + ": " + f.what);
        return run;
    }

    const fs::path root_;
    const std::uint64_t seed_;
    const bool tells_;
};

int number(const char* text) {
    return std::atoi(text);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3 && argc != 5) {
        std::fprintf(stderr, "power_cuts CUTS SEED [WORKLOAD CASE]\n");
        return 1;
    }
    const int wanted = number(argv[1]);
    const auto seed = static_cast<std::uint64_t>(number(argv[2]));
    const bool one = argc == 5;
    if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 0);
    make_random_numbers_repeat();
    set_log_level(LogLevel::error);
    const auto folder = TemporaryFolder::create();
    if (!folder) {
        std::fprintf(stderr, "%s\n", folder.error().message.c_str());
        return 1;
    }
    Simulation simulation{fs::canonical(folder->file("")) / "disk", seed, one};
    int cuts = 0, again = 0, failed = 0;
    std::size_t changes = 0;
    for (int workload = one ? number(argv[3]) : 0; cuts < wanted; ++workload) {
        const auto used = simulation.use(workload);
        changes += used.changes.size();
        for (const auto& w : used.wrong) std::printf("workload %d: %s\n", workload, w.c_str()), ++failed;
        if (!used.wrong.empty()) break;
        for (int i = one ? number(argv[4]) : 0; i < kCasesOfWorkload && cuts < wanted; ++i) {
            const auto story = simulation.cut(used, workload, i, cuts, again);
            if (!story.empty()) {
                ++failed;
                std::printf("seed %s, workload %d, case %d: %s\n    again: %s %d %s %d %d\n", argv[2],
                            workload, i, story.c_str(), argv[0], wanted, argv[2], workload, i);
                std::fflush(stdout);
            }
            if (one) break;
        }
        if (one) break;
    }
    std::printf(
        "seed %s: %d power cuts, %d of them while a cut was being recovered from, behind %zu changes: %d "
        "wrong\n",
        argv[2], cuts, again, changes, failed);
    return failed == 0 ? 0 : 1;
}
