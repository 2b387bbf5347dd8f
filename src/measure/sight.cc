#include "measure/sight.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace passerby::measure {

namespace {

constexpr float kDetailVariance = 16, kFlatVariance = 4, kSeenCorrelation = 0.7F, kLeastProduct = 1e-3F;
constexpr int kNeighbourhood = 5, kCoarse = 12;

cv::Mat mean_of(const cv::Mat& values) {
    cv::Mat mean;
    cv::blur(values, mean, {kNeighbourhood, kNeighbourhood}, {-1, -1}, cv::BORDER_REPLICATE);
    return mean;
}

// A copy of its own: what is outside of a part of a picture must not count as its neighbourhood.
cv::Mat floats_of(const cv::Mat& picture) {
    cv::Mat copy;
    picture.convertTo(copy, CV_32F);
    return copy;
}

bool in_ellipse(int x, int y, const cv::Size& size) {
    const double dx = (x + .5) / size.width * 2 - 1, dy = (y + .5) / size.height * 2 - 1;
    return dx * dx + dy * dy <= 1;
}

}  // namespace

Sight compare(const cv::Mat& before, const cv::Mat& after, Shape shape) {
    const cv::Mat b = floats_of(before), c = floats_of(after);
    const cv::Mat mean_b = mean_of(b), mean_c = mean_of(c);
    const cv::Mat mean_bb = mean_of(b.mul(b)), mean_cc = mean_of(c.mul(c)), mean_bc = mean_of(b.mul(c));
    Sight sight{cv::Mat::zeros(before.size(), CV_8U), cv::Mat::zeros(before.size(), CV_8U)};
    for (int y = 0; y < b.rows; ++y) {
        const auto *mb = mean_b.ptr<float>(y), *mc = mean_c.ptr<float>(y), *bb = mean_bb.ptr<float>(y),
                   *cc = mean_cc.ptr<float>(y), *bc = mean_bc.ptr<float>(y);
        for (int x = 0; x < b.cols; ++x) {
            const float variance_b = bb[x] - mb[x] * mb[x], variance_c = cc[x] - mc[x] * mc[x];
            if (variance_b < kDetailVariance || (shape == Shape::ellipse && !in_ellipse(x, y, b.size())))
                continue;
            sight.detail.at<std::uint8_t>(y, x) = 255;
            const float product = std::max(variance_b * variance_c, kLeastProduct);
            const float correlation = (bc[x] - mb[x] * mc[x]) / std::sqrt(product);
            if (variance_c >= kFlatVariance && correlation >= kSeenCorrelation)
                sight.seen.at<std::uint8_t>(y, x) = 255;
        }
    }
    return sight;
}

double coarse_correlation(const cv::Mat& before, const cv::Mat& after) {
    cv::Mat b, c;
    cv::resize(floats_of(before), b, {kCoarse, kCoarse}, 0, 0, cv::INTER_AREA);
    cv::resize(floats_of(after), c, {kCoarse, kCoarse}, 0, 0, cv::INTER_AREA);
    b -= cv::mean(b);
    c -= cv::mean(c);
    const double bb = b.dot(b), cc = c.dot(c), both = std::sqrt(bb * cc);
    return cc > kCoarse * kCoarse && both > 0 ? b.dot(c) / both : 0;
}

cv::Rect part_of(const Box& box, double x0, double y0, double x1, double y1, cv::Size size) {
    // Halves go to the even neighbour, as in Python.
    const auto whole = [](double v) { return static_cast<int>(std::nearbyint(std::clamp(v, -1e6, 1e6))); };
    const int left = std::max(0, whole(box.x + box.width * x0)),
              top = std::max(0, whole(box.y + box.height * y0));
    const int right = std::min(size.width, whole(box.x + box.width * x1));
    const int bottom = std::min(size.height, whole(box.y + box.height * y1));
    if (right <= left || bottom <= top) return {};
    return {left, top, right - left, bottom - top};
}

}  // namespace passerby::measure
