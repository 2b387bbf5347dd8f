#include "vision/crossings.h"

#include <algorithm>
#include <cmath>

namespace passerby::vision {

namespace {

using image::Point;

// Boxes tremble: so much of a thing's height it must be away from an edge to be clearly on one side.
constexpr float kTremble = 0.06F;

float cross(Point a, Point b, Point p) {
    return (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
}

// Right of a -> b, as one sees it: y goes down.
bool right_of(Point a, Point b, Point p) {
    return cross(a, b, p) > 0;
}

bool meet(Point a, Point b, Point c, Point d) {
    return right_of(a, b, c) != right_of(a, b, d) && right_of(c, d, a) != right_of(c, d, b);
}

float distance(Point a, Point b, Point p) {
    const float dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
    const float along =
        length > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length, 0.F, 1.F) : 0.F;
    return std::hypot(p.x - a.x - along * dx, p.y - a.y - along * dy);
}

// Even-odd rule.
bool inside(const std::vector<Point>& polygon, Point p) {
    bool in = false;
    for (std::size_t i = 0, n = polygon.size(); i < n; ++i) {
        const Point a = polygon[i], b = polygon[(i + 1) % n];
        if ((a.y <= p.y) != (b.y <= p.y) && p.x < a.x + (p.y - a.y) * (b.x - a.x) / (b.y - a.y)) in = !in;
    }
    return in;
}

}  // namespace

void Crossings::set_places(std::vector<Place> places) {
    places_ = std::move(places);
    ++drawing_;
    take();
}

std::vector<PlaceCounts> Crossings::take() {
    std::vector<PlaceCounts> fresh;
    for (const auto& place : places_) fresh.push_back({place.id});
    return std::exchange(counts_, std::move(fresh));
}

Point Crossings::pixels(Point p) const {
    return {p.x * static_cast<float>(picture_.width), p.y * static_cast<float>(picture_.height)};
}

// Whether it is too near to an edge of the place for one to say on which side it is.
bool Crossings::near_edge(const Place& place, Point p, float by) const {
    const auto n = place.points.size();
    for (std::size_t i = 0; i + (n == 2 ? 1 : 0) < n; ++i)
        if (distance(pixels(place.points[i]), pixels(place.points[(i + 1) % n]), p) < by) return true;
    return false;
}

std::optional<Way> Crossings::crossed(const Place& place, Point from, Point to) const {
    if (place.points.size() == 2) {
        const Point a = pixels(place.points[0]), b = pixels(place.points[1]);
        if (!meet(a, b, from, to)) return std::nullopt;
        return right_of(a, b, to) ? in : out;
    }
    std::vector<Point> polygon;
    for (const auto p : place.points) polygon.push_back(pixels(p));
    const bool was = inside(polygon, from), is = inside(polygon, to);
    if (was == is) return std::nullopt;
    return is ? in : out;
}

void Crossings::follow(Tally& tally, const Detection& d) {
    const bool person = d.kind == Kind::person;
    if (!person && d.kind != Kind::vehicle) return;
    if (tally.drawing != drawing_) {
        tally.drawing = drawing_;
        tally.at.assign(places_.size(), {});
    }
    const Point foot{d.x + d.width / 2, d.y + d.height};
    const Point share{foot.x / static_cast<float>(picture_.width),
                      foot.y / static_cast<float>(picture_.height)};
    if (std::any_of(masks_.begin(), masks_.end(), [&](const auto& mask) { return inside(mask, share); })) {
        for (auto& at : tally.at) at.firm.reset();
        return;
    }
    for (std::size_t i = 0; i < places_.size(); ++i) {
        auto& at = tally.at[i];
        if (near_edge(places_[i], foot, kTremble * d.height)) continue;
        const auto way = at.firm ? crossed(places_[i], *at.firm, foot) : std::nullopt;
        at.firm = foot;
        if (!way || at.counted[*way] || tally.counts >= kMost) continue;
        at.counted[*way] = true;
        ++tally.counts;
        ++(person ? counts_[i].persons : counts_[i].vehicles)[*way];
    }
}

}  // namespace passerby::vision
