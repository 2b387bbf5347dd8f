// Records one minute of a synthetic stream, puts it on the record, deletes the oldest, and says on standard
// output what was acknowledged: the program whose every system call tests/reliability.py lets fail.
//
// one_recording DATA [look | append]: exit status 0, or 3 when something was refused (which is right when a
// call fails). look: only opens the folder, which recovers what a crash left, and says what is there. append:
// puts one entry on the ledger, and says so before and after.
#include <cstdio>

#include "base/log.h"
#include "store/ledger.h"
#include "store/recorder.h"
#include "store/retention.h"

namespace {

using namespace passerby;
using namespace std::chrono_literals;

// Turned by hand: the same calls in every run.
class ManualClock final : public Clock {
  public:
    WallTime wall() const override { return now; }
    Micros monotonic() const override { return now.since_epoch; }
    WallTime now = *wall_time_from_iso8601("2026-03-01T12:00:30Z");
};

std::vector<std::byte> box(std::string_view type, std::size_t content) {
    const auto size = static_cast<std::uint32_t>(content + 8);
    std::vector<std::byte> bytes(size, std::byte{0x55});
    for (std::size_t i = 0; i < 4; ++i) {
        bytes[i] = static_cast<std::byte>(size >> (24 - 8 * i) & 0xff);
        bytes[4 + i] = static_cast<std::byte>(type[i]);
    }
    return bytes;
}

std::vector<std::byte> boxes(std::string_view first, std::string_view second, std::size_t content) {
    auto bytes = box(first, 24);
    const auto more = box(second, content);
    bytes.insert(bytes.end(), more.begin(), more.end());
    return bytes;
}

// A line that is out before the next call can fail.
void say(const std::string& line) {
    std::printf("%s\n", line.c_str());
    if (std::fflush(stdout) != 0) std::_Exit(4);  // what cannot be said must not have happened later
}

Status list(const store::Store& store) {
    for (const auto& s : TRY(store.segments("gate", {Micros::min() / 2}, {Micros::max() / 2})))
        say("listed " + to_iso8601(s.start) + " " + to_iso8601(s.end));
    return {};
}

Status record(const std::shared_ptr<store::Store>& store, ManualClock& clock) {
    auto recorder = TRY(store::Recorder::create(store, "gate", "{}"));
    TRY_STATUS(recorder->begin(boxes("ftyp", "moov", 100), {640, 360}, "avc1.64001f"));
    const auto bytes = boxes("moof", "mdat", 5000);
    for (int second = 0; second < 40; ++second) {
        const auto wall = clock.now;
        clock.now.since_epoch += 1s;
        const store::Fragment fragment{bytes, std::chrono::seconds{second}, 1s, 10, second % 2 == 0, 0.25};
        // A disk that fails is a gap; the recorder goes on.
        static_cast<void>(recorder->add(fragment, wall));
        TRY_STATUS(list(*store));
    }
    return recorder->stop();
}

Status look(const char* folder) {
    ManualClock clock;
    const auto store = TRY(store::Store::open(folder, clock));
    const auto ledger = TRY(store::Ledger::open(store, "example.org/one"));
    say(fmt::format("entries {}", ledger->state().size));
    return list(*store);
}

Status append(const char* folder) {
    ManualClock clock;
    const auto store = TRY(store::Store::open(folder, clock));
    const auto ledger = TRY(store::Ledger::open(store, "example.org/one"));
    say("appending");
    TRY(ledger->append("stop", {}));
    say(fmt::format("entries {}", ledger->state().size));
    return {};
}

Status run(const char* folder) {
    ManualClock clock;
    const auto store = TRY(store::Store::open(folder, clock));
    const auto ledger = TRY(store::Ledger::open(store, "example.org/one"));
    TRY(ledger->append("start", {{"version", "1"}, {"models", ledger::Fields::object()}}));
    say("entries 1");
    TRY_STATUS(record(store, clock));
    TRY(ledger->close_batches());
    say(fmt::format("entries {}", ledger->state().size));
    store::RetentionPlan plan;
    plan.total_bytes = 100'000;
    say("deleting");
    while (TRY(store::sweep(*store, plan, clock.now, 4)).more) {
    }
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return 1;
    const auto done = argc == 2                               ? run(argv[1])
                      : std::string_view{argv[2]} == "append" ? append(argv[1])
                                                              : look(argv[1]);
    if (!done) std::fprintf(stderr, "%s\n", done.error().message.c_str());
    return done ? 0 : 3;
}
