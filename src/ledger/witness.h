// What is said to a witness and what it answers (C2SP tlog-witness): somebody else who looks that a log only
// ever grows, and signs that they saw its checkpoint. Without the network. No state, any thread.
#pragma once

#include <string>
#include <vector>

#include "ledger/note.h"
#include "ledger/tiles.h"

namespace passerby::ledger {

// The body of add-checkpoint. `before`: the size that the witness cosigned last, 0: none; at most the
// checkpoint's. `fetch`: of the log.
Result<std::string> add_checkpoint(const std::string& checkpoint, std::uint64_t before, const Fetch&);

// The witness's cosignature in its answer; all other lines are left out. denied: there is none of it;
// corrupt: no signature lines, or it is wrong.
Result<Signature> cosignature_in(std::string_view answer, const Note& checkpoint, const Verifier& witness);

// Where the newest checkpoint with cosignatures lies, beside "checkpoint", which is newer.
inline constexpr const char* kCosigned = "cosigned";

}  // namespace passerby::ledger
