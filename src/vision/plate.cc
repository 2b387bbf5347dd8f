// How a frame differs from the plate, and what the detectors say of it. How the plate is learnt:
// plate_learning.cc.
#include "vision/plate.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/marked.h"
#include "base/vectors.h"

namespace passerby::vision {

namespace {

// Of 255, in full light. A cell that differs strongly is foreground; one that differs weakly is, if it
// touches one that does. In less light there is less to see of a person too, but noise sets a floor.
constexpr int kStrong = 22, kLeastStrong = 10;
constexpr float kNoiseStrong = 5;
// Chroma is smoother than luma and its steps are smaller.
constexpr int kChromaWeight = 2;
// Strong cells that stand alone are noise: so many of the nine around a cell must be strong.
constexpr int kLeastNeighbours = 3;
constexpr int kFewCells = 8;
constexpr std::uint32_t kRestlessBelowMs = 400;
// In a restless place people pass: one inspection that saw somebody outweighs so many that did not.
constexpr std::uint8_t kOccupiedOutweighs = 4;
// What was there for so long, and clear so often, before somebody came, may be background; and what was for
// less has at least a claim against what the person leaves behind.
constexpr std::uint32_t kCreditMs = 1500, kClaimMs = 800;
constexpr int kCreditClear = 6, kClaimClear = 3, kSameClaim = 9;
// A detection speaks for the place around it too.
constexpr float kOccupiedGrowth = 0.15F;

std::uint32_t ms(Micros t) {
    return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(t).count());
}

}  // namespace

Plate::Plate(image::Size picture, int cell, PlateRules rules)
    : picture_{picture},
      grid_{image::Mask{picture, cell}.grid()},
      cell_{cell},
      rules_{rules},
      plate_{static_cast<std::size_t>(grid_.width) * static_cast<std::size_t>(grid_.height)},
      remembered_{plate_.y.size()},
      challenger_{plate_.y.size()},
      claimant_{plate_.y.size()},
      proven_(plate_.y.size()),
      now_(plate_.y.size(), Now::challenger),
      same_for_(plate_.y.size()),
      missed_(plate_.y.size()),
      deviates_(plate_.y.size()),
      busy_(plate_.y.size()),
      restless_(plate_.y.size()),
      restless_clear_(plate_.y.size()),
      episodes_(plate_.y.size()),
      light_{grid_} {
    for (auto& a : alternates_)
        for (auto* plane : {&a.y, &a.u, &a.v, &a.proven}) plane->resize(plate_.y.size());
}

PASSERBY_VECTORS Plate::Look Plate::compare(const Reduced& f) {
    Look look{image::Mask{picture_, cell_}, image::Mask{picture_, cell_}, image::Mask{picture_, cell_}};
    change_.take(f);
    // The light is read off the cells that showed background before; if that leaves too few, off all that are
    // proven.
    std::vector<std::uint8_t> use(proven_.size());
    std::uint32_t usable = 0, proven = 0;
    // Plain pointers: bytes may alias the vectors' own size.
    const std::uint8_t *is_proven = proven_.data(), *deviates = deviates_.data();
    std::uint8_t* __restrict use_it = use.data(), * __restrict unproven = look.unproven.row(0);
    for (std::size_t i = 0, n = use.size(); i < n; ++i) {
        unproven[i] = static_cast<std::uint8_t>(~is_proven[i]);
        use_it[i] = static_cast<std::uint8_t>(deviates[i] ? 0 : is_proven[i]);
        usable += use_it[i] & 1, proven += is_proven[i] & 1;
    }
    light_.fit(plate_, f, proven_, usable * 2 > proven ? use : proven_, change_.noise());
    mark_deviations(f);
    const auto strong = std::count(deviates_.begin(), deviates_.end(), std::uint8_t{2});
    look.changed = proven ? static_cast<double>(strong) / static_cast<double>(proven) : 0;
    look.lost = light_.lost();
    mark_foreground(look.foreground);
    const std::uint8_t* foreground = look.foreground.row(0);
    std::uint8_t* flapping = look.flapping.row(0);
    for_marked({foreground, proven_.size()}, [&](std::size_t i) {
        if (flaps(i)) flapping[i] = 255;
    });
    return look;
}

