#include "vision/text_map.h"

#include <algorithm>

#include <opencv2/imgproc.hpp>

#include "vision/network_input.h"

namespace passerby::vision {

namespace {

// Of the longer side of the input. Text of 8 to 100 pixels is found, so a vehicle as wide as this shows its
// plate.
constexpr int kSide = 480, kMultiple = 32;
constexpr const char* kOutput = "sigmoid_0.tmp_0";
constexpr float kText = 0.3F;    // a pixel is text from this probability on
constexpr float kGrow = 1.5F;    // an area grows by this times its size by its circumference
constexpr int kLeastHeight = 2;  // of the core of a line, in pixels of the map; less is a scratch
constexpr Normalisation kNormalisation{
    true, {123.675F, 116.28F, 103.53F}, {1 / 58.395F, 1 / 57.12F, 1 / 57.375F}, {}};

}  // namespace

Result<TextMap> TextMap::load(const std::string& path, const Runtime& runtime) {
    auto model = TRY(OnnxModel::load(path, {kSide, kSide}, runtime));
    const auto& outputs = model->outputs();
    if (std::none_of(outputs.begin(), outputs.end(), [](const auto& o) { return o.name == kOutput; }))
        return fail(ErrorKind::invalid, "model '{}' has no output '{}'; it is no text detector of PP-OCR",
                    path, kOutput);
    model->read({{kOutput, {1, 1, -1, -1}}});
    return TextMap{std::move(model)};
}

Result<std::vector<Detection>> TextMap::detect(const image::Picture& picture, image::Rect where) {
    const image::Size input = input_for(where, kSide, kMultiple);
    const float scale = fill_network_input(picture, where, input, kNormalisation, model_->input(input));
    const auto outputs = TRY(model_->run());
    if (outputs[0].shape[2] != input.height || outputs[0].shape[3] != input.width)
        return fail(ErrorKind::internal, "the text detector gave a map of {} x {} for an input of {} x {}",
                    outputs[0].shape[3], outputs[0].shape[2], input.width, input.height);
    // OpenCV only reads through this header; it has no constant one.
    const cv::Mat map{input.height, input.width, CV_32FC1, const_cast<float*>(outputs[0].values.data())};
    cv::Mat areas, about, middles;
    const int count = cv::connectedComponentsWithStats(map > kText, areas, about, middles);
    std::vector<float> sums(static_cast<std::size_t>(count));
    for (int y = 0; y < input.height; ++y)
        for (int x = 0; x < input.width; ++x)
            sums[static_cast<std::size_t>(areas.at<int>(y, x))] += map.at<float>(y, x);
    std::vector<Detection> found;
    for (int i = 1; i < count; ++i) {
        const auto of = [&](int what) { return static_cast<float>(about.at<int>(i, what)); };
        const float width = of(cv::CC_STAT_WIDTH), height = of(cv::CC_STAT_HEIGHT),
                    area = of(cv::CC_STAT_AREA);
        if (std::min(width, height) < kLeastHeight) continue;
        const float grow = kGrow * area / (2 * (width + height));
        found.push_back({Kind::text, sums[static_cast<std::size_t>(i)] / area,
                         static_cast<float>(where.x) + (of(cv::CC_STAT_LEFT) - grow) / scale,
                         static_cast<float>(where.y) + (of(cv::CC_STAT_TOP) - grow) / scale,
                         (width + 2 * grow) / scale, (height + 2 * grow) / scale});
    }
    return found;
}

}  // namespace passerby::vision
