// The report as one HTML page that stands alone: style, plot and pictures are inside, and nothing is loaded.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "measure/figures.h"

namespace passerby::measure {

struct PageFacts {
    std::string clip;  // the video's name
    std::vector<std::pair<std::string, std::string>>
        about;  // how it was covered and measured: a word and its value
};

// Fails only where a picture cannot be encoded.
Result<std::string> page(const PageFacts&, const Findings&);

// `text` as content of an element or a quoted attribute.
std::string escaped(std::string_view text);

}  // namespace passerby::measure
