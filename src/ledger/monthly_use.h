// How often a recorder was used, for everybody to read: how many uses of each kind there were in each month
// (UTC), and nothing about who. Counted from the ledger alone, with the kinds of the use report.
//
// Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "ledger/entry.h"

namespace passerby::ledger {

// The kinds of entries that are uses: somebody saw something.
inline constexpr std::array<std::string_view, 4> kUses{"live", "view", "export", "opening"};

class MonthlyUse {
  public:
    using Counts = std::array<std::uint64_t, kUses.size()>;  // in the order of kUses

    // Each entry once.
    void add(const Fields& entry);
    // By month, "2026-03"; those without a use are not there.
    const std::map<std::string, Counts>& months() const { return months_; }

  private:
    std::map<std::string, Counts> months_;
};

}  // namespace passerby::ledger
