#include "redact/still_blocks.h"

#include <gtest/gtest.h>

#include "image/buffer.h"

namespace passerby::redact {
namespace {

image::PictureBuffer textured(image::Size size) {
    image::PictureBuffer buffer{size};
    const auto p = buffer.writable();
    for (const auto& plane : {p.y, p.u, p.v})
        for (int y = 0; y < plane.size.height; ++y)
            for (int x = 0; x < plane.size.width; ++x)
                plane.row(y)[x] = static_cast<std::uint8_t>(60 + (x * 13 + y * 29) % 120);
    return buffer;
}

image::PictureBuffer copy_of(const image::PictureBuffer& from) {
    image::PictureBuffer buffer{from.size()};
    image::copy(from.view(), buffer.writable());
    return buffer;
}

// Samples of `plane` in which the two differ, in the block at (block.x, block.y) in blocks.
int differing(image::Plane a, image::Plane b, int side, image::Rect block) {
    const auto r = image::clip({block.x * side, block.y * side, side, side}, a.size);
    int n = 0;
    for (int y = r.y; y < r.bottom(); ++y)
        for (int x = r.x; x < r.right(); ++x) n += a.row(y)[x] != b.row(y)[x];
    return n;
}

class StillBlocksTest : public testing::TestWithParam<image::Size> {
  protected:
    image::PictureBuffer shown_ = textured(GetParam());
    image::PictureBuffer now_ = copy_of(shown_);
    // The last block of the picture, which a border may cut off.
    const image::Rect last_{(GetParam().width - 1) / kBlock, (GetParam().height - 1) / kBlock, 1, 1};

    int changed_luma() { return differing(shown_.view().y, now_.view().y, kBlock, last_); }
    int changed_chroma() { return differing(shown_.view().v, now_.view().v, kBlock / 2, last_); }
    std::uint8_t& last_luma() {
        const auto y = now_.writable().y;
        return y.row(y.size.height - 1)[y.size.width - 1];
    }
    std::uint8_t& last_chroma() {
        const auto v = now_.writable().v;
        return v.row(v.size.height - 1)[v.size.width - 1];
    }
};

TEST_P(StillBlocksTest, NoiseIsShownAsItWas) {
    const auto p = now_.writable();
    for (const auto& plane : {p.y, p.u, p.v})
        for (int y = 0; y < plane.size.height; ++y)
            for (int x = 0; x < plane.size.width; ++x)
                plane.row(y)[x] = static_cast<std::uint8_t>(plane.row(y)[x] + (x + y) % 2 * 2 - 1);
    keep_still_blocks(shown_.view(), now_.writable());
    EXPECT_EQ(changed_luma(), 0);
    EXPECT_EQ(changed_chroma(), 0);
    EXPECT_EQ(differing(shown_.view().y, now_.view().y, kBlock, {0, 0, 1, 1}), 0);
}

TEST_P(StillBlocksTest, OnePixelThatDiffersMoreThanNoiseIsShown) {
    last_luma() = static_cast<std::uint8_t>(last_luma() + kMostApart + 1);
    keep_still_blocks(shown_.view(), now_.writable());
    EXPECT_EQ(changed_luma(), 1);
}

TEST_P(StillBlocksTest, ChromaAloneIsEnough) {
    last_chroma() = static_cast<std::uint8_t>(last_chroma() + kMostApart + 1);
    keep_still_blocks(shown_.view(), now_.writable());
    EXPECT_EQ(changed_chroma(), 1);
}

TEST_P(StillBlocksTest, OnlyTheBlockThatChangedIsDrawn) {
    if (last_.x == 0) return;
    last_luma() = static_cast<std::uint8_t>(last_luma() + kMostApart + 1);
    auto& far = now_.writable().y.row(0)[0];
    far = static_cast<std::uint8_t>(far + 1);
    keep_still_blocks(shown_.view(), now_.writable());
    EXPECT_EQ(changed_luma(), 1);
    EXPECT_EQ(differing(shown_.view().y, now_.view().y, kBlock, {0, 0, 1, 1}), 0);
}

// What is shown stays within the bounds of what there is, however slowly it changes.
TEST_P(StillBlocksTest, DuskIsFollowed) {
    auto light = copy_of(shown_);
    const auto l = light.writable().y;
    int followed = 0;
    for (int step = 0; step < 40; ++step) {
        for (int y = 0; y < l.size.height; ++y)
            for (int x = (y + step) % 4; x < l.size.width; x += 4)
                l.row(y)[x] = static_cast<std::uint8_t>(l.row(y)[x] - 1);
        image::copy(light.view(), now_.writable());
        keep_still_blocks(shown_.view(), now_.writable());
        followed += changed_luma() > 0;
        image::copy(now_.view(), shown_.writable());
        double shift = 0;
        for (int y = 0; y < l.size.height; ++y)
            for (int x = 0; x < l.size.width; ++x) shift += now_.view().y.row(y)[x] - l.row(y)[x];
        EXPECT_LE(shift / (l.size.width * l.size.height), kMostShift);
    }
    EXPECT_GE(followed, 5);
    EXPECT_LE(followed, 10);
}

INSTANTIATE_TEST_SUITE_P(Sizes, StillBlocksTest,
                         testing::Values(image::Size{64, 48}, image::Size{70, 50}, image::Size{33, 17}));

}  // namespace
}  // namespace passerby::redact
