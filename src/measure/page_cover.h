// What a picture in a report must not show of a covered frame (P1): the frames in it are the ones where the
// cover failed.
#pragma once

#include <opencv2/core.hpp>

#include "image/mask.h"
#include "measure/meter.h"

namespace passerby::measure {

// Where the labels know of somebody only what is covered beyond doubt may stay: patches, larger than the
// blocks of a mosaic, that are flat, and in them what had detail or another tone before. All else there is
// set, in cells of a frame of `shown` size.
image::Mask page_cover(const FramePair&, const cv::Mat& labelled, image::Size shown);

}  // namespace passerby::measure
