#include "crypto/noise.h"

#include <cmath>
#include <map>
#include <random>

#include <gtest/gtest.h>

namespace passerby::crypto {
namespace {

double law(NoiseScale scale, std::int64_t x) {
    const double a = std::exp(-1 / scale.value());
    return (1 - a) / (1 + a) * std::pow(a, static_cast<double>(std::abs(x)));
}

// Chi squared over all values that are expected often enough, and one bin for the rest.
void expect_law(NoiseScale scale) {
    constexpr int kDraws = 200'000;
    std::mt19937_64 seeded{41};
    const RandomBits bits = [&] { return seeded(); };
    std::map<std::int64_t, int> seen;
    for (int i = 0; i < kDraws; ++i) ++seen[draw_noise(scale, bits)];
    double chi = 0, rest = kDraws;
    int bins = 0, others = kDraws;
    for (std::int64_t x = -400; x <= 400; ++x) {
        const double expected = kDraws * law(scale, x);
        if (expected < 20) continue;
        const double off = seen[x] - expected;
        chi += off * off / expected;
        rest -= expected;
        others -= seen[x];
        ++bins;
    }
    if (rest >= 20) chi += (others - rest) * (others - rest) / rest, ++bins;
    const double freedom = bins - 1;
    // Five standard deviations of chi squared: a wrong law is hundreds of them away.
    EXPECT_LT(chi, freedom + 5 * std::sqrt(2 * freedom)) << scale.of << "/" << scale.by;
    EXPECT_GE(bins, 3);
}

TEST(Noise, FollowsItsLaw) {
    for (const NoiseScale scale : {NoiseScale{1, 1}, {4, 1}, {1, 3}, {4000, 1500}, {12, 1}, {4000, 333}})
        expect_law(scale);
}

TEST(Noise, TheTestOfTheLawSeesAnotherOne) {
    const NoiseScale scale{4, 1}, other{41, 10};
    double distance = 0;
    for (std::int64_t x = -200; x <= 200; ++x) {
        const double off = law(other, x) - law(scale, x);
        distance += off * off / law(scale, x);
    }
    // Of a scale that is off by 2.5 %, 200,000 draws tell.
    EXPECT_GT(200'000 * distance, 100);
}

// What privacy rests on: no value is more likely than e^epsilon times as likely when one count more is there.
TEST(Noise, NeighboursAreAsLikelyAsTheBudgetSays) {
    for (const NoiseScale scale : {NoiseScale{1, 1}, {4, 1}, {4000, 1500}})
        for (std::int64_t x = -50; x < 50; ++x)
            EXPECT_LE(std::abs(std::log(law(scale, x) / law(scale, x + 1))), 1 / scale.value() + 1e-9);
}

TEST(Noise, UsualNoiseIsUsual) {
    for (const NoiseScale scale : {NoiseScale{1, 1}, {4, 1}, {1, 3}, {4000, 1500}}) {
        const auto most = usual_noise(scale);
        double within = 0;
        for (std::int64_t x = -most; x <= most; ++x) within += law(scale, x);
        EXPECT_GE(within, 0.95) << scale.value();
        EXPECT_LT(within - 2 * law(scale, most), 0.95) << scale.value() << ": less would do";
    }
    EXPECT_EQ(usual_noise({4, 1}), 12);
}

TEST(Noise, FromTheKernelIsNeverTwiceTheSame) {
    EXPECT_NE(random_bits(), random_bits());
    std::int64_t sum = 0, zeros = 0;
    for (int i = 0; i < 2000; ++i) {
        const auto x = draw_noise({4, 1}, random_bits);
        sum += x;
        zeros += x == 0 ? 1 : 0;
    }
    // The mean of 2,000 draws: six of its standard deviations.
    EXPECT_LT(std::abs(sum), 6 * 5.7 * std::sqrt(2000.0));
    EXPECT_LT(zeros, 2000 / 2);
}

}  // namespace
}  // namespace passerby::crypto
