// How the plate is learnt: what each cell showed, for how long, and when that is enough.
#include <algorithm>
#include <cmath>

#include "base/marked.h"
#include "base/vectors.h"
#include "vision/plate.h"

namespace passerby::vision {

namespace {

// An appearance is the same as long as it stays within this of itself; more where there is noise.
constexpr int kSame = 9, kMostSame = 16;
constexpr float kNoiseSame = 3.5F;
// A picture with more noise than this (of 255, standard deviation of a cell) shows nothing that could be
// proven.
constexpr float kTooNoisy = 7;
// Noise throws a cell out now and then; so many frames in a row are forgiven.
constexpr int kMissesForgiven = 1;
// When the detectors rest, what they said of the past does not count for what is there now.
constexpr Micros kStaleInspection = std::chrono::milliseconds{1500};
constexpr Micros kPromotionEvery = std::chrono::milliseconds{200};
// Cells that are not calm keep those around them from being proven: somebody who stands still still moves a
// little.
constexpr std::uint32_t kRestlessBelowMs = 400;
constexpr int kRestlessReach = 6;
// Another appearance that stayed so long interrupts one; one that had at least this and a fourth of the
// other's time has a claim.
constexpr std::uint32_t kInterruptsMs = 1000, kClaimMs = 800, kClaimPart = 4;
constexpr int kClaimReach = 2;
// A restless place that showed its plate for so long has come to rest. An appearance of one comes back for at
// least this part of the time, and this long in all.
// People pass a place now and then; leaves move over and over.
constexpr int kManyEpisodes = 12;
constexpr std::uint32_t kEpisodeEveryMs = 2500, kFlapsEveryMs = 5000;
// One that was there so long in all, and seen so often without anybody on it, is proven by itself.
constexpr int kSomeEpisodes = 6;
constexpr std::uint32_t kKnownWellMs = 5000;
// What there is to do for a cell.
constexpr std::uint8_t kDeviates = 1, kWasElse = 2;
constexpr int kPlateFollows = 5;  // by 1 / 2^5 of the way a frame
constexpr std::uint32_t kRestedMs = 10'000, kComesBackPart = 25, kComesBackMs = 1000;

std::uint32_t ms(Micros t) {
    return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(t).count());
}

}  // namespace

PASSERBY_VECTORS void Plate::learn(const Reduced& f, const Look& look, Micros elapsed) {
    const std::uint32_t step = ms(elapsed);
    follow_background(f, look.foreground, step);
    // Most cells show the background as ever, and there is nothing more to do for them.
    for_marked(busy_, [&](std::size_t i) {
        if (busy_[i] & kDeviates)
            learn_cell(i, f, step);
        else
            learn_background(i, step);
    });
    since_promotion_ += elapsed;
    since_inspection_ += elapsed;
    if (since_promotion_ >= kPromotionEvery && since_inspection_ < kStaleInspection &&
        change_.noise() < kTooNoisy) {
        since_promotion_ = {};
        promote();
    }
}

// Background, as proven: its slow changes are followed. And time goes on for every cell.
PASSERBY_VECTORS void Plate::follow_background(const Reduced& f, const image::Mask& foreground,
                                               std::uint32_t step) {
    const std::uint8_t *hidden = foreground.row(0), *proven = proven_.data(), *deviates = deviates_.data(),
                       *alternate = alternates_[0].proven.data();
    const auto* now_is = reinterpret_cast<const std::uint8_t*>(now_.data());
    const std::size_t n = proven_.size();
    std::vector<std::uint8_t> follows(n);
    std::uint8_t* __restrict follow = follows.data(), * __restrict busy = busy_.data();
    std::uint16_t* __restrict same_for = same_for_.data();
    std::uint32_t* __restrict restless = restless_.data();
    // One kind of number in each loop: so all of them become vectors.
    const auto later = static_cast<std::uint16_t>(step), latest = static_cast<std::uint16_t>(0xFFFF - step),
               lately = static_cast<std::uint16_t>(kInterruptsMs + step);
    PASSERBY_APART
    for (std::size_t i = 0; i < n; ++i) {
        same_for[i] = static_cast<std::uint16_t>(std::min(same_for[i], latest) + later);
        busy[i] = same_for[i] < lately ? kWasElse : 0;
    }
    PASSERBY_APART
    for (std::size_t i = 0; i < n; ++i) {
        restless[i] += restless[i] > 0 ? step : 0;
        follow[i] = restless[i] > 0 ? kWasElse : 0;
    }
    PASSERBY_APART
    for (std::size_t i = 0; i < n; ++i) {
        const auto shows = static_cast<std::uint8_t>(proven[i] & ~hidden[i]);
        const auto was_else = static_cast<std::uint8_t>(now_is[i] | alternate[i] ? kWasElse : 0);
        busy[i] = static_cast<std::uint8_t>((~shows & kDeviates) | was_else | busy[i] | follow[i]);
        follow[i] = static_cast<std::uint8_t>(deviates[i] | alternate[i] ? 0 : shows);
    }
    // For how long it was seen in all matters to hindsight alone.
    if (rules_.hindsight) {
        std::uint32_t* __restrict calm = plate_.calm.data();
        PASSERBY_APART
        for (std::size_t i = 0; i < n; ++i)
            calm[i] += static_cast<std::uint8_t>(proven[i] & ~hidden[i]) ? step : 0;
    }
    const auto take = [follow, n](std::vector<std::uint16_t>& plate, const std::vector<std::uint8_t>& frame) {
        const std::uint8_t* now = frame.data();
        std::uint16_t* __restrict out = plate.data();
        // ((now << 8) - out) >> kPlateFollows in 16 bits, of which vectors are twice as long.
        constexpr int kOne = 1 << kPlateFollows;
        PASSERBY_APART
        for (std::size_t i = 0; i < n; ++i) {
            const auto from = static_cast<std::uint16_t>((out[i] >> kPlateFollows) + (out[i] % kOne ? 1 : 0)),
                       to = static_cast<std::uint16_t>(now[i] * (256 / kOne));
            out[i] = static_cast<std::uint16_t>(out[i] + (follow[i] ? to - from : 0));
        }
    };
    take(plate_.y, f.y), take(plate_.u, f.u), take(plate_.v, f.v);
}

