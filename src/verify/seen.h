// The last checkpoint of each ledger that was seen on this computer: what makes a rolled-back or rewritten
// ledger visible to who looks twice.
#pragma once

#include <filesystem>
#include <optional>

#include "ledger/note.h"

namespace passerby::verify {

class Seen {
  public:
    // Below XDG_STATE_HOME, or ~/.local/state.
    static std::filesystem::path default_folder();

    explicit Seen(std::filesystem::path folder) : folder_{std::move(folder)} {}
    // Nothing: never seen. corrupt: what is kept is not signed by that key.
    Result<std::optional<ledger::Checkpoint>> of(const ledger::Verifier&) const;
    Status remember(const ledger::Verifier&, const ledger::Note&) const;

  private:
    std::filesystem::path file_of(const ledger::Verifier&) const;
    const std::filesystem::path folder_;
};

}  // namespace passerby::verify
