#include "vision/tracks.h"

#include <algorithm>
#include <cmath>

#include "vision/suppress.h"

namespace passerby::vision {

namespace {

constexpr Micros kRemember = std::chrono::seconds{4};
constexpr float kLeastOverlap = 0.2F;
// What was found less often may be a shadow.
constexpr int kLooksToCount = 2;
// The way somebody goes is read off this much of the past, and believed for this long.
constexpr float kBorder = 0.01F;  // of the picture's sides
constexpr float kSameSize = 1.4F;
constexpr Micros kPace = std::chrono::milliseconds{700}, kPaceHolds = std::chrono::milliseconds{1200};

double seconds(Micros t) {
    return std::chrono::duration<double>(t).count();
}

// How well a detection continues a track: overlap, or for small and fast things the nearness of the middles.
float fit_of(const Detection& last, const Detection& next) {
    if (last.kind != next.kind) return 0;
    const float overlap = intersection_over_union(last, next);
    if (overlap >= kLeastOverlap) return overlap;
    const float dx = (last.x + last.width / 2) - (next.x + next.width / 2);
    const float dy = (last.y + last.height / 2) - (next.y + next.height / 2);
    const float reach = 0.6F * std::max(last.height, next.height);
    const float ratio = last.height / std::max(1.F, next.height);
    return std::hypot(dx, dy) < reach && ratio > 0.5F && ratio < 2.F ? 0.05F : 0.F;
}

TrackBox grown(const Detection& d, float best, float by, bool seen = false) {
    return {d.kind,
            best,
            seen,
            d.x - by * d.width,
            d.y - by * d.height,
            d.width * (1 + 2 * by),
            d.height * (1 + 2 * by)};
}

}  // namespace

// After its last detection: on along the way it went.
Detection Tracks::Track::expected_at(Micros when) const {
    Detection box = seen.back().box;
    const auto from = std::find_if(seen.begin(), seen.end(),
                                   [&](const Seen& s) { return seen.back().when - s.when <= kPace; });
    const Micros took = seen.back().when - from->when;
    if (took < kPace / 4) return box;
    const auto part =
        static_cast<float>(seconds(std::min(when - seen.back().when, kPaceHolds)) / seconds(took));
    box.x += part * (box.x + box.width / 2 - from->box.x - from->box.width / 2);
    box.y += part * (box.y + box.height / 2 - from->box.y - from->box.height / 2);
    return box;
}

bool Tracks::at_border(const Detection& d) const {
    const float x = kBorder * static_cast<float>(picture_.width),
                y = kBorder * static_cast<float>(picture_.height);
    return d.x < x || d.y < y || d.x + d.width > static_cast<float>(picture_.width) - x ||
           d.y + d.height > static_cast<float>(picture_.height) - y;
}

// How well `d` continues the track. After a long time it must be where the thing was going, and of its size.
float Tracks::continues(const Track& track, Micros now, const Detection& d) const {
    const Detection& last = track.seen.back().box;
    if (now - track.seen.back().when <= rules_.hold)
        return std::max(fit_of(last, d), fit_of(track.expected_at(now), d));
    const float ratio = std::max(last.height, d.height) / std::max(1.F, std::min(last.height, d.height));
    return at_border(last) || at_border(d) || ratio > kSameSize ? 0 : fit_of(track.expected_at(now), d);
}

void Tracks::update(Micros now, const std::vector<Detection>& detections, Crossings* count) {
    std::vector<bool> taken(tracks_.size());
    for (const auto& d : detections) {  // the best first
        float most = 0;
        std::size_t which = tracks_.size();
        for (std::size_t t = 0; t < taken.size(); ++t) {
            if (taken[t]) continue;
            const float fit = continues(tracks_[t], now, d);
            if (fit > most) most = fit, which = t;
        }
        if (which == tracks_.size()) {
            tracks_.push_back({});
        } else {
            taken[which] = true;
        }
        auto& track = tracks_[which];
        track.best = std::max(track.best, d.score);
        if (!track.seen.empty() && track.seen.back().when == now) continue;
        track.seen.push_back({now, d});
        if (++track.looks >= kLooksToCount && track.best >= rules_.believed && count)
            count->follow(track.tally, d);
    }
    std::erase_if(tracks_, [&](const Track& t) {
        return now - t.seen.back().when > std::max(rules_.hold, rules_.bridge) + rules_.reach_back;
    });
    for (auto& t : tracks_)
        while (t.seen.size() > 2 && now - t.seen.front().when > kRemember) t.seen.pop_front();
}

std::vector<TrackBox> Tracks::at(Micros when) const {
    std::vector<TrackBox> boxes;
    for (const auto& track : tracks_) {
        if (track.best < rules_.believed) continue;
        const auto& seen = track.seen;
        // Who passes a sign may leave their box on it: then it has scored well, long ago.
        const float best = std::max_element(seen.begin(), seen.end(), [](const Seen& a, const Seen& b) {
                               return a.box.score < b.box.score;
                           })->box.score;
        if (when < seen.front().when) {
            const Micros before = seen.front().when - when;
            if (before <= rules_.reach_back)
                boxes.push_back(
                    grown(seen.front().box, best, 0.1F + 0.3F * static_cast<float>(seconds(before))));
        } else if (when >= seen.back().when) {
            const Micros after = when - seen.back().when;
            if (after <= rules_.hold)
                boxes.push_back(
                    grown(track.expected_at(when), best, 0.1F + 0.3F * static_cast<float>(seconds(after))));
        } else {
            const auto next =
                std::find_if(seen.begin(), seen.end(), [&](const Seen& s) { return s.when > when; });
            const auto& a = *(next - 1);
            const auto& b = *next;
            const auto part = static_cast<float>(seconds(when - a.when) / seconds(b.when - a.when));
            const auto mix = [part](float from, float to) { return from + (to - from) * part; };
            const Detection between{a.box.kind,
                                    a.box.score,
                                    mix(a.box.x, b.box.x),
                                    mix(a.box.y, b.box.y),
                                    mix(a.box.width, b.box.width),
                                    mix(a.box.height, b.box.height)};
            boxes.push_back(grown(between, best, 0.1F, true));
        }
    }
    return boxes;
}

}  // namespace passerby::vision
