#include "measure/worst_frames.h"

#include <algorithm>
#include <utility>

namespace passerby::measure {

namespace {
bool is_worse(const WorstFrame& a, const WorstFrame& b) {
    return a.leak.seen > b.leak.seen;
}
}  // namespace

bool WorstFrames::rivals(const WorstFrame& kept, const Leak& leak, Micros time) const {
    const Micros between = kept.time < time ? time - kept.time : kept.time - time;
    return kept.leak.track == leak.track && between < apart_;
}

bool WorstFrames::wants(const Leak& leak, Micros time) const {
    std::size_t stay = 0;
    for (const auto& kept : kept_) {
        const bool beaten = leak.seen > kept.leak.seen;
        if (rivals(kept, leak, time) && !beaten) return false;
        stay += !beaten;
    }
    return stay < most_;
}

void WorstFrames::keep(WorstFrame frame) {
    if (!wants(frame.leak, frame.time)) return;
    std::erase_if(kept_, [&](const auto& kept) { return rivals(kept, frame.leak, frame.time); });
    kept_.push_back(std::move(frame));
    std::stable_sort(kept_.begin(), kept_.end(), is_worse);
    if (kept_.size() > most_) kept_.pop_back();
}

std::vector<WorstFrame> WorstFrames::take() {
    return std::exchange(kept_, {});
}

}  // namespace passerby::measure
