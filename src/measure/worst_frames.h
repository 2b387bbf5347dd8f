// The few frames of which most is seen, for a report: each person or thing once in a while, not the same
// moment twelve times.
#pragma once

#include <cstddef>
#include <vector>

#include "measure/figures.h"

namespace passerby::measure {

class WorstFrames {
  public:
    // Keeps at most `most`; frames of the same track are `apart` or farther apart.
    WorstFrames(std::size_t most, Micros apart) : most_{most}, apart_{apart} {}

    // Whether keep() would keep such a frame: ask before a picture is made.
    bool wants(const Leak&, Micros time) const;
    void keep(WorstFrame);
    // The worst first. Nothing is kept afterwards.
    std::vector<WorstFrame> take();

  private:
    bool rivals(const WorstFrame&, const Leak&, Micros time) const;

    const std::size_t most_;
    const Micros apart_;
    std::vector<WorstFrame> kept_;
};

}  // namespace passerby::measure