namespace {

// Raises `largest` to weight * |frame - expected|, at most 255.
template <int weight>
void add_differences(const std::vector<std::uint8_t>& frame, const std::vector<std::uint8_t>& expected,
                     std::vector<std::uint8_t>& largest) {
    constexpr std::uint8_t kMost = 255 / weight;
    const std::uint8_t *a = frame.data(), *b = expected.data();
    std::uint8_t* __restrict out = largest.data();
    for (std::size_t i = 0, n = largest.size(); i < n; ++i) {
        const std::uint8_t x = a[i], y = b[i], before = out[i];
        const auto apart = static_cast<std::uint8_t>(x > y ? x - y : y - x);
        const auto weighted = static_cast<std::uint8_t>((apart < kMost ? apart : kMost) * weight);
        out[i] = before > weighted ? before : weighted;
    }
}

}  // namespace

// From the nearest of the cell's proven appearances.
PASSERBY_VECTORS void Plate::mark_deviations(const Reduced& f) {
    const Reduced& e = light_.expected();
    std::vector<std::uint8_t> apart(proven_.size());
    add_differences<1>(f.y, e.y, apart);
    add_differences<kChromaWeight>(f.u, e.u, apart);
    add_differences<kChromaWeight>(f.v, e.v, apart);
    for (const std::size_t i : with_alternates_)
        for (const auto& a : alternates_)
            if (a.proven[i])
                apart[i] = static_cast<std::uint8_t>(std::min<int>(
                    apart[i], std::max(std::abs(f.y[i] - a.y[i]),
                                       kChromaWeight *
                                           std::max(std::abs(f.u[i] - a.u[i]), std::abs(f.v[i] - a.v[i])))));
    const auto floor = static_cast<std::uint8_t>(
        std::clamp(static_cast<int>(std::lround(kNoiseStrong * change_.noise())), kLeastStrong, 255));
    const std::uint8_t *gain = light_.gain().data(), *proven = proven_.data(), *differs = apart.data();
    std::uint8_t* __restrict deviates = deviates_.data();
    for (std::size_t i = 0, n = apart.size(); i < n; ++i) {
        const auto dark = static_cast<std::uint8_t>((kStrong * std::min<std::uint8_t>(gain[i], 64)) >> 6);
        const std::uint8_t strong = std::max(dark, floor);
        const std::uint8_t weakly = differs[i] > strong / 2 ? 1 : 0, strongly = differs[i] > strong ? 1 : 0;
        deviates[i] = static_cast<std::uint8_t>((weakly + strongly) & proven[i]);
    }
}

// Strong cells in company, and the weak ones that touch them.
void Plate::mark_foreground(image::Mask& foreground) const {
    const int w = grid_.width, h = grid_.height;
    std::uint8_t* cells = foreground.row(0);
    std::vector<std::size_t> front;
    const auto around = [w, h](std::size_t i, auto visit) {
        const int x = static_cast<int>(i) % w, y = static_cast<int>(i) / w;
        for (int ny = std::max(0, y - 1); ny <= std::min(h - 1, y + 1); ++ny)
            for (int nx = std::max(0, x - 1); nx <= std::min(w - 1, x + 1); ++nx)
                visit(static_cast<std::size_t>(ny * w + nx));
    };
    for_marked(deviates_, [&](std::size_t i) {
        if (deviates_[i] != 2) return;
        int near = 0;
        around(i, [&](std::size_t j) { near += deviates_[j] == 2; });
        if (near < kLeastNeighbours) return;
        cells[i] = 255;
        front.push_back(i);
    });
    while (!front.empty()) {
        const auto i = front.back();
        front.pop_back();
        around(i, [&](std::size_t j) {
            if (!deviates_[j] || cells[j]) return;
            cells[j] = 255;
            front.push_back(j);
        });
    }
}

image::Rect Plate::cells_of(image::Rect pixels) const {
    const image::Rect r = image::clip(pixels, picture_);
    if (r.empty()) return {};
    const int x = r.x / cell_, y = r.y / cell_;
    return {x, y, (r.right() - 1) / cell_ + 1 - x, (r.bottom() - 1) / cell_ + 1 - y};
}

