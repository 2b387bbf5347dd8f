// The figures of persons that are labelled with boxes: heads exposed, tracks exposed, residual.
//
// Head    an ellipse in the top 22 % of the box, over the middle 60 % of its width. It counts when the box is
// as high
//         and as visible as asked for, the head is at least 6 pixels wide and high, and it has 12 pixels of
//         detail.
// Run     consecutive exposed frames of one track.
#pragma once

#include <map>

#include "measure/box_labels.h"
#include "measure/meter.h"

namespace passerby::measure {

class BoxMeter final : public Meter {
  public:
    // The boxes of `ignored` are neither persons nor background. Both outlive the meter.
    BoxMeter(const BoxLabels& persons, const BoxLabels& ignored, BoxRules rules)
        : persons_{persons}, ignored_{ignored}, rules_{rules} {}

    Result<Look> look(const FramePair&) override;
    cv::Mat labelled() const override;
    std::variant<HeadFigures, ForegroundFigures> figures() const override;

  private:
    struct Track {
        std::int64_t last_exposed = 0;  // frame
        int run = 0, longest_run = 0;
    };
    std::vector<Box> all_boxes(std::int64_t label) const;

    const BoxLabels& persons_;
    const BoxLabels& ignored_;
    const BoxRules rules_;
    std::map<std::int64_t, Track> tracks_;
    std::int64_t heads_ = 0, exposed_ = 0;
    double residual_sum_ = 0;
    cv::Size size_;
    std::int64_t label_ = 0;
};

}  // namespace passerby::measure
