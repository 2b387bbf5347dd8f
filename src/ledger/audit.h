// Looks through a whole log, as somebody who trusts nobody: the signature, every tile, every entry, and that
// it continues what was seen before.
//
// Needs a few tiles of memory, whatever the log's size. No state, any thread.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ledger/entry.h"
#include "ledger/note.h"
#include "ledger/tiles.h"

namespace passerby::ledger {

struct AuditRequest {
    Verifier verifier;                  // the log's key
    std::vector<Verifier> witnesses{};  // of whom at least `quorum` must have cosigned
    std::size_t quorum = 0;
    std::optional<Checkpoint> seen{};  // the last one that was seen: the log must continue it
    // All files below the log's folder, where they can be listed: then each of them is compared too.
    std::optional<std::set<std::string>> files{};
};

struct Audited {
    Note note;
    Checkpoint checkpoint;
    std::size_t witnesses = 0;
    std::vector<std::string> findings;  // what is wrong; empty: nothing is
};

// Calls `entry` for each well-formed entry, in order. An error where there is nothing to look through (no
// checkpoint, or it is not signed by that key). After a finding that leaves no ground to go on from, it
// stops.
Result<Audited> audit(const Fetch&, const AuditRequest&,
                      const std::function<void(std::uint64_t index, const Fields&)>& entry);

}  // namespace passerby::ledger
