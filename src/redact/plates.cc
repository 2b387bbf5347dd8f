#include "redact/plates.h"

#include <algorithm>
#include <cmath>

#include "vision/suppress.h"

namespace passerby::redact {

namespace {

using vision::Detection;
using vision::Kind;

// A plate is 0.52 m of a car's 1.8 m. On a car narrower than this (pixels) its characters are two pixels
// wide.
constexpr float kLeastWidth = 50;
// A vehicle is looked at with this much of its surroundings, of its box.
constexpr float kAround = 0.1F;
// The text detector marks the core of a line; a plate is larger by this, of the line's box.
constexpr float kGrowX = 0.2F, kGrowY = 0.35F;
// And often only some of its characters are found: to both sides so much more, of the line's height.
constexpr float kMoreCharacters = 0.6F;
// Lines that are higher than this times their width stand upright; plates lie.
constexpr float kUpright = 1;
// Alone, a line is taken for a plate when it is so many times wider than high.
constexpr float kNarrowest = 1.2F, kWidest = 8;
constexpr float kLargestWidth = 0.6F, kLargestHeight = 0.3F;
// Boxes of one vehicle overlap by this from frame to frame. Of two in one frame that overlap by more than
// that only one is looked at; in two pictures of one vehicle more is found than in one.
constexpr float kSameVehicle = 0.5F, kSamePicture = 0.6F;
// After so many looks a vehicle is looked at less often.
constexpr int kSomeLooks = 3;
constexpr Micros kForgetAfter = std::chrono::seconds{2};
// From this width on (pixels) a plate can be read from afar, and a vehicle of at least this score that is not
// much wider than high shows its front or its back. If no plate is found on it, where plates are is covered.
constexpr float kReadable = 160, kSurely = 0.4F, kFromTheSide = 1.7F;
constexpr float kPlatesFrom = 0.4F;  // of the vehicle's height
// Of the detections that other detections' rules judge by their score: a plate was looked for, and found.
constexpr float kFound = 0.6F;

image::Rect around(const Detection& d, image::Size picture) {
    const float gx = kAround * d.width, gy = kAround * d.height;
    return image::clip({static_cast<int>(d.x - gx), static_cast<int>(d.y - gy),
                        static_cast<int>(d.width + 2 * gx) + 1, static_cast<int>(d.height + 2 * gy) + 1},
                       picture);
}

// Text that is larger, of the picture that was looked at, is no text: the detector takes roofs and grilles
// for it.
bool is_small_enough(const Detection& text, image::Rect where) {
    return text.width < kLargestWidth * static_cast<float>(where.width) &&
           text.height < kLargestHeight * static_cast<float>(where.height);
}

// Of plates with one line and with two, seen from the side too.
bool has_the_shape_of_a_plate(const Detection& text) {
    return text.width > kNarrowest * text.height && text.width < kWidest * text.height;
}

Detection plate_of(const Detection& text) {
    const float gx = kGrowX * text.width + kMoreCharacters * text.height, gy = kGrowY * text.height;
    return {Kind::plate, std::max(kFound, text.score), text.x - gx,
            text.y - gy, text.width + 2 * gx,          text.height + 2 * gy};
}

bool lies_on(const Detection& text, const Detection& vehicle) {
    const float x = text.x + text.width / 2 - vehicle.x, y = text.y + text.height / 2 - vehicle.y;
    return x > -kAround * vehicle.width && x < (1 + kAround) * vehicle.width &&
           y > -kAround * vehicle.height && y < (1 + kAround) * vehicle.height &&
           text.height < kUpright * text.width;
}

bool must_have_a_plate(const Detection& vehicle) {
    return vehicle.width >= kReadable && vehicle.score >= kSurely &&
           vehicle.width < kFromTheSide * vehicle.height;
}

Detection in_shares_of(const Detection& vehicle, const Detection& d) {
    return {d.kind,
            d.score,
            (d.x - vehicle.x) / vehicle.width,
            (d.y - vehicle.y) / vehicle.height,
            d.width / vehicle.width,
            d.height / vehicle.height};
}

Detection on(const Detection& vehicle, const Detection& d) {
    return {d.kind,
            d.score,
            vehicle.x + d.x * vehicle.width,
            vehicle.y + d.y * vehicle.height,
            d.width * vehicle.width,
            d.height * vehicle.height};
}

}  // namespace

PlateFinder::Vehicle& PlateFinder::follow(const Detection& box, Micros now) {
    Vehicle* best = nullptr;
    float most = kSameVehicle;
    for (auto& v : vehicles_) {
        if (v.seen == now) continue;
        const float overlap = vision::intersection_over_union(v.box, box);
        if (overlap >= most) most = overlap, best = &v;
    }
    if (!best) best = &vehicles_.emplace_back();
    best->box = box;
    best->seen = now;
    return *best;
}

// In shares of the vehicle.
std::vector<Detection> PlateFinder::look(const image::Picture& picture, const Detection& vehicle) {
    const image::Rect where = around(vehicle, picture.size());
    const auto texts = detectors_.texts(picture, where);
    if (!texts) return {{Kind::plate, 1, 0, 0, 1, 1}};
    std::vector<Detection> plates;
    for (const auto& text : *texts)
        if (is_small_enough(text, where) && lies_on(text, vehicle))
            plates.push_back(in_shares_of(vehicle, plate_of(text)));
    return plates;
}

Status PlateFinder::add_from(const image::Picture& picture, image::Rect where,
                             std::vector<Detection>& found) {
    for (const auto& text : TRY(detectors_.texts(picture, where)))
        if (is_small_enough(text, where) && has_the_shape_of_a_plate(text)) found.push_back(plate_of(text));
    return {};
}

Status PlateFinder::add(const image::RawFrame& frame, std::vector<Detection>& found) {
    const Micros now = frame.when().time, again = rules_.again, later = std::max(again, rules_.later),
                 forget_after = std::max(kForgetAfter, 2 * later);
    std::erase_if(vehicles_, [&](const Vehicle& v) { return now - v.seen > forget_after; });
    std::vector<Detection> near;
    for (const auto& d : found)
        if (d.kind == Kind::vehicle && d.width >= kLeastWidth) near.push_back(d);
    near = vision::suppress_overlaps(std::move(near), kSamePicture);

    std::vector<std::size_t> here, turn;
    for (const auto& box : near) {
        const auto i = static_cast<std::size_t>(&follow(box, now) - vehicles_.data());
        here.push_back(i);
        const auto& v = vehicles_[i];
        if (!v.looked || now - *v.looked >= (v.looks < kSomeLooks ? again : later)) turn.push_back(i);
    }
    std::stable_sort(turn.begin(), turn.end(), [&](std::size_t a, std::size_t b) {
        return vehicles_[a].looked.value_or(Micros{-1}) < vehicles_[b].looked.value_or(Micros{-1});
    });
    turn.resize(std::min(turn.size(), static_cast<std::size_t>(rules_.looks)));
    for (const auto i : turn) {
        auto& vehicle = vehicles_[i];
        vehicle.looked = now;
        vehicle.looks = std::min(vehicle.looks + 1, kSomeLooks);
        if (auto plates = look(frame.raw(), vehicle.box); !plates.empty()) {
            vehicle.plates = std::move(plates);
            vehicle.found = now;
        } else if (!vehicle.found || now - *vehicle.found > forget_after) {
            vehicle.plates.clear();
            if (must_have_a_plate(vehicle.box))
                vehicle.plates.push_back({Kind::plate, kFound, 0, kPlatesFrom, 1, 1 - kPlatesFrom});
        }
    }
    for (const auto& v : vehicles_)
        if (rules_.parked || v.seen == now)
            for (const auto& plate : v.plates) found.push_back(on(v.box, plate));
    return {};
}

}  // namespace passerby::redact
