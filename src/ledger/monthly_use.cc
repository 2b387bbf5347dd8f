#include "ledger/monthly_use.h"

#include <algorithm>

namespace passerby::ledger {

void MonthlyUse::add(const Fields& entry) {
    const auto text = [&](const char* name) {
        const auto found = entry.find(name);
        return found != entry.end() && found->is_string() ? found->get<std::string>() : std::string{};
    };
    const auto kind = std::ranges::find(kUses, text("kind"));
    const auto time = text("time");
    if (kind == kUses.end() || !wall_time_from_iso8601(time)) return;
    constexpr std::size_t kYearAndMonth = 7;
    ++months_[time.substr(0, kYearAndMonth)][static_cast<std::size_t>(kind - kUses.begin())];
}

}  // namespace passerby::ledger