// A box is larger than the person: what was there before, and was clear, is the wall beside them. It waits,
// all else is as if it had never been.
void Plate::doubt(std::size_t i) {
    Appearance& a = current(i);
    if (a.calm[i] >= kClaimMs && a.clear[i] >= kClaimClear &&
        (claimant_.calm[i] == 0 || claimant_.same(i, a, kSameClaim)))
        claimant_.copy(i, a);
    if (a.calm[i] < kCreditMs || a.clear[i] < kCreditClear) return a.discredit(i);
    a.calm[i] -= std::min(a.calm[i] - kCreditMs, ms(since_inspection_));
    a.run[i] = 0;
}

void Plate::inspected(image::Rect where, std::span<const Detection> occupied) {
    image::Mask taken{picture_, cell_};
    for (const auto& d : occupied) {
        const float gx = d.width * kOccupiedGrowth, gy = d.height * kOccupiedGrowth;
        taken.set(image::Rect{static_cast<int>(d.x - gx), static_cast<int>(d.y - gy),
                              static_cast<int>(d.width + 2 * gx) + 1,
                              static_cast<int>(d.height + 2 * gy) + 1});
    }
    const image::Rect seen = cells_of(where);
    const auto count = [](std::uint8_t& n) {
        if (n < 255) ++n;
    };
    for (int y = 0; y < grid_.height; ++y)
        for (int x = 0; x < grid_.width; ++x) {
            const auto i = static_cast<std::size_t>(y * grid_.width + x);
            const bool clear = x >= seen.x && x < seen.right() && y >= seen.y && y < seen.bottom();
            if (taken.at(x, y)) {
                // What has a person on it is no background, however long it stands.
                if (now_[i] != Now::plate) doubt(i);
                restless_clear_[i] -= std::min(restless_clear_[i], kOccupiedOutweighs);
            } else if (clear) {
                if (now_[i] != Now::plate) count(current(i).clear[i]);
                if (restless_[i] > 0) count(restless_clear_[i]);
            }
        }
    since_inspection_ = {};
}

void Plate::forget() {
    for (auto* plane : {&proven_, &deviates_, &restless_clear_, &episodes_})
        std::fill(plane->begin(), plane->end(), std::uint8_t{0});
    for (auto& a : alternates_) std::fill(a.proven.begin(), a.proven.end(), std::uint8_t{0});
    with_alternates_.clear();
    std::fill(restless_.begin(), restless_.end(), 0U);
    std::fill(now_.begin(), now_.end(), Now::challenger);
    for (auto* appearance : {&plate_, &remembered_, &challenger_, &claimant_}) appearance->discredit_all();
}

bool Plate::wants_inspection(image::Rect where) const {
    const image::Rect r = cells_of(where);
    int waiting = 0;
    for (int y = r.y; y < r.bottom() && waiting <= kFewCells; ++y)
        for (int x = r.x; x < r.right(); ++x) {
            const auto i = static_cast<std::size_t>(y * grid_.width + x);
            waiting += now_[i] != Now::plate && same_for_[i] >= kRestlessBelowMs;
        }
    return waiting > kFewCells;
}

double Plate::changed(image::Rect where, Micros lately) const {
    const image::Rect r = cells_of(where);
    int changed = 0;
    for (int y = r.y; y < r.bottom(); ++y)
        for (int x = r.x; x < r.right(); ++x)
            changed += same_for_[static_cast<std::size_t>(y * grid_.width + x)] < ms(lately);
    return r.empty() ? 0 : static_cast<double>(changed) / r.area();
}

double Plate::proven_share(image::Rect where) const {
    const image::Rect r = cells_of(where);
    int proven = 0;
    for (int y = r.y; y < r.bottom(); ++y)
        for (int x = r.x; x < r.right(); ++x)
            proven += proven_[static_cast<std::size_t>(y * grid_.width + x)] != 0;
    return r.empty() ? 0 : static_cast<double>(proven) / r.area();
}

double Plate::proven_share() const {
    return static_cast<double>(std::count(proven_.begin(), proven_.end(), std::uint8_t{255})) /
           static_cast<double>(proven_.size());
}

}  // namespace passerby::vision
