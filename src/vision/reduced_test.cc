#include "vision/reduced.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "image/buffer.h"

namespace passerby::vision {
namespace {

image::PictureBuffer noise(image::Size size) {
    image::PictureBuffer buffer{size};
    std::mt19937 random{11};
    const auto p = buffer.writable();
    for (const auto& plane : {p.y, p.u, p.v})
        for (int y = 0; y < plane.size.height; ++y)
            for (int x = 0; x < plane.size.width; ++x) plane.row(y)[x] = static_cast<std::uint8_t>(random());
    return buffer;
}

int mean(image::Plane plane, int x, int y, int factor) {
    const int x0 = std::min(x * factor, plane.size.width - 1),
              y0 = std::min(y * factor, plane.size.height - 1);
    const int x1 = std::min(x0 + factor, plane.size.width), y1 = std::min(y0 + factor, plane.size.height);
    int sum = 0;
    for (int py = y0; py < y1; ++py)
        for (int px = x0; px < x1; ++px) sum += plane.row(py)[px];
    return sum / ((x1 - x0) * (y1 - y0));
}

// Each cell is the mean of its pixels, at the borders of those that there are.
TEST(Reduced, CellsAreMeansInAllSizes) {
    for (const image::Size size : {image::Size{64, 48}, {70, 46}, {33, 17}, {16, 16}, {101, 67}})
        for (const int cell : {2, 4, 8}) {
            const auto buffer = noise(size);
            const auto picture = buffer.view();
            Reduced out;
            reduce(picture, cell, out);
            ASSERT_EQ(out.grid,
                      (image::Size{(size.width + cell - 1) / cell, (size.height + cell - 1) / cell}));
            for (int y = 0; y < out.grid.height; ++y)
                for (int x = 0; x < out.grid.width; ++x) {
                    const auto i = static_cast<std::size_t>(y * out.grid.width + x);
                    EXPECT_NEAR(out.y[i], mean(picture.y, x, y, cell), 1)
                        << x << ',' << y << " cell " << cell;
                    EXPECT_NEAR(out.u[i], mean(picture.u, x, y, cell / 2), 1);
                    EXPECT_NEAR(out.v[i], mean(picture.v, x, y, cell / 2), 1);
                }
        }
}

}  // namespace
}  // namespace passerby::vision
