// Non-maximum suppression: of detections of one kind that overlap by more than `iou`, the best stays.
#pragma once

#include <algorithm>

#include "vision/detectors.h"

namespace passerby::vision {

inline float intersection_over_union(const Detection& a, const Detection& b) {
    const float w = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
    const float h = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
    if (w <= 0 || h <= 0) return 0;
    return w * h / (a.width * a.height + b.width * b.height - w * h);
}

inline std::vector<Detection> suppress_overlaps(std::vector<Detection> found, float iou) {
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
    std::vector<Detection> kept;
    for (const auto& d : found)
        if (std::none_of(kept.begin(), kept.end(), [&](const auto& k) {
                return k.kind == d.kind && intersection_over_union(k, d) > iou;
            }))
            kept.push_back(d);
    return kept;
}

// What two models found of the same things. One that both found gets a box around both and the better score.
inline std::vector<Detection> united(std::vector<Detection> found, const std::vector<Detection>& more) {
    constexpr float kSame = 0.5F;
    const auto of_first = static_cast<std::ptrdiff_t>(found.size());
    for (const auto& d : more) {
        const auto end = found.begin() + of_first;
        const auto same = std::find_if(found.begin(), end, [&](const auto& f) {
            return f.kind == d.kind && intersection_over_union(f, d) > kSame;
        });
        if (same == end) {
            found.push_back(d);
            continue;
        }
        const float right = std::max(same->x + same->width, d.x + d.width),
                    bottom = std::max(same->y + same->height, d.y + d.height);
        same->x = std::min(same->x, d.x);
        same->y = std::min(same->y, d.y);
        same->width = right - same->x;
        same->height = bottom - same->y;
        same->score = std::max(same->score, d.score);
    }
    return found;
}

}  // namespace passerby::vision
