#include "ledger/monthly_use.h"

#include <gmock/gmock.h>

namespace passerby::ledger {
namespace {

using testing::ElementsAre;
using testing::Pair;

Fields entry(const char* kind, const char* time) {
    return {{"kind", kind}, {"time", time}};
}

TEST(MonthlyUse, CountsEachKindInItsMonth) {
    MonthlyUse use;
    use.add(entry("live", "2026-02-28T23:59:59.999999Z"));
    use.add(entry("live", "2026-03-01T00:00:00Z"));
    use.add(entry("live", "2026-03-31T00:00:00Z"));
    use.add(entry("view", "2026-03-02T00:00:00Z"));
    use.add(entry("export", "2026-03-02T00:00:00Z"));
    use.add(entry("opening", "2026-05-02T00:00:00Z"));
    EXPECT_THAT(use.months(), ElementsAre(Pair("2026-02", ElementsAre(1, 0, 0, 0)),
                                          Pair("2026-03", ElementsAre(2, 1, 1, 0)),
                                          Pair("2026-05", ElementsAre(0, 0, 0, 1))));
}

TEST(MonthlyUse, WhatIsNoUseIsNotCounted) {
    MonthlyUse use;
    use.add(entry("policy", "2026-03-02T00:00:00Z"));
    use.add(entry("live", "some day"));
    use.add(Fields{{"kind", "live"}});
    use.add(Fields{{"kind", 7}, {"time", "2026-03-02T00:00:00Z"}});
    EXPECT_TRUE(use.months().empty());
}

}  // namespace
}  // namespace passerby::ledger
