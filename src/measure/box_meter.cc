#include "measure/box_meter.h"

#include "measure/sight.h"

namespace passerby::measure {

namespace {

constexpr double kGrown = 0.25;  // of the box, on every side: what is near a person is not background
constexpr double kLabelledGrown = 0.1;
constexpr double kHeadHeight = 0.22, kHeadLeft = 0.2, kHeadRight = 0.8;
constexpr int kLeastHead = 6, kLeastDetail = 12;
constexpr double kWorthAPicture = kExposedHead / 5;

image::Rect to_rect(const cv::Rect& r) {
    return {r.x, r.y, r.width, r.height};
}

}  // namespace

std::vector<Box> BoxMeter::all_boxes(std::int64_t label) const {
    auto all = persons_.at(label);
    const auto& more = ignored_.at(label);
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

Result<Look> BoxMeter::look(const FramePair& pair) {
    size_ = pair.before.size();
    label_ = pair.label;
    Look look{cv::Mat{size_, CV_8U, cv::Scalar{255}}, {}, {}, 0};
    for (const auto& box : all_boxes(pair.label))
        look.background(part_of(box, -kGrown, -kGrown, 1 + kGrown, 1 + kGrown, size_)) = 0;
    for (const auto& box : persons_.at(pair.label)) {
        if (box.confidence == 0 || box.visibility < rules_.min_visibility || box.height < rules_.min_height)
            continue;
        const cv::Rect head = part_of(box, kHeadLeft, 0, kHeadRight, kHeadHeight, size_);
        if (head.width < kLeastHead || head.height < kLeastHead) continue;
        const auto sight = compare(pair.before(head), pair.after(head), Shape::ellipse);
        const int detail = cv::countNonZero(sight.detail);
        if (detail < kLeastDetail) continue;

        ++heads_;
        residual_sum_ += coarse_correlation(pair.before(head), pair.after(head));
        Track& track = tracks_[box.track];
        const Leak leak{pair.frame, box.track, static_cast<double>(cv::countNonZero(sight.seen)) / detail};
        look.seen = std::max(look.seen, leak.seen);
        if (leak.seen >= kWorthAPicture) {
            if (!look.worst) look.worst = {leak, {}};
            if (leak.seen > look.worst->leak.seen) look.worst->leak = leak;
            look.worst->outlines.push_back({to_rect(part_of(box, 0, 0, 1, 1, size_)), to_rect(head)});
        }
        if (leak.seen < kExposedHead) continue;
        ++exposed_;
        track.run = track.last_exposed == pair.frame - 1 ? track.run + 1 : 1;
        track.last_exposed = pair.frame;
        track.longest_run = std::max(track.longest_run, track.run);
        look.leaks.push_back(leak);
    }
    return look;
}

cv::Mat BoxMeter::labelled() const {
    cv::Mat map = cv::Mat::zeros(size_, CV_8U);
    for (const auto& box : all_boxes(label_))
        map(part_of(box, -kLabelledGrown, -kLabelledGrown, 1 + kLabelledGrown, 1 + kLabelledGrown, size_)) =
            255;
    return map;
}

std::variant<HeadFigures, ForegroundFigures> BoxMeter::figures() const {
    HeadFigures f{heads_, exposed_, static_cast<std::int64_t>(tracks_.size()), {}, {}};
    for (const auto& [number, track] : tracks_)
        if (track.longest_run >= kExposedRun) f.exposed_tracks.push_back(number);
    if (heads_) f.residual = residual_sum_ / static_cast<double>(heads_);
    return f;
}

}  // namespace passerby::measure
