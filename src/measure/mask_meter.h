// The figures of clips that are labelled with masks: foreground seen, frames exposed.
#pragma once

#include "measure/mask_labels.h"
#include "measure/meter.h"

namespace passerby::measure {

class MaskMeter final : public Meter {
  public:
    // The labels outlive the meter.
    explicit MaskMeter(const MaskLabels& labels) : labels_{labels} {}

    Result<Look> look(const FramePair&) override;
    cv::Mat labelled() const override;
    std::variant<HeadFigures, ForegroundFigures> figures() const override { return figures_; }

  private:
    const MaskLabels& labels_;
    ForegroundFigures figures_;
    cv::Mat mask_;  // of the frame last looked at
};

}  // namespace passerby::measure
