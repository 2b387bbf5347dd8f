#include "image/mask.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/vectors.h"

namespace passerby::image {

Mask::Mask(Size picture, int cell)
    : picture_{picture},
      grid_{(picture.width + cell - 1) / cell, (picture.height + cell - 1) / cell},
      cell_{cell} {
    cells_.assign(static_cast<std::size_t>(grid_.width) * static_cast<std::size_t>(grid_.height), 0);
}

void Mask::set_all() {
    std::fill(cells_.begin(), cells_.end(), 255);
}
void Mask::clear() {
    std::fill(cells_.begin(), cells_.end(), 0);
}

void Mask::set(Rect pixels) {
    const Rect r = clip(pixels, picture_);
    if (r.empty()) return;
    const int x0 = r.x / cell_, x1 = (r.right() - 1) / cell_;
    for (int y = r.y / cell_; y <= (r.bottom() - 1) / cell_; ++y)
        std::fill(row(y) + x0, row(y) + x1 + 1, 255);
}

void Mask::set(const std::vector<Point>& polygon) {
    if (polygon.empty()) return;
    const auto n = polygon.size();
    const auto gx = [&](Point p) {
        return p.x * static_cast<float>(picture_.width) / static_cast<float>(cell_);
    };
    const auto gy = [&](Point p) {
        return p.y * static_cast<float>(picture_.height) / static_cast<float>(cell_);
    };
    const auto set_cell = [&](float x, float y) {
        const int cx = std::clamp(static_cast<int>(std::floor(x)), 0, grid_.width - 1);
        const int cy = std::clamp(static_cast<int>(std::floor(y)), 0, grid_.height - 1);
        row(cy)[cx] = 255;
    };
    for (int y = 0; y < grid_.height; ++y) {
        std::vector<float> crossings;
        const float middle = static_cast<float>(y) + 0.5F;
        for (std::size_t i = 0; i < n; ++i) {
            const Point a = polygon[i], b = polygon[(i + 1) % n];
            if ((gy(a) <= middle) != (gy(b) <= middle))
                crossings.push_back(gx(a) + (middle - gy(a)) * (gx(b) - gx(a)) / (gy(b) - gy(a)));
        }
        std::sort(crossings.begin(), crossings.end());
        for (std::size_t i = 0; i + 1 < crossings.size(); i += 2) {
            const int x0 = std::max(0, static_cast<int>(std::floor(crossings[i])));
            const int x1 = std::min(grid_.width, static_cast<int>(std::ceil(crossings[i + 1])));
            if (x0 < x1) std::fill(row(y) + x0, row(y) + x1, 255);
        }
    }
    // The scan lines pass through the middles of cells: walk the edges too, so that a sliver covers what it
    // touches.
    for (std::size_t i = 0; i < n; ++i) {
        const Point a = polygon[i], b = polygon[(i + 1) % n];
        const float dx = gx(b) - gx(a), dy = gy(b) - gy(a);
        const int steps = 1 + static_cast<int>(4 * std::max(std::abs(dx), std::abs(dy)));
        for (int s = 0; s <= steps; ++s) {
            const float t = static_cast<float>(s) / static_cast<float>(steps);
            set_cell(gx(a) + t * dx, gy(a) + t * dy);
        }
    }
}

namespace {
// Plain pointers and one length: compilers make vectors of that.
template <class Combine>
void combine(std::vector<std::uint8_t>& cells, const std::vector<std::uint8_t>& with, Combine with_other) {
    std::uint8_t* __restrict out = cells.data();
    const std::uint8_t* in = with.data();
    for (std::size_t i = 0, n = cells.size(); i < n; ++i)
        out[i] = static_cast<std::uint8_t>(with_other(out[i], in[i]));
}
}  // namespace

PASSERBY_VECTORS void Mask::unite(const Mask& other) {
    combine(cells_, other.cells_, [](int a, int b) { return a | b; });
}
PASSERBY_VECTORS void Mask::intersect(const Mask& other) {
    combine(cells_, other.cells_, [](int a, int b) { return a & b; });
}
PASSERBY_VECTORS void Mask::subtract(const Mask& other) {
    combine(cells_, other.cells_, [](int a, int b) { return a & ~b; });
}

namespace {
// A square structuring element, one axis after the other. What lies outside does not count. All loops run
// along rows, so that compilers make vectors of them.
template <class Combine>
[[gnu::always_inline]] inline void morph(std::vector<std::uint8_t>& cells, Size grid, int radius,
                                         Combine combine) {
    if (radius <= 0 || cells.empty()) return;
    const auto width = static_cast<std::size_t>(grid.width);
    const auto blend = [&](std::uint8_t* __restrict out, const std::uint8_t* __restrict in, std::size_t n) {
        for (std::size_t x = 0; x < n; ++x) out[x] = combine(out[x], in[x]);
    };
    std::vector<std::uint8_t> across = cells;
    for (std::size_t y = 0; y < cells.size(); y += width)
        for (std::size_t k = 1; k <= std::min(static_cast<std::size_t>(radius), width - 1); ++k) {
            blend(&across[y + k], &cells[y], width - k);
            blend(&across[y], &cells[y + k], width - k);
        }
    for (int y = 0; y < grid.height; ++y) {
        std::uint8_t* out = &cells[static_cast<std::size_t>(y) * width];
        std::copy_n(&across[static_cast<std::size_t>(y) * width], width, out);
        for (int k = std::max(0, y - radius); k <= std::min(grid.height - 1, y + radius); ++k)
            if (k != y) blend(out, &across[static_cast<std::size_t>(k) * width], width);
    }
}
}  // namespace

PASSERBY_VECTORS void Mask::dilate(int radius) {
    morph(cells_, grid_, radius,
          [](std::uint8_t a, std::uint8_t b) { return static_cast<std::uint8_t>(a | b); });
}
PASSERBY_VECTORS void Mask::erode(int radius) {
    morph(cells_, grid_, radius,
          [](std::uint8_t a, std::uint8_t b) { return static_cast<std::uint8_t>(a & b); });
}

void Mask::fill_holes(int most) {
    // Clear areas, put together from the runs of each row.
    struct Run {
        int y, x0, x1;  // x1 excluded
        std::size_t area;
    };
    struct Area {
        std::size_t joined;  // to this one; itself if to none
        int cells = 0;
        bool open = false;  // touches the border
    };
    std::vector<Run> runs;
    std::vector<Area> areas;
    const auto root = [&](std::size_t a) {
        while (areas[a].joined != a) a = areas[a].joined = areas[areas[a].joined].joined;
        return a;
    };
    std::size_t above = 0;  // first run of the row above
    for (int y = 0; y < grid_.height; ++y) {
        const std::uint8_t *begin = row(y), *end = begin + grid_.width;
        const std::size_t first = runs.size();
        std::size_t before = above;
        for (const std::uint8_t* c = std::find(begin, end, 0); c != end; c = std::find(c, end, 0)) {
            const std::uint8_t* stop = std::find_if(c, end, [](std::uint8_t v) { return v != 0; });
            const int x0 = static_cast<int>(c - begin), x1 = static_cast<int>(stop - begin);
            areas.push_back(
                {areas.size(), x1 - x0, x0 == 0 || x1 == grid_.width || y == 0 || y == grid_.height - 1});
            runs.push_back({y, x0, x1, areas.size() - 1});
            while (before < first && runs[before].x1 <= x0) ++before;
            for (std::size_t r = before; r < first && runs[r].x0 < x1; ++r) {
                const std::size_t a = root(runs[r].area), b = root(areas.size() - 1);
                if (a == b) continue;
                areas[b].joined = a;
                areas[a].cells += areas[b].cells;
                areas[a].open |= areas[b].open;
            }
            c = stop;
        }
        above = first;
    }
    for (const auto& run : runs)
        if (const Area& a = areas[root(run.area)]; !a.open && a.cells <= most)
            std::fill(row(run.y) + run.x0, row(run.y) + run.x1, std::uint8_t{255});
}

void Mask::grow_to_boxes() {
    Mask boxes{picture_, cell_};
    const int w = grid_.width, h = grid_.height;
    std::vector<std::pair<int, int>> front;
    for (int sy = 0; sy < h; ++sy)
        for (int sx = 0; sx < w; ++sx) {
            if (!at(sx, sy)) continue;
            int x0 = sx, x1 = sx, y0 = sy, y1 = sy;
            front.assign(1, {sx, sy});
            row(sy)[sx] = 0;  // taken
            while (!front.empty()) {
                const auto [x, y] = front.back();
                front.pop_back();
                x0 = std::min(x0, x), x1 = std::max(x1, x), y0 = std::min(y0, y), y1 = std::max(y1, y);
                for (int ny = std::max(0, y - 1); ny <= std::min(h - 1, y + 1); ++ny)
                    for (int nx = std::max(0, x - 1); nx <= std::min(w - 1, x + 1); ++nx)
                        if (at(nx, ny)) {
                            row(ny)[nx] = 0;
                            front.emplace_back(nx, ny);
                        }
            }
            for (int y = y0; y <= y1; ++y)
                std::fill(boxes.row(y) + x0, boxes.row(y) + x1 + 1, std::uint8_t{255});
        }
    *this = std::move(boxes);
}

PASSERBY_VECTORS int Mask::count() const {
    int set = 0;
    for (const std::uint8_t cell : cells_) set += cell & 1;
    return set;
}

bool Mask::any() const {
    return !cells_.empty() && std::memchr(cells_.data(), 255, cells_.size());
}

double Mask::share() const {
    return cells_.empty() ? 0 : static_cast<double>(count()) / static_cast<double>(cells_.size());
}

double Mask::share(Rect pixels) const {
    const Rect r = clip(pixels, picture_);
    if (r.empty()) return 0;
    const int x0 = r.x / cell_, x1 = (r.right() - 1) / cell_, y0 = r.y / cell_, y1 = (r.bottom() - 1) / cell_;
    std::ptrdiff_t set = 0;
    for (int y = y0; y <= y1; ++y) set += std::count(row(y) + x0, row(y) + x1 + 1, std::uint8_t{255});
    return static_cast<double>(set) / ((x1 - x0 + 1) * (y1 - y0 + 1));
}

}  // namespace passerby::image
