#include "base/marked.h"

#include <vector>

#include <gtest/gtest.h>

namespace passerby {
namespace {

std::vector<std::size_t> marked(const std::vector<std::uint8_t>& bytes) {
    std::vector<std::size_t> found;
    for_marked(bytes, [&](std::size_t i) { found.push_back(i); });
    return found;
}

TEST(Marked, FindsEachByteOfAnyValueInAnyPlace) {
    for (const std::size_t size : {1U, 7U, 8U, 9U, 16U, 31U})
        for (std::size_t i = 0; i < size; ++i) {
            std::vector<std::uint8_t> bytes(size);
            bytes[i] = static_cast<std::uint8_t>(i % 2 ? 1 : 255);
            EXPECT_EQ(marked(bytes), std::vector{i}) << size;
        }
}

TEST(Marked, GoesInOrderAndPassesTheRest) {
    std::vector<std::uint8_t> bytes(100);
    const std::vector<std::size_t> set{0, 1, 8, 50, 98, 99};
    for (const auto i : set) bytes[i] = 255;
    EXPECT_EQ(marked(bytes), set);
}

TEST(Marked, OfNothingIsNothing) {
    EXPECT_TRUE(marked({}).empty());
    EXPECT_TRUE(marked(std::vector<std::uint8_t>(50)).empty());
}

TEST(Marked, WhatIsPassedMayBeChanged) {
    std::vector<std::uint8_t> bytes(20, 1);
    int calls = 0;
    for_marked(bytes, [&](std::size_t i) { bytes[i] = 0, ++calls; });
    EXPECT_EQ(calls, 20);
}

}  // namespace
}  // namespace passerby
