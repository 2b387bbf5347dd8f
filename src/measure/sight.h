// What can still be seen: two grey pictures of the same place, before and after covering, compared in
// neighbourhoods of 5x5 pixels.
//
// Detail  a pixel around which the picture before has something to see: its 5x5 luma has a standard deviation
// of at
//         least 4 of 255.
// Seen    detail that is still there: the 5x5 neighbourhoods before and after correlate by 0.7 or more. A
// flat fill, a
//         silhouette, a painted-in background or noise correlate by chance only; what is flat afterwards
//         correlates not at all.
//
// The source of the definitions, and of the order of operations, is the leak meter that bench/figures.py
// uses; both rest on OpenCV's filters, with the picture's edge repeated beyond it.
#pragma once

#include <cstdint>

#include <opencv2/core.hpp>

#include "measure/box_labels.h"

namespace passerby::measure {

enum class Shape {
    whole,
    ellipse
};  // ellipse: only what is inside the one that touches all sides of the picture

struct Sight {
    cv::Mat detail;  // 8 bits, 255 where there is detail, otherwise 0
    cv::Mat seen;    // the same for detail that is seen
};

// `before` and `after`: 8-bit grey, of one size.
Sight compare(const cv::Mat& before, const cv::Mat& after, Shape);

// Correlation of the two at 12x12 pixels: what a blur or a coarse mosaic still gives away; 0 where all is
// flat afterwards.
double coarse_correlation(const cv::Mat& before, const cv::Mat& after);

// The part of the box's rectangle x0..x1, y0..y1 (fractions of its width and height, 0,0 its left top corner)
// inside a picture of `size`; empty when it is outside.
cv::Rect part_of(const Box&, double x0, double y0, double x1, double y1, cv::Size size);

}  // namespace passerby::measure
