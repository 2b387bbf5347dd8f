#include "base/time.h"

#include <gtest/gtest.h>

namespace passerby {
namespace {

TEST(WallTime, GoesToTextAndBack) {
    for (const auto* text : {"1970-01-01T00:00:00Z", "2026-03-01T12:34:56Z", "2028-02-29T23:59:59.250000Z",
                             "2038-01-19T03:14:08Z"}) {
        const auto time = wall_time_from_iso8601(text);
        ASSERT_TRUE(time) << text;
        EXPECT_EQ(to_iso8601(*time), text);
    }
}

TEST(WallTime, RefusesWhatIsNoTime) {
    for (const auto* text : {"", "yesterday", "2026-03-01", "2026-03-01T12:34:56", "2026-13-01T00:00:00Z",
                             "2026-03-01T24:00:00Z", "2026-03-01T12:34:56+01:00", "2026-03-01T12:34:56Z?",
                             "2026-03-01T12:34:56.Zx"})
        EXPECT_FALSE(wall_time_from_iso8601(text)) << text;
}

}  // namespace
}  // namespace passerby
