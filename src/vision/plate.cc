#include "vision/plate.h"

#include <algorithm>
#include <cstdlib>

namespace passerby::vision {

namespace {

// Of 255. A cell that differs strongly is foreground; one that differs weakly is, if it touches one that
// does.
constexpr int kStrong = 22, kWeak = 11;
// Chroma is smoother than luma and its steps are smaller.
constexpr int kChromaWeight = 2;
// A candidate is the same as long as it stays within this of itself.
constexpr int kSame = 9;
// Noise throws a cell out now and then; so many frames in a row are forgiven.
constexpr int kMissesForgiven = 1;
// Strong cells that stand alone are noise: so many of the nine around a cell must be strong.
constexpr int kLeastNeighbours = 3;
// When the detectors rest, what they said of the past does not count for what is there now.
constexpr Micros kStaleInspection = std::chrono::milliseconds{1500};
constexpr Micros kPromotionEvery = std::chrono::milliseconds{200};
// Cells that are not calm keep those around them from being proven: somebody who stands still still moves a
// little.
constexpr std::uint32_t kRestlessBelowMs = 400;
constexpr int kRestlessReach = 6;
constexpr int kFewCells = 8;
// A detection speaks for the place around it too.
constexpr float kOccupiedGrowth = 0.15F;

std::uint32_t ms(Micros t) {
    return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(t).count());
}

int difference(std::uint16_t fixed, std::uint8_t value) {
    return std::abs((fixed >> 8) - value);
}

}  // namespace

bool Plate::Appearance::same(std::size_t i, const Reduced& f) const {
    return difference(y[i], f.y[i]) <= kSame && difference(u[i], f.u[i]) <= kSame &&
           difference(v[i], f.v[i]) <= kSame;
}

void Plate::Appearance::take(std::size_t i, const Reduced& f) {
    y[i] = static_cast<std::uint16_t>(f.y[i] << 8);
    u[i] = static_cast<std::uint16_t>(f.u[i] << 8);
    v[i] = static_cast<std::uint16_t>(f.v[i] << 8);
    calm[i] = 0;
    clear[i] = 0;
}

void Plate::Appearance::follow(std::size_t i, const Reduced& f, int shift) {
    const auto toward = [shift](std::uint16_t& fixed, std::uint8_t value) {
        fixed = static_cast<std::uint16_t>(fixed + (((value << 8) - fixed) >> shift));
    };
    toward(y[i], f.y[i]);
    toward(u[i], f.u[i]);
    toward(v[i], f.v[i]);
}

void Plate::Appearance::copy(std::size_t i, const Appearance& from) {
    y[i] = from.y[i], u[i] = from.u[i], v[i] = from.v[i];
    calm[i] = from.calm[i], clear[i] = from.clear[i];
}

Plate::Plate(image::Size picture, int cell, PlateRules rules)
    : picture_{picture},
      grid_{image::Mask{picture, cell}.grid()},
      cell_{cell},
      rules_{rules},
      plate_{static_cast<std::size_t>(grid_.width) * static_cast<std::size_t>(grid_.height)},
      remembered_{plate_.y.size()},
      challenger_{plate_.y.size()},
      proven_(plate_.y.size()),
      now_(plate_.y.size(), Now::challenger),
      same_for_(plate_.y.size()),
      missed_(plate_.y.size()),
      deviates_(plate_.y.size()) {}

