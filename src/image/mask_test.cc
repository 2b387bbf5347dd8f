#include "image/mask.h"

#include <algorithm>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace passerby::image {
namespace {

TEST(Mask, GridReachesOverTheBorder) {
    const Mask mask{{101, 67}, 4};
    EXPECT_EQ(mask.grid(), (Size{26, 17}));
    EXPECT_FALSE(mask.any());
}

TEST(Mask, RectangleSetsEveryCellThatItTouches) {
    Mask mask{{100, 100}, 10};
    mask.set(Rect{9, 19, 2, 2});
    EXPECT_EQ(mask.count(), 4);
    EXPECT_TRUE(mask.at(0, 1));
    EXPECT_TRUE(mask.at(1, 2));
}

TEST(Mask, RectangleOutsideOrOverTheBorderIsClipped) {
    Mask mask{{100, 100}, 10};
    mask.set(Rect{-50, -50, 20, 20});
    EXPECT_FALSE(mask.any());
    mask.set(Rect{-50, -50, 1000, 1000});
    EXPECT_EQ(mask.count(), 100);
}

TEST(Mask, PolygonCoversAllThatItTouches) {
    Mask mask{{100, 100}, 10};
    // A sliver that passes through no cell's middle.
    mask.set({{0.01F, 0.01F}, {0.99F, 0.01F}, {0.99F, 0.02F}});
    for (int x = 0; x < 10; ++x) EXPECT_TRUE(mask.at(x, 0)) << x;
    EXPECT_EQ(mask.count(), 10);
}

TEST(Mask, PolygonFillsItsInside) {
    Mask mask{{100, 100}, 1};
    mask.set({{0.2F, 0.2F}, {0.8F, 0.2F}, {0.8F, 0.8F}, {0.2F, 0.8F}});
    EXPECT_NEAR(mask.count(), 61 * 61, 130);
    EXPECT_TRUE(mask.at(50, 50));
    EXPECT_FALSE(mask.at(10, 50));
}

TEST(Mask, DilateAndErode) {
    Mask mask{{9, 9}, 1};
    mask.set(Rect{4, 4, 1, 1});
    mask.dilate(2);
    EXPECT_EQ(mask.count(), 25);
    mask.erode(2);
    EXPECT_EQ(mask.count(), 1);
    EXPECT_TRUE(mask.at(4, 4));
}

// Against the definition, on random masks of odd sizes.
TEST(Mask, GrowsShrinksAndFillsAsDefined) {
    std::mt19937 random{7};
    for (const Size size : {Size{1, 1}, Size{1, 9}, Size{17, 1}, Size{33, 21}, Size{64, 5}})
        for (const int radius : {0, 1, 3, 9}) {
            Mask mask{size, 1};
            for (int y = 0; y < size.height; ++y)
                for (int x = 0; x < size.width; ++x) mask.row(y)[x] = random() % 3 ? 0 : 255;
            Mask grown = mask, shrunk = mask;
            grown.dilate(radius);
            shrunk.erode(radius);
            for (int y = 0; y < size.height; ++y)
                for (int x = 0; x < size.width; ++x) {
                    bool any = false, all = true;
                    for (int ny = std::max(0, y - radius); ny <= std::min(size.height - 1, y + radius); ++ny)
                        for (int nx = std::max(0, x - radius); nx <= std::min(size.width - 1, x + radius);
                             ++nx)
                            any |= mask.at(nx, ny), all &= mask.at(nx, ny);
                    ASSERT_EQ(grown.at(x, y), any) << x << ',' << y << " radius " << radius;
                    ASSERT_EQ(shrunk.at(x, y), all) << x << ',' << y << " radius " << radius;
                }
        }
}

// Two spirals: clear areas that meet again after many rows count as one.
TEST(Mask, HolesOfAnyShapeAreFilled) {
    const std::vector<std::string> picture{"###########", "#...#.....#", "#.#.#.###.#",
                                           "#.#...#.#.#", "#.#####.#.#", "#.......#.#",
                                           "#########.#", "#.........#", "###########"};
    const auto mask_of = [&] {
        Mask mask{{11, 9}, 1};
        for (int y = 0; y < 9; ++y)
            for (int x = 0; x < 11; ++x)
                mask.row(y)[x] =
                    picture[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)] == '#' ? 255 : 0;
        return mask;
    };
    Mask mask = mask_of();
    const int clear = 11 * 9 - mask.count();
    mask.fill_holes(clear - 1);
    EXPECT_EQ(mask, mask_of()) << "one area of all clear cells";
    mask.fill_holes(clear);
    EXPECT_EQ(mask.count(), 11 * 9);
    Mask open = mask_of();
    open.row(7)[10] = 0;
    const Mask before = open;
    open.fill_holes(1000);
    EXPECT_EQ(open, before) << "it reaches the border";
}

TEST(Mask, FillsSmallHolesOnly) {
    Mask mask{{40, 20}, 1};
    mask.set(Rect{1, 1, 38, 18});
    Mask holes{{40, 20}, 1};
    holes.set(Rect{4, 4, 2, 2});   // small
    holes.set(Rect{20, 4, 8, 8});  // large
    mask.subtract(holes);
    mask.fill_holes(4);
    EXPECT_TRUE(mask.at(4, 4));
    EXPECT_TRUE(mask.at(5, 5));
    EXPECT_FALSE(mask.at(20, 4));
    EXPECT_FALSE(mask.at(0, 0)) << "what touches the border is no hole";
    EXPECT_EQ(mask.count(), 38 * 18 - 64);
}

TEST(Mask, GrowsAreasToTheirBoxes) {
    Mask mask{{64, 48}, 2};
    mask.set(Rect{10, 10, 2, 20});
    mask.set(Rect{10, 28, 20, 2});
    mask.set(Rect{60, 40, 1, 1});
    mask.grow_to_boxes();
    EXPECT_TRUE(mask.at(14, 6)) << "the corner that the L leaves open";
    EXPECT_EQ(mask.count(), 10 * 10 + 1);
}

TEST(Mask, SetOperations) {
    Mask a{{10, 10}, 1}, b{{10, 10}, 1};
    a.set(Rect{0, 0, 5, 10});
    b.set(Rect{4, 0, 6, 10});
    Mask both = a;
    both.intersect(b);
    EXPECT_EQ(both.count(), 10);
    Mask all = a;
    all.unite(b);
    EXPECT_EQ(all.count(), 100);
    all.subtract(b);
    EXPECT_EQ(all.count(), 40);
    EXPECT_DOUBLE_EQ(all.share(), 0.4);
}

}  // namespace
}  // namespace passerby::image
