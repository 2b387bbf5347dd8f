// What the store said was kept, when it said so, and whether it still is.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/ledger.h"
#include "store/store.h"

namespace passerby::power_cuts {

// What a camera recorded from `start` on: it may grow, and never changes.
struct Recorded {
    std::string camera;
    WallTime start;
    std::uint64_t bytes = 0;  // that are acknowledged, of the file
    std::string sha256;       // of those
    Micros handed_over{};     // to the recorder, in media time from the segment's first fragment
};

// All that a store and its ledger list, at one moment. Names are unique: "segment 12", "gap 7", "entry 0".
struct Listing {
    std::map<std::string, std::string> rows;
    std::map<std::string, Recorded> recorded;  // by camera and start
};
using Cameras = std::vector<std::string>;
// `handed_over`: by camera, the end in media time of what its recorder took. An error: something listed
// cannot be looked at. `before`: an earlier one of the same ledger, or none; when no entry came since, none
// is read again.
Result<Listing> list(const std::shared_ptr<store::Store>&, const store::Ledger&,
                     const std::map<std::string, Micros>& handed_over, const Listing& before);

// What must hold after a power cut.
struct Facts {
    Listing kept;                   // is there, as it was (rows), or at least so much of it (recorded)
    std::vector<std::string> gone;  // rows that were deleted; they do not come back
    std::uint64_t published = 0;    // size of the ledger that strangers may have seen
};

// What does not hold; empty: all does. Before a recorder is made.
Result<std::vector<std::string>> violations(const Facts&, const std::shared_ptr<store::Store>&,
                                            const store::Ledger&);

// Keeps the facts of a run by the position in the trace of its changes.
class Book {
  public:
    // Holds from the beginning.
    explicit Book(const Facts&);

    // Around each call on the store, or around some that are listed only together: what they change may be as
    // before or as after, until they have returned.
    void call_begins(std::size_t position) { began_ = began_.value_or(position); }
    void call_returned(std::size_t position, const Listing& now);

    // Of a cut behind so many changes.
    Facts at(std::size_t position) const;

  private:
    struct Row {
        std::string name, value;
        std::size_t from, until = kNever, gone = kNever;
    };
    struct Part {
        Recorded recorded;
        std::size_t from, until = kNever;
    };
    static constexpr std::size_t kNever = ~std::size_t{0};
    std::vector<Row> rows_;
    std::map<std::string, std::size_t> current_;      // of each name the row that holds
    std::map<std::string, std::vector<Part>> parts_;  // each more than the one before
    std::vector<std::string> gone_;                   // from the beginning
    std::optional<std::size_t> began_;
};

}  // namespace passerby::power_cuts