Plate::Look Plate::compare(const Reduced& f) {
    Look look{image::Mask{picture_, cell_}, image::Mask{picture_, cell_}};
    const std::size_t n = proven_.size();
    // The light is read off the cells that showed background before; if that leaves too few, off all that are
    // proven.
    std::vector<std::uint8_t> use(n);
    std::size_t usable = 0, proven = 0;
    for (std::size_t i = 0; i < n; ++i) {
        use[i] = proven_[i] && !deviates_[i];
        usable += use[i] != 0;
        proven += proven_[i] != 0;
    }
    light_.fit(plate_.y, f.y, usable * 2 > proven ? use : proven_);

    std::size_t strong = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const int dy = std::abs(f.y[i] - std::clamp(light_.expected(plate_.y[i] >> 8), 0, 255));
        const int dc =
            kChromaWeight * std::max(difference(plate_.u[i], f.u[i]), difference(plate_.v[i], f.v[i]));
        const int d = std::max(dy, dc);
        deviates_[i] = proven_[i] ? static_cast<std::uint8_t>((d > kWeak) + (d > kStrong)) : std::uint8_t{0};
        strong += deviates_[i] == 2;
    }
    look.changed = proven ? static_cast<double>(strong) / static_cast<double>(proven) : 0;

    const int w = grid_.width, h = grid_.height;
    std::vector<std::size_t> front;
    for (int y = 0; y < h; ++y) {
        std::uint8_t* unproven = look.unproven.row(y);
        std::uint8_t* foreground = look.foreground.row(y);
        for (int x = 0; x < w; ++x) {
            const auto i =
                static_cast<std::size_t>(y) * static_cast<std::size_t>(w) + static_cast<std::size_t>(x);
            unproven[x] = proven_[i] ? 0 : 255;
            if (deviates_[i] != 2) continue;
            int near = 0;
            for (int ny = std::max(0, y - 1); ny <= std::min(h - 1, y + 1); ++ny)
                for (int nx = std::max(0, x - 1); nx <= std::min(w - 1, x + 1); ++nx)
                    near += deviates_[static_cast<std::size_t>(ny) * static_cast<std::size_t>(w) +
                                      static_cast<std::size_t>(nx)] == 2;
            if (near < kLeastNeighbours) continue;
            foreground[x] = 255;
            front.push_back(i);
        }
    }
    // Hysteresis: spread over the weak cells that touch.
    std::uint8_t* cells = look.foreground.row(0);
    while (!front.empty()) {
        const auto i = front.back();
        front.pop_back();
        const int x = static_cast<int>(i % static_cast<std::size_t>(w)),
                  y = static_cast<int>(i / static_cast<std::size_t>(w));
        for (int ny = std::max(0, y - 1); ny <= std::min(h - 1, y + 1); ++ny)
            for (int nx = std::max(0, x - 1); nx <= std::min(w - 1, x + 1); ++nx) {
                const auto j =
                    static_cast<std::size_t>(ny) * static_cast<std::size_t>(w) + static_cast<std::size_t>(nx);
                if (!deviates_[j] || cells[j]) continue;
                cells[j] = 255;
                front.push_back(j);
            }
    }
    return look;
}

void Plate::learn(const Reduced& f, const Look& look, Micros elapsed) {
    const std::uint32_t step = ms(elapsed);
    const std::uint8_t* foreground = look.foreground.row(0);
    for (std::size_t i = 0; i < proven_.size(); ++i) {
        same_for_[i] += step;
        if (!proven_[i] || foreground[i]) {
            learn_cell(i, f, step);
            continue;
        }
        // Background, as proven: follow its slow changes.
        if (deviates_[i] == 0) plate_.follow(i, f, 5);
        plate_.calm[i] += step;
        now_[i] = Now::plate;
    }
    since_promotion_ += elapsed;
    since_inspection_ += elapsed;
    if (since_promotion_ >= kPromotionEvery && since_inspection_ < kStaleInspection) {
        since_promotion_ = {};
        promote();
    }
}

void Plate::learn_cell(std::size_t i, const Reduced& f, std::uint32_t step) {
    const Now before = now_[i];
    if (remembered_.same(i, f)) {
        now_[i] = Now::remembered;
        remembered_.follow(i, f, 3);
        remembered_.calm[i] += step;
        missed_[i] = 0;
    } else if (challenger_.same(i, f)) {
        now_[i] = Now::challenger;
        challenger_.follow(i, f, 3);
        challenger_.calm[i] += step;
        missed_[i] = 0;
    } else if (++missed_[i] > kMissesForgiven) {
        now_[i] = Now::challenger;
        challenger_.take(i, f);
        missed_[i] = 0;
        same_for_[i] = 0;
    }
    if (now_[i] != before) same_for_[i] = 0;
    if (challenger_.calm[i] > remembered_.calm[i]) {
        const Appearance& winner = challenger_;
        // Swap by way of values: the loser stays as the challenger, it may come back.
        const std::uint16_t y = remembered_.y[i], u = remembered_.u[i], v = remembered_.v[i];
        const std::uint32_t calm = remembered_.calm[i];
        const std::uint8_t clear = remembered_.clear[i];
        remembered_.copy(i, winner);
        challenger_.y[i] = y, challenger_.u[i] = u, challenger_.v[i] = v, challenger_.calm[i] = calm,
        challenger_.clear[i] = clear;
        now_[i] = now_[i] == Now::challenger ? Now::remembered : Now::challenger;
    }
}

