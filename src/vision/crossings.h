// Counts how often tracks cross drawn lines, and come into or leave drawn zones. It is told the way of each
// track as it goes; what it keeps of one is the Tally in the track, which dies with it. What comes out is
// sums.
//
// One track adds at most kMost counts in its life, whatever is drawn and however often that changes: the
// bound that the noise of published numbers rests on (doc/activity.md).
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <vector>

#include "image/mask.h"
#include "vision/detectors.h"

namespace passerby::vision {

// Two points: a line; in is from its left to its right, looking from the first to the second. More: a zone.
struct Place {
    std::int64_t id = 0;
    std::vector<image::Point> points;
};

enum Way { in, out };
constexpr std::size_t kMostPlaces = 16;

struct PlaceCounts {
    std::int64_t place = 0;
    std::array<std::int64_t, 2> persons{}, vehicles{};  // by Way
};

// Of one track.
struct Tally {
    struct At {
        std::optional<image::Point> firm;  // the last place that was clearly on one side, in pixels
        std::bitset<2> counted;            // by Way
    };
    std::uint64_t drawing = 0;  // to which `at` belongs
    std::vector<At> at;         // by place
    int counts = 0;
};

// Not thread-safe.
class Crossings {
  public:
    static constexpr int kMost = 2;

    explicit Crossings(image::Size picture) : picture_{picture} {}

    // In place of those before; what was counted there and not taken is gone.
    void set_places(std::vector<Place>);
    // Nobody is followed where it is always covered.
    void set_masks(std::vector<std::vector<image::Point>> masks) { masks_ = std::move(masks); }
    const std::vector<Place>& places() const { return places_; }

    // The next box of a track of persons or vehicles; where its middle stands on the ground is where it is.
    void follow(Tally&, const Detection&);
    // Of each place, in their order, since the last call.
    std::vector<PlaceCounts> take();

  private:
    image::Point pixels(image::Point) const;
    std::optional<Way> crossed(const Place&, image::Point from, image::Point to) const;
    bool near_edge(const Place&, image::Point, float by) const;

    const image::Size picture_;
    std::uint64_t drawing_ = 1;
    std::vector<Place> places_;
    std::vector<std::vector<image::Point>> masks_;
    std::vector<PlaceCounts> counts_;
};

}  // namespace passerby::vision