// A cell that shows the background, and did not lately.
void Plate::learn_background(std::size_t i, std::uint32_t step) {
    if (now_[i] != Now::plate) {
        now_[i] = Now::plate;
        changed_now(i);
    } else if (same_for_[i] >= kInterruptsMs && same_for_[i] < kInterruptsMs + step) {
        remembered_.interrupt(i);
        challenger_.interrupt(i);
    }
    if (same_for_[i] > kRestedMs) rest(i);
    if (alternates_[0].proven[i]) relight(i);
}

void Plate::changed_now(std::size_t i) {
    same_for_[i] = 0;
    if (restless_[i] == 0) restless_[i] = 1;
}

// It has left what it usually shows, or come back to it: one flap of a leaf, or one person who passes.
void Plate::count_episode(std::size_t i) {
    if (episodes_[i] < 255) ++episodes_[i];
}

void Plate::rest(std::size_t i) {
    restless_[i] = 0;
    restless_clear_[i] = episodes_[i] = 0;
}

bool Plate::restless(std::size_t i) const {
    return restless_[i] >= ms(rules_.restless_for) && restless_clear_[i] >= rules_.restless_clear &&
           episodes_[i] >= kManyEpisodes && restless_[i] / episodes_[i] <= kEpisodeEveryMs;
}

bool Plate::flaps(std::size_t i) const {
    return episodes_[i] >= kSomeEpisodes && restless_[i] / episodes_[i] <= kFlapsEveryMs;
}

// What is known of a cell, in the light of now.
void Plate::relight(std::size_t i) {
    if (proven_[i]) {
        const auto toward = [](std::uint16_t& fixed, std::uint8_t value) {
            fixed = static_cast<std::uint16_t>(fixed + (((value << 8) - fixed) >> kPlateFollows));
        };
        const Reduced& e = light_.expected();
        toward(plate_.y[i], e.y[i]), toward(plate_.u[i], e.u[i]), toward(plate_.v[i], e.v[i]);
    }
    if (!change_.light_changed()) return;
    for (auto* a : {&remembered_, &challenger_}) {
        const int luma = a->y[i] >> 8;
        a->y[i] = static_cast<std::uint16_t>(
            std::clamp(a->y[i] + (change_.light().expected(luma) - luma) * 256, 0, 0xFFFF));
    }
    for (auto& a : alternates_)
        if (a.proven[i]) a.y[i] = static_cast<std::uint8_t>(change_.light().expected(a.y[i]));
}

void Plate::learn_cell(std::size_t i, const Reduced& f, std::uint32_t step) {
    relight(i);
    const int within =
        std::clamp(static_cast<int>(std::lround(kNoiseSame * change_.noise())), kSame, kMostSame);
    const Now before = now_[i];
    if (remembered_.same(i, f, within)) {
        now_[i] = Now::remembered;
    } else if (challenger_.same(i, f, within)) {
        now_[i] = Now::challenger;
    } else if (missed_[i] < kMissesForgiven) {
        ++missed_[i];
        return;
    } else {
        now_[i] = Now::challenger;
        challenger_.take(i, f);
        changed_now(i);
    }
    missed_[i] = 0;
    if (now_[i] != before && same_for_[i] > 0) changed_now(i);
    if (before == Now::plate || (!proven_[i] && before == Now::challenger && now_[i] == Now::remembered))
        count_episode(i);
    if (same_for_[i] > kRestedMs) rest(i);
    current(i).follow(i, f, 3);
    current(i).wait(i, step);
    if (same_for_[i] >= kInterruptsMs && same_for_[i] < kInterruptsMs + step)
        (now_[i] == Now::remembered ? challenger_ : remembered_).interrupt(i);
    if (challenger_.calm[i] > remembered_.calm[i]) {
        // The loser stays as the challenger, it may come back.
        remembered_.swap(i, challenger_);
        now_[i] = now_[i] == Now::challenger ? Now::remembered : Now::challenger;
    }
}

