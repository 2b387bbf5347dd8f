#include "measure/page_cover.h"

#include <opencv2/imgproc.hpp>

namespace passerby::measure {

namespace {

constexpr int kCell = 2;
constexpr int kNeighbourhood = 5;
constexpr double kFlatVariance = 4;
constexpr int kLeastPatch = 17;  // pixels; the blocks of a mosaic are flat, too

cv::Mat is_flat(const cv::Mat& picture) {
    cv::Mat values, mean, mean_of_squares;
    picture.convertTo(values, CV_32F);
    cv::blur(values, mean, {kNeighbourhood, kNeighbourhood});
    cv::blur(values.mul(values), mean_of_squares, {kNeighbourhood, kNeighbourhood});
    return mean_of_squares - mean.mul(mean) < kFlatVariance;
}

}  // namespace

image::Mask page_cover(const FramePair& pair, const cv::Mat& labelled, image::Size shown) {
    cv::Mat sure = pair.changed & is_flat(pair.after);
    cv::morphologyEx(sure, sure, cv::MORPH_OPEN,
                     cv::getStructuringElement(cv::MORPH_RECT, {kLeastPatch, kLeastPatch}));
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
