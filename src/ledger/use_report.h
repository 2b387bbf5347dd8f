// How often a recorder was used, by whom (pseudonym and role), for what, of which camera and when: counted
// from the ledger alone, so anyone gets the same numbers. "And on whom?" has one answer for every recorder:
// nobody; passerby cannot say who is seen.
//
// Not thread-safe.
#pragma once

#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "ledger/entry.h"

namespace passerby::ledger {

class UseReport {
  public:
    // Of what was put on the record in [from, to).
    UseReport(WallTime from, WallTime to) : from_{from}, to_{to} {}

    // Every entry of the ledger, in order, also those before `from`: they say which cameras there are.
    void add(const Fields& entry);

    Fields to_json() const;
    std::string to_text() const;
    std::string to_csv() const;  // what,camera,who,role,purpose,hour (UTC),times

  private:
    struct Use {
        std::string what, camera, who, role, purpose;
        int hour = 0;
        auto operator<=>(const Use&) const = default;
    };
    std::map<std::string, std::uint64_t> sum(std::string Use::*field) const;

    const WallTime from_, to_;
    std::map<Use, std::uint64_t> uses_;
    std::array<std::uint64_t, 24> hours_{};
    std::set<std::string> cameras_;
    std::vector<Fields> changes_;                  // of policies
    std::map<std::string, std::uint64_t> others_;  // how many entries of each other kind
    std::uint64_t failed_logins_ = 0, recordings_ = 0;
};

}  // namespace passerby::ledger
