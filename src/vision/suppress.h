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

}  // namespace passerby::vision
