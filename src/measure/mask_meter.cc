#include "measure/mask_meter.h"

#include <algorithm>

#include <opencv2/imgproc.hpp>

#include "measure/sight.h"

namespace passerby::measure {

namespace {

constexpr int kNear = 15, kLabelledNear = 4;  // pixels, to every side
constexpr double kWorthAPicture = kExposedForeground / 5;
constexpr int kMostOutlines = 8, kOutlineMargin = 6;

cv::Mat grown(const cv::Mat& map, int pixels) {
    cv::Mat made;
    cv::dilate(map, made, cv::getStructuringElement(cv::MORPH_RECT, {2 * pixels + 1, 2 * pixels + 1}));
    return made;
}

// Boxes around the patches of foreground that are seen, the largest first.
std::vector<Outline> outlines_of(const cv::Mat& seen) {
    cv::Mat numbers, boxes, centres;
    const int patches =
        cv::connectedComponentsWithStats(grown(seen, kOutlineMargin), numbers, boxes, centres);
    std::vector<Outline> outlines;
    for (int i = 1; i < patches; ++i)  // 0 is the background
        outlines.push_back({{boxes.at<int>(i, cv::CC_STAT_LEFT), boxes.at<int>(i, cv::CC_STAT_TOP),
                             boxes.at<int>(i, cv::CC_STAT_WIDTH), boxes.at<int>(i, cv::CC_STAT_HEIGHT)},
                            {}});
    std::sort(outlines.begin(), outlines.end(),
              [](const auto& a, const auto& b) { return a.place.area() > b.place.area(); });
    if (outlines.size() > kMostOutlines) outlines.resize(kMostOutlines);
    return outlines;
}

}  // namespace

Result<Look> MaskMeter::look(const FramePair& pair) {
    auto label = TRY(labels_.at(pair.label));
    mask_ = cv::Mat{label.size.height, label.size.width, CV_8U, label.samples.data()}.clone();
    if (mask_.size() != pair.before.size())
        cv::resize(mask_, mask_, pair.before.size(), 0, 0, cv::INTER_NEAREST);
    auto sight = compare(pair.before, pair.after, Shape::whole);
    const cv::Mat foreground = mask_ == 255;
    sight.detail &= foreground;
    sight.seen &= foreground;
    const int detail = cv::countNonZero(sight.detail), seen = cv::countNonZero(sight.seen);

    Look look{grown(mask_ > 0, kNear) == 0, {}, {}, 0};
    figures_.detail += detail;
    figures_.seen += seen;
    if (detail == 0) return look;
    look.seen = static_cast<double>(seen) / detail;
    const Leak leak{pair.frame, 0, look.seen};
    if (seen > kExposedForeground * detail) {
        ++figures_.frames_exposed;
        look.leaks.push_back(leak);
    }
    if (look.seen >= kWorthAPicture) look.worst = {leak, outlines_of(sight.seen)};
    return look;
}

cv::Mat MaskMeter::labelled() const {
    return grown(mask_ > 0, kLabelledNear);
}

}  // namespace passerby::measure
