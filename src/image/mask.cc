#include "image/mask.h"

#include <algorithm>
#include <cmath>

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

void Mask::unite(const Mask& other) {
    for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i] |= other.cells_[i];
}
void Mask::intersect(const Mask& other) {
    for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i] &= other.cells_[i];
}
void Mask::subtract(const Mask& other) {
    for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i] &= static_cast<std::uint8_t>(~other.cells_[i]);
}

namespace {
// out[i] = combine of in[i-radius .. i+radius], clipped at the ends: one axis of a square structuring
// element.
template <class Combine>
void slide(const std::uint8_t* in, std::uint8_t* out, int n, std::ptrdiff_t step, int radius,
           Combine combine) {
    for (int i = 0; i < n; ++i) {
        std::uint8_t value = in[i * step];
        for (int k = std::max(0, i - radius); k <= std::min(n - 1, i + radius); ++k)
            value = combine(value, in[k * step]);
        out[i * step] = value;
    }
}

template <class Combine>
void morph(std::vector<std::uint8_t>& cells, Size grid, int radius, Combine combine) {
    if (radius <= 0 || cells.empty()) return;
    std::vector<std::uint8_t> across(cells.size());
    const auto width = static_cast<std::size_t>(grid.width);
    for (int y = 0; y < grid.height; ++y)
        slide(&cells[static_cast<std::size_t>(y) * width], &across[static_cast<std::size_t>(y) * width],
              grid.width, 1, radius, combine);
    // Down: row by row, so that the inner loop runs along memory and vectorises.
    for (int y = 0; y < grid.height; ++y) {
        std::uint8_t* out = &cells[static_cast<std::size_t>(y) * width];
        std::copy_n(&across[static_cast<std::size_t>(y) * width], width, out);
        for (int k = std::max(0, y - radius); k <= std::min(grid.height - 1, y + radius); ++k) {
            const std::uint8_t* in = &across[static_cast<std::size_t>(k) * width];
            for (std::size_t x = 0; x < width; ++x) out[x] = combine(out[x], in[x]);
        }
    }
}
}  // namespace

void Mask::dilate(int radius) {
    morph(cells_, grid_, radius,
          [](std::uint8_t a, std::uint8_t b) { return static_cast<std::uint8_t>(a | b); });
}
void Mask::erode(int radius) {
    morph(cells_, grid_, radius,
          [](std::uint8_t a, std::uint8_t b) { return static_cast<std::uint8_t>(a & b); });
}

void Mask::fill_holes(int most) {
    constexpr std::uint8_t kVisited = 1;  // clear, but seen; cleared again at the end
    const int w = grid_.width, h = grid_.height;
    std::vector<std::size_t> area;
    for (std::size_t start = 0; start < cells_.size(); ++start) {
        if (cells_[start] != 0) continue;
        area.assign(1, start);
        cells_[start] = kVisited;
        bool enclosed = true;
        for (std::size_t next = 0; next < area.size(); ++next) {
            const int x = static_cast<int>(area[next] % static_cast<std::size_t>(w)),
                      y = static_cast<int>(area[next] / static_cast<std::size_t>(w));
            if (x == 0 || y == 0 || x == w - 1 || y == h - 1) enclosed = false;
            const auto visit = [&](int nx, int ny) {
                if (nx < 0 || ny < 0 || nx >= w || ny >= h || cells_[index(nx, ny)] != 0) return;
                cells_[index(nx, ny)] = kVisited;
                area.push_back(index(nx, ny));
            };
            visit(x - 1, y), visit(x + 1, y), visit(x, y - 1), visit(x, y + 1);
        }
        if (enclosed && area.size() <= static_cast<std::size_t>(most))
            for (const auto i : area) cells_[i] = 255;
    }
    for (auto& c : cells_)
        if (c == kVisited) c = 0;
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

int Mask::count() const {
    return static_cast<int>(std::count(cells_.begin(), cells_.end(), std::uint8_t{255}));
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
