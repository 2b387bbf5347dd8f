// Number plates: what is written on a vehicle and has the shape of a plate. Never what it says.
//
// A vehicle is looked at in a picture of its own, where its plate is large enough for the text detector. What
// was found holds for as long as the vehicle is followed and a second longer, at its place on the vehicle.
#pragma once

#include <climits>
#include <optional>
#include <vector>

#include "image/frame.h"
#include "vision/detectors.h"

namespace passerby::redact {

// Not thread-safe. Times never go back.
class PlateFinder {
  public:
    struct Rules {
        int looks = INT_MAX;  // vehicles that are looked at in one frame: those that wait longest
        Micros again{};       // until a vehicle is looked at again
        Micros later{};       // the same, when it has been looked at kSomeLooks times
        bool parked = false;  // vehicles stand still: their plates are where they were when one is missed
    };
    PlateFinder(vision::Detectors& detectors, Rules rules) : detectors_{detectors}, rules_{rules} {}

    // Adds the plates of the vehicles in `found`. A vehicle near enough for its plate to be read of which
    // nothing is known, and one on which the detector fails, is a plate as a whole or where plates are
    // (doc/decisions/0004): when in doubt more is covered.
    Status add(const image::RawFrame&, std::vector<vision::Detection>& found);
    // Adds what looks like a plate in `where`, on a vehicle or not: where a vehicle fills the picture, or is
    // too dark to be seen, its plate is all there is. An error when the detector fails.
    Status add_from(const image::Picture&, image::Rect where, std::vector<vision::Detection>& found);

  private:
    struct Vehicle {
        vision::Detection box;
        Micros seen{};
        std::optional<Micros> looked, found;
        int looks = 0;
        std::vector<vision::Detection> plates;  // in shares of the box
    };
    Vehicle& follow(const vision::Detection& box, Micros now);
    std::vector<vision::Detection> look(const image::Picture&, const vision::Detection& vehicle);

    vision::Detectors& detectors_;
    const Rules rules_;
    std::vector<Vehicle> vehicles_;
};

}  // namespace passerby::redact
