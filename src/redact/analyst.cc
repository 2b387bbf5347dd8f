#include "redact/analyst.h"

#include <algorithm>

namespace passerby::redact {

namespace {
// More of the proven scene, or of its structure, than this cannot be people: the camera was moved or the
// light is another one.
constexpr double kSceneChanged = 0.5, kStructureLost = 0.5;
// If it stays so, the plate is of no use any more.
constexpr Micros kForgetAfter = std::chrono::milliseconds{800};
// So long tracks can stand in for the detectors in a moving scene.
constexpr Micros kLongestBlind = std::chrono::milliseconds{300};
// Time between two frames that is believed; a longer silence proves nothing.
constexpr Micros kLongestStep = std::chrono::milliseconds{500};
}  // namespace

Analyst::Analyst(image::Size size, std::optional<vision::Plate> plate, std::unique_ptr<Inspector> inspector,
                 vision::TrackRules tracks)
    : size_{size},
      cell_{vision::cell_for(size)},
      plate_{std::move(plate)},
      inspector_{std::move(inspector)},
      tracks_{size, tracks} {}

Evidence Analyst::look(const image::RawFrame& frame) {
    Evidence evidence{image::Mask{size_, cell_}, image::Mask{size_, cell_}, 0, {}};
    const Micros elapsed =
        last_ ? std::clamp(frame.when().time - *last_, Micros{0}, kLongestStep) : Micros{0};
    last_ = frame.when().time;

    if (plate_) {
        vision::reduce(frame.raw(), cell_, reduced_);
        auto look = plate_->compare(reduced_);
        plate_->learn(reduced_, look, elapsed);
        judge_change(look, evidence, elapsed);
        evidence.foreground = std::move(look.foreground);
        evidence.unproven = std::move(look.unproven);
        evidence.flapping = std::move(look.flapping);
        evidence.proven = evidence.approved = plate_->proven_share();
        if (approval_) {
            approval_->withhold(*plate_, elapsed, evidence.unproven);
            evidence.approved = approval_->share();
            if (evidence.doubt.empty()) evidence.doubt = approval_->doubt();
        }
    }

    const auto inspections = inspector_->inspect(frame, plate_ ? &*plate_ : nullptr, evidence.foreground);
    if (!inspections) {
        evidence.doubt = inspections.error().message;
        return evidence;
    }
    if (footfall_) footfall_->look(frame.when().time, *inspections);
    std::vector<vision::Detection> found;
    for (const auto& inspection : *inspections) {
        if (plate_ && inspection.proves) plate_->inspected(inspection.where, inspection.found);
        found.insert(found.end(), inspection.found.begin(), inspection.found.end());
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
    if (!inspections->empty()) {
        tracks_.update(frame.when().time, found);
        inspected_ = frame.when().time;
    }
    // Without a plate the detectors are all there is.
    if (!plate_ && (!inspected_ || frame.when().time - *inspected_ > kLongestBlind))
        evidence.doubt = "the detectors do not keep up with the camera";
    return evidence;
}

void Analyst::judge_change(const vision::Plate::Look& look, Evidence& evidence, Micros elapsed) {
    if (look.changed <= kSceneChanged && look.lost <= kStructureLost) {
        changed_for_ = {};
        return;
    }
    evidence.doubt = kMostChanged;
    changed_for_ += elapsed;
    if (changed_for_ > kForgetAfter) {
        plate_->forget();
        changed_for_ = {};
    }
}

}  // namespace passerby::redact
