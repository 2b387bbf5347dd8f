#include "vision/network_input.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "base/vectors.h"

namespace passerby::vision {

namespace {

// OpenCV only reads through this header; it has no constant one.
cv::Mat mat(image::Plane p) {
    return {p.size.height, p.size.width, CV_8UC1, const_cast<std::uint8_t*>(p.data),
            static_cast<std::size_t>(p.stride)};
}

cv::Mat scaled(image::Plane plane, image::Rect part, cv::Size size) {
    cv::Mat out;
    const bool shrinks = part.width > size.width;
    cv::resize(mat(plane.crop(part)), out, size, 0, 0, shrinks ? cv::INTER_AREA : cv::INTER_LINEAR);
    return out;
}

}  // namespace

image::Size input_for(image::Rect where, int longest, int multiple) {
    const int most = std::max(where.width, where.height);
    const auto along = [&](int length) {
        const int scaled = std::max(1, (length * longest + most - 1) / most);
        return (scaled + multiple - 1) / multiple * multiple;
    };
    return {along(where.width), along(where.height)};
}

PASSERBY_VECTORS float fill_network_input(const image::Picture& picture, image::Rect where, image::Size input,
                                          const Normalisation& n, std::span<float> out) {
    const float scale = std::min(static_cast<float>(input.width) / static_cast<float>(where.width),
                                 static_cast<float>(input.height) / static_cast<float>(where.height));
    const cv::Size size{
        std::clamp(static_cast<int>(std::lround(static_cast<float>(where.width) * scale)), 1, input.width),
        std::clamp(static_cast<int>(std::lround(static_cast<float>(where.height) * scale)), 1, input.height)};
    const image::Rect half = image::clip(
        {where.x / 2, where.y / 2, (where.width + 1) / 2, (where.height + 1) / 2}, picture.u.size);
    const cv::Mat y = scaled(picture.y, where, size), u = scaled(picture.u, half, size),
                  v = scaled(picture.v, half, size);

    const auto stride = static_cast<std::size_t>(input.width);
    const auto area = stride * static_cast<std::size_t>(input.height);
    std::array<float*, 3> channel{out.data(), out.data() + area, out.data() + 2 * area};
    for (std::size_t c = 0; c < 3; ++c) std::fill_n(channel[c], area, n.padding[c]);
    const std::size_t red = n.bgr ? 2 : 0, blue = n.bgr ? 0 : 2;
    const std::array<float, 3> mean{n.mean[red], n.mean[1], n.mean[blue]},
        scaled_by{n.scale[red], n.scale[1], n.scale[blue]};
    for (int row = 0; row < size.height; ++row) {
        const std::uint8_t *py = y.ptr(row), *pu = u.ptr(row), *pv = v.ptr(row);
        const auto at = static_cast<std::size_t>(row) * stride;
        float *r = channel[red] + at, *g = channel[1] + at, *b = channel[blue] + at;
        const auto held = [](float value) { return value < 0 ? 0 : value > 255 ? 255 : value; };
        // ITU-R BT.601, limited range.
        PASSERBY_APART
        for (int x = 0; x < size.width; ++x) {
            const float luma = 1.164F * static_cast<float>(py[x] - 16);
            const auto cb = static_cast<float>(pu[x] - 128), cr = static_cast<float>(pv[x] - 128);
            r[x] = (held(luma + 1.596F * cr) - mean[0]) * scaled_by[0];
            g[x] = (held(luma - 0.392F * cb - 0.813F * cr) - mean[1]) * scaled_by[1];
            b[x] = (held(luma + 2.017F * cb) - mean[2]) * scaled_by[2];
        }
    }
    return scale;
}

}  // namespace passerby::vision
