#include "redact/footfall.h"

#include "vision/suppress.h"

namespace passerby::redact {

namespace {
// Somebody who is not found for so long has left. The detectors look four times a second.
constexpr Micros kHold = std::chrono::milliseconds{1500};
// One thing in two looks at overlapping parts of a frame.
constexpr float kSame = 0.45F;
}  // namespace

Footfall::Footfall(image::Size picture)
    : tracks_{picture, {.hold = kHold, .reach_back = Micros{0}, .bridge = kHold}}, crossings_{picture} {}

void Footfall::look(Micros now, const std::vector<Inspection>& inspections) {
    if (inspections.empty()) return;
    std::vector<vision::Detection> found;
    for (const auto& inspection : inspections) {
        for (const auto& d : inspection.found)
            if (d.kind == vision::Kind::person) found.push_back(d);
        found.insert(found.end(), inspection.vehicles.begin(), inspection.vehicles.end());
    }
    tracks_.update(now, vision::suppress_overlaps(std::move(found), kSame), &crossings_);
}

}  // namespace passerby::redact
