#include "media/orientation.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "image/buffer.h"

namespace passerby::media {
namespace {

using image::Size;

// "abc/def": rows of one plane.
std::string show(image::Plane plane) {
    std::string text;
    for (int y = 0; y < plane.size.height; ++y) {
        if (y) text += '/';
        text.append(reinterpret_cast<const char*>(plane.row(y)), static_cast<std::size_t>(plane.size.width));
    }
    return text;
}

std::string turned(Orientation orientation) {
    image::PictureBuffer in{{3, 2}}, out{orientation.apply({3, 2})};
    const auto planes = in.writable();
    for (int i = 0; i < 6; ++i) planes.y.row(i / 3)[i % 3] = static_cast<std::uint8_t>("abcdef"[i]);
    for (int i = 0; i < 2; ++i) {
        planes.u.row(0)[i] = static_cast<std::uint8_t>("uU"[i]);
        planes.v.row(0)[i] = static_cast<std::uint8_t>("vV"[i]);
    }
    orient(in.view(), orientation, out.writable());
    return show(out.view().y) + " " + show(out.view().u) + " " + show(out.view().v);
}

TEST(Orientation, TurnsAllPlanes) {
    EXPECT_EQ(turned({}), "abc/def uU vV");
    EXPECT_EQ(turned({false, true, false}), "cba/fed Uu Vv");
    EXPECT_EQ(turned({false, false, true}), "def/abc uU vV");
    EXPECT_EQ(turned({true, false, false}), "ad/be/cf u/U v/V");
    EXPECT_EQ(turned({true, true, false}), "da/eb/fc u/U v/V");  // a quarter turn clockwise
    EXPECT_EQ(turned({true, false, true}), "cf/be/ad U/u V/v");  // and counter-clockwise
}

TEST(Orientation, ComesFromTheDisplayMatrix) {
    constexpr int k1 = 1 << 16;
    const auto from = [](int a, int b, int c, int d) {
        const std::array<std::int32_t, 9> matrix{a, b, 0, c, d, 0, 0, 0, 1 << 30};
        return turned(Orientation::from_matrix(matrix.data()));
    };
    EXPECT_TRUE(Orientation::from_matrix(nullptr).upright());
    EXPECT_EQ(from(k1, 0, 0, k1), "abc/def uU vV");
    EXPECT_EQ(from(0, k1, -k1, 0), "da/eb/fc u/U v/V");
    EXPECT_EQ(from(0, -k1, k1, 0), "cf/be/ad U/u V/v");
    EXPECT_EQ(from(-k1, 0, 0, -k1), "fed/cba Uu Vv");
    EXPECT_EQ(from(-k1, 0, 0, k1), "cba/fed Uu Vv");
    EXPECT_EQ(from(0, k1, k1, 0), "ad/be/cf u/U v/V");
    EXPECT_EQ(from(65'000, 8000, -8000, 65'000), "abc/def uU vV");  // a few degrees
}

}  // namespace
}  // namespace passerby::media
