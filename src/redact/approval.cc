#include "redact/approval.h"

#include <algorithm>

namespace passerby::redact {

namespace {

// A cell that moved by more than this since it was judged (of 255) is judged anew.
constexpr int kStep = 6;
// Judging costs about as much as comparing a frame. What changed meanwhile waits, covered.
constexpr Micros kJudgeEvery = std::chrono::milliseconds{100};
// So much of an approved picture must be proven, before it can be told whether it is this scene.
constexpr double kLeastSeen = 0.5;
// More of what both know, or of its structure, cannot be furniture: it is another scene.
constexpr double kOtherScene = 0.5, kStructureLost = 0.2;
// What became different is withheld with a margin, and whatever it encloses.
constexpr int kMargin = 2, kLargestHolePart = 20;  // of the grid: 1 / 20

constexpr const char* kNothingApproved =
    "nobody has approved this scene yet; look at its picture and approve it";
constexpr const char* kForeign =
    "what was approved is of a camera with another picture size; look at the scene's picture and approve it";
constexpr const char* kOther =
    "the scene is not the one that was approved: the camera was moved or the light is another one; look at "
    "the "
    "scene's picture and approve it";

}  // namespace

SceneApproval::SceneApproval(image::Size size)
    : size_{size},
      reference_{size, vision::cell_for(size), {}},
      approved_{size, vision::cell_for(size)},
      changed_{approved_},
      doubt_{kNothingApproved} {}

void SceneApproval::add(image::ScenePicture picture) {
    judged_once_ = false;
    if (!picture.is_whole() || picture.of != size_ || picture.cell != approved_.cell()) {
        foreign_ = true;
        return;
    }
    pictures_.insert(pictures_.begin(), std::move(picture));
    if (pictures_.size() > kMostPictures) pictures_.pop_back();
}

void SceneApproval::withdraw() {
    pictures_.clear();
    foreign_ = judged_once_ = false;
}

void SceneApproval::withhold(const vision::Plate& plate, Micros elapsed, image::Mask& unproven) {
    plate.show(now_);
    since_judged_ += elapsed;
    if (!judged_once_ || (changed_since_judged() && since_judged_ >= kJudgeEvery)) judge();
    image::Mask withheld = approved_;
    withheld.set_all();
    withheld.subtract(approved_);
    withheld.unite(changed_);
    unproven.unite(withheld);
}

// Marks in `changed_` what is not as it was judged.
bool SceneApproval::changed_since_judged() {
    std::uint8_t* __restrict changed = changed_.row(0);
    std::uint8_t any = 0;
    const std::size_t n = now_.y.size();
    const auto mark = [&](const std::vector<std::uint8_t>& now, const std::vector<std::uint8_t>& then) {
        const std::uint8_t *a = now.data(), *b = then.data();
        for (std::size_t i = 0; i < n; ++i) {
            const auto by = static_cast<std::uint8_t>(a[i] > b[i] ? a[i] - b[i] : b[i] - a[i]);
            changed[i] = static_cast<std::uint8_t>(changed[i] | (by > kStep ? 255 : 0));
            any |= changed[i];
        }
    };
    changed_.clear();
    // What was proven since, or is not any more, has a luma of 0 on one side only.
    mark(now_.y, judged_.y), mark(now_.u, judged_.u), mark(now_.v, judged_.v);
    return any != 0;
}

void SceneApproval::judge() {
    approved_.clear();
    // Until it is through, nothing is.
    judged_once_ = false;
    bool seen = false, this_scene = false;
    for (const auto& picture : pictures_) {
        const auto likeness = judge_by(picture);
        seen |= likeness != Likeness::too_little_seen;
        this_scene |= likeness == Likeness::this_scene;
    }
    doubt_ = pictures_.empty() ? (foreign_ ? kForeign : kNothingApproved) : seen && !this_scene ? kOther : "";
    judged_ = now_;
    changed_.clear();
    since_judged_ = {};
    judged_once_ = true;
}

SceneApproval::Likeness SceneApproval::judge_by(const image::ScenePicture& picture) {
    // What both know.
    common_.grid = now_.grid;
    common_.y = picture.y, common_.u = picture.u, common_.v = picture.v;
    std::size_t known = 0, both = 0;
    for (std::size_t i = 0; i < common_.y.size(); ++i) {
        known += common_.y[i] != 0;
        if (now_.y[i] == 0) common_.y[i] = 0;
        both += common_.y[i] != 0;
    }
    if (both == 0 || static_cast<double>(both) < kLeastSeen * static_cast<double>(known))
        return Likeness::too_little_seen;
    reference_.assume(common_);
    const auto look = reference_.compare(now_);
    if (look.changed > kOtherScene || look.lost > kStructureLost) return Likeness::another_scene;
    image::Mask different = look.foreground;
    different.dilate(kMargin);
    different.fill_holes(static_cast<int>(common_.y.size()) / kLargestHolePart);
    different.unite(look.unproven);
    image::Mask alike = different;
    alike.set_all();
    alike.subtract(different);
    approved_.unite(alike);
    return Likeness::this_scene;
}

}  // namespace passerby::redact
