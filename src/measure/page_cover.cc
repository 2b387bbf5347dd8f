#include "measure/page_cover.h"

#include <opencv2/imgproc.hpp>

namespace passerby::measure {

namespace {

constexpr int kCell = 2;
constexpr int kNeighbourhood = 5;
constexpr double kFlatVariance = 1, kDetailVariance = 16;
constexpr int kPatch = 17;  // pixels; the blocks of a mosaic are flat, too, and a blur is so in its parts

cv::Mat variance_of(const cv::Mat& picture, int neighbourhood) {
    cv::Mat values, mean, mean_of_squares;
    picture.convertTo(values, CV_32F);
    cv::blur(values, mean, {neighbourhood, neighbourhood});
    cv::blur(values.mul(values), mean_of_squares, {neighbourhood, neighbourhood});
    return mean_of_squares - mean.mul(mean);
}

}  // namespace

image::Mask page_cover(const FramePair& pair, const cv::Mat& labelled, image::Size shown) {
    // All of each patch that is flat.
    cv::Mat flat = variance_of(pair.after, kPatch) < kFlatVariance;
    cv::dilate(flat, flat, cv::getStructuringElement(cv::MORPH_RECT, {kPatch, kPatch}));
    const cv::Mat lost = variance_of(pair.before, kNeighbourhood) >= kDetailVariance;
    const cv::Mat sure = flat & (pair.changed | lost);
    cv::Mat hidden = labelled & ~sure;
    if (hidden.size() != cv::Size{shown.width, shown.height})
        cv::resize(hidden, hidden, {shown.width, shown.height}, 0, 0, cv::INTER_NEAREST);
    image::Mask mask{shown, kCell};
    for (int y = 0; y < hidden.rows; ++y)
        for (int x = 0; x < hidden.cols; ++x)
            if (hidden.at<std::uint8_t>(y, x)) mask.row(y / kCell)[x / kCell] = 255;
    return mask;
}

}  // namespace passerby::measure
