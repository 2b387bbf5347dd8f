// P3: clips that differ only under the cover give the same file, byte for byte.
#include <algorithm>
#include <map>

#include <gtest/gtest.h>
#include <malloc.h>

#include "proofs/clip.h"

namespace passerby::proofs {
namespace {

using redact::CoverStyle;

// How many samples of two planes differ; all of them must be covered. `side`: pixels that a sample speaks
// for.
int differing(image::Plane a, image::Plane b, int side, const Pixels& cover) {
    int count = 0, open = 0;
    for (int y = 0; y < a.size.height; ++y)
        for (int x = 0; x < a.size.width; ++x) {
            if (a.row(y)[x] == b.row(y)[x]) continue;
            ++count;
            open += !cover.any({x * side, y * side, side, side});
        }
    EXPECT_EQ(open, 0) << "samples that are not covered differ in what the converter made of the pair";
    return count;
}

bool equal(const std::vector<redact::CoveredFrame>& a, const std::vector<redact::CoveredFrame>& b) {
    const auto same = [](image::Plane p, image::Plane q) {
        for (int y = 0; y < p.size.height; ++y)
            if (!std::equal(p.row(y), p.row(y) + p.size.width, q.row(y))) return false;
        return true;
    };
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto p = a[i].frame.picture(), q = b[i].frame.picture();
        if (!same(p.y, q.y) || !same(p.u, q.u) || !same(p.v, q.v)) return false;
    }
    return true;
}

struct Tally {
    int pairs = 0, alike = 0, other_covers = 0, with_chroma = 0, with_open = 0, odd = 0, fragments = 0,
        fixed = 0;
    std::int64_t luma = 0, chroma = 0;
    std::map<AVPixelFormat, int> formats;
    std::map<int, int> cells;
};

class Irreversible : public testing::TestWithParam<CoverStyle> {
  protected:
    // What is in memory that nobody has written to yet differs as well.
    void TearDown() override { ::mallopt(M_PERTURB, 0); }

    // True when the pair counts.
    bool try_pair(Random random) {
        const auto style = GetParam();
        const Scenario s = random_scenario(random, style);
        const auto samples = make_clip(s, random);
        std::mt19937 one_garbage{random.engine()()}, other_garbage{random.engine()()};
        ::mallopt(M_PERTURB, 0x3C);
        const auto one = decoded(s, samples, one_garbage);

        // What is painted in for people does not tell where: for that the cover is drawn flat.
        const auto flat = style == CoverStyle::vanish ? CoverStyle::silhouette : style;
        auto one_out = covered(s, flat, one);
        const auto covers = covers_of(one, one_out);

        const auto other = decoded(s, changed_under(covers, s, samples, random), other_garbage);
        int luma = 0, chroma = 0;
        for (std::size_t i = 0; i < one.size(); ++i) {
            luma += differing(one[i].raw().y, other[i].raw().y, 1, covers[i]);
            chroma += differing(one[i].raw().u, other[i].raw().u, 2, covers[i]) +
                      differing(one[i].raw().v, other[i].raw().v, 2, covers[i]);
        }
        if (luma == 0) {
            ++tally_.alike;
            return false;
        }
        ::mallopt(M_PERTURB, 0xC3);
        auto other_out = covered(s, flat, other);
        if (covers != covers_of(other, other_out, &covers)) {
            ++tally_.other_covers;
            return false;
        }
        if (flat != style) {
            other_out = covered(s, style, other);
            one_out = covered(s, style, one);
        }
        const auto other_bytes = encoded(s, other_out);
        ::mallopt(M_PERTURB, 0x3C);
        const auto one_bytes = encoded(s, one_out);
        EXPECT_GT(one_bytes.size(), 500U);
        EXPECT_TRUE(one_bytes == other_bytes)
            << media::SamplePicture(s.format, s.stored()).name() << " " << s.upright.width << "x"
            << s.upright.height << "; " << luma << " samples of luma and " << chroma
            << " of chroma differed; the covered pictures "
            << (equal(one_out, other_out) ? "are equal: the encoder saw more" : "differ");
        count(s, luma, chroma, covers);
        return true;
    }

    void count(const Scenario& s, int luma, int chroma, const std::vector<Pixels>& covers) {
        ++tally_.pairs;
        tally_.luma += luma, tally_.chroma += chroma;
        tally_.with_chroma += chroma > 0;
        tally_.odd += s.upright.width % 2 || s.upright.height % 2;
        tally_.fragments += s.as_fragments;
        tally_.fixed += s.policy.scene == redact::Scene::fixed;
        ++tally_.formats[s.format];
        ++tally_.cells[s.cell()];
        tally_.with_open += std::any_of(covers.begin(), covers.end(), [&](const Pixels& c) {
            return 5 * c.count() < 4 * s.upright.width * s.upright.height;
        });
    }

    static std::vector<Pixels> covers_of(const std::vector<image::RawFrame>& raw,
                                         const std::vector<redact::CoveredFrame>& out,
                                         const std::vector<Pixels>* expected = nullptr) {
        EXPECT_EQ(raw.size(), out.size());
        std::vector<Pixels> covers;
        for (std::size_t i = 0; i < raw.size(); ++i)
            covers.push_back(cover_of(raw[i], out[i].frame, expected ? &(*expected)[i] : nullptr));
        return covers;
    }

    Tally tally_;
};

TEST_P(Irreversible, PairsThatDifferUnderTheCoverGiveTheSameBytes) {
    const int wanted = trials(30);
    int tried = 0;
    for (; tally_.pairs < wanted && tried < 3 * wanted + 20; ++tried) {
        SCOPED_TRACE(fmt::format("seed {}, trial {}", seed(), tried));
        try_pair(Random{static_cast<std::uint64_t>(tried) * 4 + static_cast<unsigned>(GetParam())});
        if (HasFailure()) break;
    }
    std::printf(
        "%s: %d pairs of %d tried (%d without a difference, %d with another cover); %lld samples of luma and "
        "%lld of "
        "chroma differed; %d fixed scenes, %d odd sizes, %d as fragments, %zu pixel formats, cells of",
        std::string{redact::name(GetParam())}.c_str(), tally_.pairs, tried, tally_.alike, tally_.other_covers,
        static_cast<long long>(tally_.luma), static_cast<long long>(tally_.chroma), tally_.fixed, tally_.odd,
        tally_.fragments, tally_.formats.size());
    for (const auto& [cell, n] : tally_.cells) std::printf(" %d (%d)", cell, n);
    std::printf("; %d with something uncovered\n", tally_.with_open);
    EXPECT_EQ(tally_.pairs, wanted) << "too few pairs whose covers are equal";
    EXPECT_GE(tally_.with_open * 10, wanted * 4);
    EXPECT_GE(tally_.with_chroma * 10, wanted * 6);
    EXPECT_GE(tally_.fixed * 10, wanted * 2);
    EXPECT_GE(tally_.odd * 10, wanted * 3);
}

INSTANTIATE_TEST_SUITE_P(Styles, Irreversible,
                         testing::Values(CoverStyle::silhouette, CoverStyle::vanish, CoverStyle::block),
                         [](const auto& about) { return std::string{redact::name(about.param)}; });

}  // namespace
}  // namespace passerby::proofs
