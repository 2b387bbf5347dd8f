#include "crypto/shamir.h"

#include <bit>

#include <gtest/gtest.h>

#include "crypto/digest.h"

namespace passerby::crypto {
namespace {

std::vector<Share> chosen(const std::vector<Share>& shares, unsigned subset) {
    std::vector<Share> some;
    for (std::size_t i = 0; i < shares.size(); ++i)
        if (subset >> i & 1) some.push_back({shares[i].index, shares[i].value.copy()});
    return some;
}

// Every 1 <= k <= n <= 8 and every subset: with k shares or more the secret comes back, with fewer it does
// not.
TEST(Shamir, EverySubsetOfEverySplit) {
    int subsets = 0;
    for (int n = 1; n <= 8; ++n)
        for (int k = 1; k <= n; ++k) {
            const auto secret = Bytes16::random();
            const auto shares = split(secret, k, n).value();
            ASSERT_EQ(shares.size(), static_cast<std::size_t>(n));
            for (unsigned subset = 1; subset < 1u << n; ++subset, ++subsets)
                EXPECT_EQ(*combine(chosen(shares, subset)) == secret, std::popcount(subset) >= k)
                    << k << " of " << n << ", subset " << subset;
        }
    EXPECT_EQ(subsets, 3550);
}

TEST(Shamir, ASplitOfTheMostShares) {
    const auto secret = Bytes16::random();
    const auto shares = split(secret, 255, 255).value();
    EXPECT_TRUE(*combine(shares) == secret);
    EXPECT_FALSE(*combine(std::span{shares}.first(254)) == secret);
}

TEST(Shamir, WhatCannotBe) {
    const auto secret = Bytes16::random();
    for (const auto& [k, n] : {std::pair{0, 1}, {2, 1}, {1, 256}, {-1, 3}, {1, 0}})
        EXPECT_FALSE(split(secret, k, n)) << k << " of " << n;
    auto shares = split(secret, 2, 3).value();
    EXPECT_FALSE(combine({}));
    shares[1].index = shares[0].index;
    EXPECT_EQ(combine(shares).error().message, "there are two shares with the index 1");
    shares[1].index = 0;
    EXPECT_EQ(combine(shares).error().message, "a share has the index 0, which none can have");
}

// GF(2^8) with 0x11b, indices from 1: what another program combines by the book gives the same secret.
TEST(Shamir, KnownAnswer) {
    const auto times = [](unsigned a, unsigned b) {
        unsigned p = 0;
        for (; b; b >>= 1, a = a << 1 ^ (a & 0x80 ? 0x11b : 0)) p ^= b & 1 ? a : 0;
        return p & 0xff;
    };
    EXPECT_EQ(times(0x53, 0xca), 1u);  // FIPS 197, section 4.2
    const auto secret = Bytes16::random();
    const auto shares = split(secret, 2, 2).value();
    // f(0) = f(1) * 2/(1^2) + f(2) * 1/(1^2), and 1/3 = 0xf6.
    for (std::size_t i = 0; i < 16; ++i) {
        const auto one = std::to_integer<unsigned>(shares[0].value.bytes()[i]);
        const auto two = std::to_integer<unsigned>(shares[1].value.bytes()[i]);
        EXPECT_EQ(times(one, times(2, 0xf6)) ^ times(two, 0xf6),
                  std::to_integer<unsigned>(secret.bytes()[i]));
    }
}

// The example of doc/format/sealed.md.
TEST(Shamir, WorkedExample) {
    std::vector<Share> shares(2);
    shares[0].index = 1;
    shares[1].index = 2;
    for (std::size_t i = 0; i < 16; ++i) shares[1].value.bytes()[i] = std::byte(i);
    EXPECT_EQ(to_hex(combine(shares)->text()), "00f6f701f50302f4f10706f004f2f305");
}

// The highest coefficient of a 2 of n is the difference of two shares, divided by that of their indices: each
// of its 256 values comes equally often, 0 too. Where it may not be 0, this is 256/255 of the expected for
// 255 of them.
TEST(Shamir, CoefficientsAreUniform) {
    constexpr int kSplits = 65'536;  // of 16 bytes: more than a million coefficients
    const Bytes16 secret;
    std::array<double, 256> seen{};
    for (int i = 0; i < kSplits; ++i) {
        const auto share = std::move(split(secret, 2, 2).value()[0]);  // f(1) = 0 + c * 1
        for (const auto b : share.value.bytes()) ++seen[std::to_integer<std::size_t>(b)];
    }
    const double expected = kSplits * 16.0 / 256;
    double chi = 0;
    for (const auto n : seen) chi += (n - expected) * (n - expected) / expected;
    // 255 degrees of freedom: below 377 but once in a million times.
    EXPECT_LT(chi, 377);
    EXPECT_GT(seen[0], expected * 0.9);
}

}  // namespace
}  // namespace passerby::crypto