bool Plate::contested(std::size_t i, const Appearance& a) const {
    if (claimant_.calm[i] > 0 && !claimant_.same(i, a, kSame)) return true;
    const Appearance& other = &a == &remembered_ ? challenger_ : remembered_;
    return other.calm[i] >= std::max(kClaimMs, a.calm[i] / kClaimPart);
}

bool Plate::may_be_proven(std::size_t i, const Appearance& a) const {
    // It stayed alone.
    if (a.run[i] >= ms(rules_.change_calm) && a.clear[i] >= rules_.change_clear) return true;
    if (a.calm[i] < ms(rules_.first_calm) || a.clear[i] < rules_.first_clear) return false;
    if (proven_[i]) return rules_.hindsight && a.calm[i] > plate_.calm[i];
    return !contested(i, a);
}

PASSERBY_VECTORS void Plate::promote() {
    image::Mask stirring{picture_, cell_};
    std::vector<std::uint8_t> candidates(proven_.size());
    {
        std::uint8_t* __restrict stirs = stirring.row(0), * __restrict candidate = candidates.data();
        const auto* now_is = reinterpret_cast<const std::uint8_t*>(now_.data());
        const std::uint8_t* episodes = episodes_.data();
        const std::uint16_t* same_for = same_for_.data();
        PASSERBY_APART
        for (std::size_t i = 0, n = proven_.size(); i < n; ++i) {
            const bool elsewhere = now_is[i] != 0;
            stirs[i] = (same_for[i] < kRestlessBelowMs) & elsewhere ? 255 : 0;
            candidate[i] = elsewhere | (episodes[i] >= kSomeEpisodes);
        }
    }
    // A lone flickering cell is noise, not a person.
    stirring.erode(1);
    stirring.dilate(1 + kRestlessReach);
    const std::uint8_t* r = stirring.row(0);
    for_marked(candidates, [&](std::size_t i) {
        if (now_[i] != Now::plate && !r[i] && may_be_proven(i, current(i))) {
            accept(i, current(i));
        } else if (restless(i) || episodes_[i] >= kSomeEpisodes) {
            const bool place = restless(i);
            for (auto* a : {&remembered_, &challenger_}) {
                const bool comes_back =
                    place && a->calm[i] >= std::max(kComesBackMs, restless_[i] / kComesBackPart);
                const bool known_well =
                    proven_[i] && a->calm[i] >= kKnownWellMs && a->clear[i] >= rules_.known_clear;
                if (!comes_back && !known_well) continue;
                if (proven_[i] && !rules_.further) break;
                if (proven_[i])
                    accept_alternate(i, *a);
                else
                    accept(i, *a);
                break;
            }
        }
    });
}

// The other one keeps its time: it may have a claim yet.
void Plate::accept(std::size_t i, Appearance& a) {
    plate_.swap(i, a);
    if (!rules_.hindsight) {
        claimant_.discredit(i);
        remembered_.discredit(i);
        challenger_.discredit(i);
    }
    proven_[i] = 255;
    deviates_[i] = 0;
    now_[i] = Now::plate;
    same_for_[i] = 0;
}

void Plate::accept_alternate(std::size_t i, Appearance& a) {
    // A free one, or any by turns.
    std::size_t free = 0;
    while (free < kAlternates && alternates_[free].proven[i]) ++free;
    auto& slot = alternates_[free < kAlternates ? free : restless_[i] / 512 % kAlternates];
    slot.y[i] = static_cast<std::uint8_t>(a.y[i] >> 8);
    slot.u[i] = static_cast<std::uint8_t>(a.u[i] >> 8);
    slot.v[i] = static_cast<std::uint8_t>(a.v[i] >> 8);
    slot.proven[i] = 255;
    if (free == 0) with_alternates_.push_back(i);
    a.discredit(i);
    deviates_[i] = 0;
    now_[i] = Now::plate;
    same_for_[i] = 0;
}

void Plate::settle(PlateRules rules) {
    if (rules_.hindsight && since_inspection_ < kStaleInspection && change_.noise() < kTooNoisy) promote();
    image::Mask claimed{picture_, cell_};
    for (std::size_t i = 0; i < proven_.size(); ++i) {
        const auto claim = claimant_.same(i, plate_, kSame) ? 0U : claimant_.calm[i];
        const auto other = std::max({remembered_.calm[i], challenger_.calm[i], claim});
        claimed.row(0)[i] = proven_[i] && other >= std::max(kClaimMs, plate_.calm[i] / kClaimPart) ? 255 : 0;
    }
    // The edges of a thing are like what is behind it here and there. Lone cells are noise.
    image::Mask things = claimed;
    things.erode(1);
    things.dilate(1 + kClaimReach);
    claimed.unite(things);
    for (std::size_t i = 0; i < proven_.size() && rules_.hindsight; ++i)
        if (claimed.row(0)[i]) proven_[i] = 0, now_[i] = Now::challenger;
    for (auto* a : {&remembered_, &challenger_, &claimant_}) a->discredit_all();
    rules_ = rules;
}

}  // namespace passerby::vision