void Plate::promote() {
    image::Mask restless{picture_, cell_};
    std::uint8_t* r = restless.row(0);
    for (std::size_t i = 0; i < proven_.size(); ++i)
        r[i] = same_for_[i] < kRestlessBelowMs && now_[i] != Now::plate ? 255 : 0;
    // A lone flickering cell is noise, not a person.
    restless.erode(1);
    restless.dilate(1 + kRestlessReach);
    for (std::size_t i = 0; i < proven_.size(); ++i) {
        if (r[i] || now_[i] != Now::remembered) continue;
        const bool change = proven_[i] && !(rules_.hindsight && remembered_.calm[i] > plate_.calm[i]);
        if (remembered_.calm[i] < ms(change ? rules_.change_calm : rules_.first_calm)) continue;
        if (remembered_.clear[i] < (change ? rules_.change_clear : rules_.first_clear)) continue;
        plate_.copy(i, remembered_);
        remembered_.calm[i] = challenger_.calm[i] = 0;
        remembered_.clear[i] = challenger_.clear[i] = 0;
        proven_[i] = 255;
        deviates_[i] = 0;
        now_[i] = Now::plate;
    }
}

image::Rect Plate::cells_of(image::Rect pixels) const {
    const image::Rect r = image::clip(pixels, picture_);
    if (r.empty()) return {};
    const int x = r.x / cell_, y = r.y / cell_;
    return {x, y, (r.right() - 1) / cell_ + 1 - x, (r.bottom() - 1) / cell_ + 1 - y};
}

void Plate::inspected(image::Rect where, std::span<const Detection> occupied) {
    since_inspection_ = {};
    image::Mask taken{picture_, cell_};
    for (const auto& d : occupied) {
        const float gx = d.width * kOccupiedGrowth, gy = d.height * kOccupiedGrowth;
        taken.set(image::Rect{static_cast<int>(d.x - gx), static_cast<int>(d.y - gy),
                              static_cast<int>(d.width + 2 * gx) + 1,
                              static_cast<int>(d.height + 2 * gy) + 1});
    }
    const image::Rect seen = cells_of(where);
    for (int y = 0; y < grid_.height; ++y)
        for (int x = 0; x < grid_.width; ++x) {
            const auto i = static_cast<std::size_t>(y * grid_.width + x);
            if (now_[i] == Now::plate) continue;
            Appearance& current = now_[i] == Now::remembered ? remembered_ : challenger_;
            if (taken.at(x, y)) {
                // What has a person on it is no background, however long it stands.
                current.calm[i] = 0;
                current.clear[i] = 0;
            } else if (x >= seen.x && x < seen.right() && y >= seen.y && y < seen.bottom() &&
                       current.clear[i] < 255) {
                ++current.clear[i];
            }
        }
}

void Plate::forget() {
    std::fill(proven_.begin(), proven_.end(), std::uint8_t{0});
    std::fill(deviates_.begin(), deviates_.end(), std::uint8_t{0});
    std::fill(now_.begin(), now_.end(), Now::challenger);
    for (auto* appearance : {&plate_, &remembered_, &challenger_}) {
        std::fill(appearance->calm.begin(), appearance->calm.end(), 0U);
        std::fill(appearance->clear.begin(), appearance->clear.end(), std::uint8_t{0});
    }
}

bool Plate::wants_inspection(image::Rect where) const {
    const image::Rect r = cells_of(where);
    int waiting = 0;
    for (int y = r.y; y < r.bottom(); ++y)
        for (int x = r.x; x < r.right(); ++x) {
            const auto i = static_cast<std::size_t>(y * grid_.width + x);
            waiting += now_[i] != Now::plate && same_for_[i] >= kRestlessBelowMs;
        }
    return waiting > kFewCells;
}

double Plate::proven_share() const {
    return static_cast<double>(std::count(proven_.begin(), proven_.end(), std::uint8_t{255})) /
           static_cast<double>(proven_.size());
}

}  // namespace passerby::vision
