#include "vision/reduced.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "base/vectors.h"

namespace passerby::vision {

namespace {

// Sums of pairs of neighbouring bytes, added to `sums`. Two bytes are read as one number: compilers make
// vectors of that, whichever of the two comes first.
void add_pairs(const std::uint8_t* row, std::span<std::uint16_t> sums) {
    for (std::size_t i = 0; i < sums.size(); ++i) {
        std::uint16_t two;
        std::memcpy(&two, row + 2 * i, 2);
        sums[i] = static_cast<std::uint16_t>(sums[i] + (two & 0xFF) + (two >> 8));
    }
}

// Rounded means of whole cells, `pairs` sums to each.
template <int pairs>
void means(std::span<const std::uint16_t> sums, int rows, std::span<std::uint8_t> out) {
    const int full = 2 * pairs * rows;
    const bool square = rows == 2 * pairs;
    for (std::size_t x = 0; x < out.size(); ++x) {
        int sum = full / 2;
        for (std::size_t k = 0; k < pairs; ++k) sum += sums[x * pairs + k];
        out[x] = static_cast<std::uint8_t>(square ? sum / (4 * pairs * pairs) : sum / full);
    }
}

// Mean over factor x factor samples (factor 1, 2, 4 or 8); at the right and bottom border over those that
// there are. factor 1 copies.
PASSERBY_VECTORS void shrink(image::Plane from, int factor, image::Size grid,
                             std::vector<std::uint8_t>& out) {
    out.resize(static_cast<std::size_t>(grid.width) * static_cast<std::size_t>(grid.height));
    const int whole = std::min(from.size.width / factor, grid.width), pairs = factor / 2;
    std::vector<std::uint16_t> sums(static_cast<std::size_t>(whole * pairs));
    for (int gy = 0; gy < grid.height; ++gy) {
        std::uint8_t* o = out.data() + static_cast<std::ptrdiff_t>(gy) * grid.width;
        const std::span row{o, static_cast<std::size_t>(whole)};
        const int y0 = std::min(gy * factor, from.size.height - 1),
                  y1 = std::min(y0 + factor, from.size.height);
        std::fill(sums.begin(), sums.end(), std::uint16_t{0});
        for (int y = y0; y < y1 && pairs; ++y) add_pairs(from.row(y), sums);
        switch (pairs) {
            case 0:
                std::copy_n(from.row(y0), whole, o);
                break;
            case 1:
                means<1>(sums, y1 - y0, row);
                break;
            case 2:
                means<2>(sums, y1 - y0, row);
                break;
            default:
                means<4>(sums, y1 - y0, row);
        }
        for (int gx = whole; gx < grid.width; ++gx) {
            const int x0 = std::min(gx * factor, from.size.width - 1),
                      x1 = std::min(x0 + factor, from.size.width);
            int sum = 0;
            for (int y = y0; y < y1; ++y)
                for (int x = x0; x < x1; ++x) sum += from.row(y)[x];
            o[gx] = static_cast<std::uint8_t>(sum / ((y1 - y0) * (x1 - x0)));
        }
    }
}

void repeat_twice(image::Plane from, image::Size grid, std::vector<std::uint8_t>& out) {
    out.resize(static_cast<std::size_t>(grid.width) * static_cast<std::size_t>(grid.height));
    for (int y = 0; y < grid.height; ++y)
        for (int x = 0; x < grid.width; ++x)
            out[static_cast<std::size_t>(y) * static_cast<std::size_t>(grid.width) +
                static_cast<std::size_t>(x)] = from.row(y / 2)[x / 2];
}

// Mean of 3 x 3, in place; the border repeats itself. A cell of one pixel has all of the camera's noise.
void smooth(image::Size grid, std::vector<std::uint8_t>& plane) {
    const std::vector<std::uint8_t> from = plane;
    const int w = grid.width, h = grid.height;
    for (int y = 0; y < h; ++y) {
        const std::uint8_t* rows[3] = {&from[static_cast<std::size_t>(std::max(0, y - 1) * w)],
                                       &from[static_cast<std::size_t>(y * w)],
                                       &from[static_cast<std::size_t>(std::min(h - 1, y + 1) * w)]};
        for (int x = 0; x < w; ++x) {
            const int left = std::max(0, x - 1), right = std::min(w - 1, x + 1);
            int sum = 0;
            for (const auto* row : rows) sum += row[left] + row[x] + row[right];
            plane[static_cast<std::size_t>(y * w + x)] = static_cast<std::uint8_t>((sum + 4) / 9);
        }
    }
}

}  // namespace

int cell_for(image::Size picture) {
    const int longest = std::max(picture.width, picture.height);
    if (longest <= 400) return 1;
    if (longest <= 1000) return 2;
    return longest <= 2600 ? 4 : 8;
}

void reduce(const image::Picture& picture, int cell, Reduced& out) {
    out.grid = {(picture.y.size.width + cell - 1) / cell, (picture.y.size.height + cell - 1) / cell};
    shrink(picture.y, cell, out.grid, out.y);
    if (cell == 1) {
        repeat_twice(picture.u, out.grid, out.u);
        repeat_twice(picture.v, out.grid, out.v);
        for (auto* plane : {&out.y, &out.u, &out.v}) smooth(out.grid, *plane);
    } else {
        shrink(picture.u, cell / 2, out.grid, out.u);
        shrink(picture.v, cell / 2, out.grid, out.v);
    }
}

}  // namespace passerby::vision
