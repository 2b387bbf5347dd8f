#include "server/byte_range.h"

#include <string>

#include <gtest/gtest.h>

namespace passerby::server {

TEST(ByteRange, FollowsRfc9110) {
    using enum ByteRange::Kind;
    const struct {
        const char* header;
        std::uint64_t size;
        ByteRange expected;
    } kTable[] = {
        {"bytes=0-0", 100, {part, 0, 1}},           {"bytes=0-", 100, {part, 0, 100}},
        {"bytes=10-19", 100, {part, 10, 10}},       {"bytes=99-", 100, {part, 99, 1}},
        {"bytes=90-1000", 100, {part, 90, 10}},     {"bytes=90-18446744073709551615", 100, {part, 90, 10}},
        {"bytes=-1", 100, {part, 99, 1}},           {"bytes=-1000", 100, {part, 0, 100}},
        {"bytes=100-", 100, {unsatisfiable, 0, 0}}, {"bytes=-0", 100, {unsatisfiable, 0, 0}},
        {"bytes=0-", 0, {unsatisfiable, 0, 0}},     {"bytes=-5", 0, {unsatisfiable, 0, 0}},
        {"bytes=20-10", 100, {whole, 0, 100}},      {"bytes=0-1,5-6", 100, {whole, 0, 100}},
        {"bytes=a-b", 100, {whole, 0, 100}},        {"bytes=+1-2", 100, {whole, 0, 100}},
        {"bytes=1 - 2", 100, {whole, 0, 100}},      {"bytes=18446744073709551616-", 100, {whole, 0, 100}},
        {"bytes=-", 100, {whole, 0, 100}},          {"bytes=", 100, {whole, 0, 100}},
        {"items=0-1", 100, {whole, 0, 100}},        {"", 100, {whole, 0, 100}},
    };
    for (const auto& row : kTable)
        EXPECT_EQ(parse_byte_range(row.header, row.size), row.expected) << row.header;
}

}  // namespace passerby::server
