// What the two kinds of labels have in common: a meter looks at one frame after the other and adds up.
#pragma once

#include <memory>

#include <opencv2/core.hpp>

#include "base/result.h"
#include "measure/figures.h"

namespace passerby::measure {

// One frame before and after covering, 8-bit grey, of the original's size.
struct FramePair {
    cv::Mat before, after;
    cv::Mat changed;         // 255 where they differ by more than kChanged, otherwise 0
    std::int64_t frame = 0;  // from 1, counted through all showings
    std::int64_t label = 0;  // the frame of the labels that it is, from 1
};

struct Candidate {  // for a place among the worst frames
    Leak leak;
    std::vector<Outline> outlines;
};

// What one frame showed.
struct Look {
    cv::Mat background;       // 255 where nobody and nothing that moves is near
    std::vector<Leak> leaks;  // what is exposed
    std::optional<Candidate>
        worst;        // of which most is seen, exposed or not; nothing where hardly anything is
    double seen = 0;  // as in Moment
};

class Meter {
  public:
    virtual ~Meter() = default;
    virtual Result<Look> look(const FramePair&) = 0;
    // 255 where the labels of the frame last looked at know of somebody, whether measured or not: what must
    // never be shown raw.
    virtual cv::Mat labelled() const = 0;
    virtual std::variant<HeadFigures, ForegroundFigures> figures() const = 0;
};

}  // namespace passerby::measure
