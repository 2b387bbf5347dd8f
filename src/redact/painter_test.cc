#include "redact/painter.h"

#include <gtest/gtest.h>

#include "redact/test_frames.h"

namespace passerby::redact {
namespace {

struct Case {
    CoverStyle style;
    image::Size size;
    int cell;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
    return out << name(c.style) << " " << c.size.width << "x" << c.size.height << " cell " << c.cell;
}

class PainterTest : public testing::TestWithParam<Case> {};

image::Mask random_mask(image::Size size, int cell, std::mt19937& random) {
    image::Mask mask{size, cell};
    for (int i = 0; i < 6; ++i)
        mask.set(image::Rect{static_cast<int>(random() % static_cast<unsigned>(size.width)),
                             static_cast<int>(random() % static_cast<unsigned>(size.height)),
                             static_cast<int>(random() % 30), static_cast<int>(random() % 30)});
    return mask;
}

// Replaces every sample under the mask, chroma too where all of its pixels are hidden.
image::PictureBuffer changed_under(const image::Picture& original, const image::Mask& mask,
                                   std::mt19937& random) {
    image::PictureBuffer buffer{original.size()};
    auto p = buffer.writable();
    image::copy(original, p);
    const auto hidden = [&](int x, int y) {
        return mask.at(std::min(x, original.size().width - 1) / mask.cell(),
                       std::min(y, original.size().height - 1) / mask.cell());
    };
    for (int y = 0; y < p.y.size.height; ++y)
        for (int x = 0; x < p.y.size.width; ++x)
            if (hidden(x, y)) p.y.row(y)[x] = static_cast<std::uint8_t>(random());
    for (int y = 0; y < p.u.size.height; ++y)
        for (int x = 0; x < p.u.size.width; ++x)
            if (hidden(2 * x, 2 * y) || hidden(2 * x + 1, 2 * y) || hidden(2 * x, 2 * y + 1) ||
                hidden(2 * x + 1, 2 * y + 1)) {
                p.u.row(y)[x] = static_cast<std::uint8_t>(random());
                p.v.row(y)[x] = static_cast<std::uint8_t>(random());
            }
    return buffer;
}

// P3: two streams that differ only under the cover give the same pictures, frame after frame.
TEST_P(PainterTest, WhatIsUnderTheCoverLeavesNoTrace) {
    const auto [style, size, cell] = GetParam();
    std::mt19937 random{7};
    Painter one{style}, other{style};
    for (int i = 0; i < 20; ++i) {
        const Cover cover{random_mask(size, cell, random), image::Mask{size, cell}};
        auto first = noisy_picture(size, random);
        auto second = changed_under(first.view(), cover.hidden, random);
        const Micros time{i * 40'000};
        const auto a = one.paint(raw_frame(std::move(first), time), cover);
        const auto b = other.paint(raw_frame(std::move(second), time), cover);
        ASSERT_TRUE(equal(a.picture(), b.picture())) << "frame " << i;
        EXPECT_EQ(a.when().ticks, time.count());
    }
}

TEST_P(PainterTest, WhatIsNotHiddenIsUntouched) {
    const auto [style, size, cell] = GetParam();
    std::mt19937 random{8};
    Painter painter{style};
    const Cover cover{random_mask(size, cell, random), image::Mask{size, cell}};
    const auto raw = raw_frame(noisy_picture(size, random), Micros{0});
    const auto safe = painter.paint(raw, cover);
    int open = 0;
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x)
            if (!cover.hidden.at(x / cell, y / cell)) {
                ++open;
                ASSERT_EQ(safe.picture().y.row(y)[x], raw.raw().y.row(y)[x]);
            }
    EXPECT_GT(open, 100);
}

TEST_P(PainterTest, WholeCoverReadsNothing) {
    const auto [style, size, cell] = GetParam();
    std::mt19937 random{9};
    Painter painter{style};
    const auto a = painter.paint_wholly(raw_frame(noisy_picture(size, random), Micros{0}));
    const auto b = painter.paint_wholly(raw_frame(noisy_picture(size, random), Micros{0}));
    EXPECT_TRUE(equal(a.picture(), b.picture()));
}

std::vector<Case> cases() {
    std::vector<Case> all;
    for (const auto style : {CoverStyle::silhouette, CoverStyle::vanish, CoverStyle::block})
        for (const image::Size size : {image::Size{64, 48}, {101, 67}, {65, 64}, {64, 33}})
            for (const int cell : {1, 2, 4, 8}) all.push_back({style, size, cell});
    return all;
}
INSTANTIATE_TEST_SUITE_P(AllStylesAndSizes, PainterTest, testing::ValuesIn(cases()));

TEST(Painter, VanishNeverShowsWhatWasNeverShown) {
    const image::Size size{64, 48};
    Painter painter{CoverStyle::vanish};
    Cover cover{image::Mask{size, 2}, image::Mask{size, 2}};
    cover.hidden.set(image::Rect{10, 10, 20, 20});
    const auto a = painter.paint(raw_frame(flat_picture(size, 200), Micros{0}), cover);
    const auto b = painter.paint(raw_frame(flat_picture(size, 210), Micros{40'000}), cover);
    EXPECT_EQ(b.picture().y.row(0)[0], 210);
    EXPECT_EQ(b.picture().y.row(15)[15], a.picture().y.row(15)[15]);
    EXPECT_NE(b.picture().y.row(15)[15], 210);
    EXPECT_NE(b.picture().y.row(15)[15], 200);
}

}  // namespace
}  // namespace passerby::redact
