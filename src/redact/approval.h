// Strict mode: of what is proven, only what a person approved is shown. The person was given a picture of the
// proven scene; whatever became part of it later, or was refused, stays covered until it is approved too.
//
// A cell is approved if what is proven there looks like one of the approved pictures, by the plate's own
// comparison: up to the light, with the same thresholds. A scene that has lost the structure of all of them
// is another one (the camera was moved), and nothing of it is shown.
#pragma once

#include <string>
#include <vector>

#include "image/mask.h"
#include "image/scene_picture.h"
#include "redact/policy.h"
#include "vision/plate.h"

namespace passerby::redact {

// A cell has one appearance there: with several a picture would show but one of them.
inline vision::PlateRules plate_rules(Approval approval) {
    vision::PlateRules rules;
    rules.further = approval == Approval::none;
    return rules;
}

// One per stream. Not thread-safe.
class SceneApproval {
  public:
    // So many pictures of one scene, such as by day and by night. One more pushes out the oldest.
    static constexpr std::size_t kMostPictures = 8;

    explicit SceneApproval(image::Size);

    void add(image::ScenePicture);
    // Nothing is approved any more.
    void withdraw();

    // Adds to `unproven` all that is not approved. Once a frame; `elapsed` since the one before.
    void withhold(const vision::Plate&, Micros elapsed, image::Mask& unproven);
    // Of the picture that is proven and approved, 0-1.
    double share() const { return approved_.share(); }
    // Why nothing at all can be shown, or empty.
    const std::string& doubt() const { return doubt_; }

  private:
    enum class Likeness { too_little_seen, another_scene, this_scene };

    bool changed_since_judged();
    void judge();
    Likeness judge_by(const image::ScenePicture&);

    const image::Size size_;
    std::vector<image::ScenePicture> pictures_;  // the newest first; all of size_
    bool foreign_ = false;                       // one of another size was added
    vision::Plate reference_;                    // stands in for the pictures, one after the other
    vision::Reduced now_, judged_, common_;
    image::Mask approved_;  // by the last judgement
    image::Mask changed_;   // since then
    bool judged_once_ = false;
    Micros since_judged_{};
    std::string doubt_;
};

}  // namespace passerby::redact
