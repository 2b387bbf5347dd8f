#include "vision/tracks.h"

#include <algorithm>
#include <cmath>

#include "vision/suppress.h"

namespace passerby::vision {

namespace {

constexpr Micros kRemember = std::chrono::seconds{4};
constexpr float kLeastOverlap = 0.2F;

double seconds(Micros t) {
    return std::chrono::duration<double>(t).count();
}

// How well a detection continues a track: overlap, or for small and fast things the nearness of the middles.
float continues(const Detection& last, const Detection& next) {
    if (last.kind != next.kind) return 0;
    const float overlap = intersection_over_union(last, next);
    if (overlap >= kLeastOverlap) return overlap;
    const float dx = (last.x + last.width / 2) - (next.x + next.width / 2);
    const float dy = (last.y + last.height / 2) - (next.y + next.height / 2);
    const float reach = 0.6F * std::max(last.height, next.height);
    const float ratio = last.height / std::max(1.F, next.height);
    return std::hypot(dx, dy) < reach && ratio > 0.5F && ratio < 2.F ? 0.05F : 0.F;
}

TrackBox grown(const Detection& d, float best, float by) {
    return {d.kind,
            best,
            d.x - by * d.width,
            d.y - by * d.height,
            d.width * (1 + 2 * by),
            d.height * (1 + 2 * by)};
}

}  // namespace

void Tracks::update(Micros now, const std::vector<Detection>& detections) {
    std::vector<bool> taken(tracks_.size());
    for (const auto& d : detections) {  // the best first
        float most = 0;
        std::size_t which = tracks_.size();
        for (std::size_t t = 0; t < taken.size(); ++t) {
            if (taken[t]) continue;
            const float fit = continues(tracks_[t].seen.back().box, d);
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
    }
    std::erase_if(tracks_,
                  [&](const Track& t) { return now - t.seen.back().when > rules_.hold + rules_.reach_back; });
    for (auto& t : tracks_)
        while (t.seen.size() > 2 && now - t.seen.front().when > kRemember) t.seen.pop_front();
}

std::vector<TrackBox> Tracks::at(Micros when) const {
    std::vector<TrackBox> boxes;
    for (const auto& track : tracks_) {
        if (track.best < rules_.believed) continue;
        const auto& seen = track.seen;
        if (when < seen.front().when) {
            const Micros before = seen.front().when - when;
            if (before <= rules_.reach_back)
                boxes.push_back(
                    grown(seen.front().box, track.best, 0.1F + 0.3F * static_cast<float>(seconds(before))));
        } else if (when >= seen.back().when) {
            const Micros after = when - seen.back().when;
            if (after <= rules_.hold)
                boxes.push_back(
                    grown(seen.back().box, track.best, 0.1F + 0.3F * static_cast<float>(seconds(after))));
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
            boxes.push_back(grown(between, track.best, 0.1F));
        }
    }
    return boxes;
}

}  // namespace passerby::vision
