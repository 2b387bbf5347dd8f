// Uses a store as the recorder's server does, by chance: two cameras, one of them on a disk of its own, gaps,
// sealed parts, protections, retention, the ledger, stops and starts. What each call acknowledged goes into a
// Book.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "power_cuts/disk_trace.h"
#include "power_cuts/facts.h"
#include "store/ledger.h"
#include "store/recorder.h"
#include "store/store.h"

namespace passerby::power_cuts {

// Turned by hand.
class ManualClock final : public Clock {
  public:
    explicit ManualClock(WallTime now) : now_{now} {}
    WallTime wall() const override { return now_; }
    Micros monotonic() const override { return now_.since_epoch; }
    void pass(Micros t) { now_ = now_ + t; }

  private:
    WallTime now_;
};

class Workload {
  public:
    // Below `root`, which the trace watches. All of them outlive it.
    Workload(std::filesystem::path root, DiskTrace&, Book&, WallTime now, std::mt19937_64& random);

    // Opens store and ledger, which recovers what there is.
    Status open();
    // Makes the recorders of both cameras and sends so many fragments to each.
    Status record(int fragments);
    // Something that may happen at any time. After open().
    Status act();
    Status append_to_ledger();
    // Stops the recorders, puts all on the record and closes.
    Status end();

    const std::shared_ptr<store::Store>& store() const { return store_; }
    const store::Ledger& ledger() const { return *ledger_; }
    // The time at positions of the trace.
    const std::vector<std::pair<std::size_t, WallTime>>& times() const { return times_; }

  private:
    struct Source {
        std::string camera;
        std::unique_ptr<store::Recorder> recorder{};
        Micros media{};  // start of the next fragment
        bool keyframe = true;
    };
    // One call, and what is listed after it.
    Status call(const std::function<Status()>&);
    std::size_t below(std::size_t n) { return random_() % n; }
    Source& any_source() { return sources_[below(sources_.size())]; }
    std::vector<std::byte> content(std::size_t bytes);

    Status create(Source&);
    Status send(Source&, Micros length);
    Status send_all();
    Status break_off();
    Status restart();
    Status seal();
    Status protect();
    Status sweep();
    Status ask();
    Status approve();
    Status put_on_record();
    Status export_something();
    Status change_rules();
    Status note_absent_camera();

    const std::filesystem::path root_;
    DiskTrace& trace_;
    Book& book_;
    ManualClock clock_;
    std::mt19937_64& random_;
    std::shared_ptr<store::Store> store_;
    std::unique_ptr<store::Ledger> ledger_;
    std::vector<Source> sources_;
    std::map<std::string, Micros> handed_over_;
    Listing listed_;  // after the last call
    std::vector<std::pair<std::size_t, WallTime>> times_;
};

}  // namespace passerby::power_cuts
