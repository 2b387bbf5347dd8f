// The findings as a table for people and as JSON for programs. (The page is in page.h.)
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "measure/figures.h"

namespace passerby::measure {

// Lines of text: the figures, then the first of what is exposed.
std::string table(const Findings&);

// The figures under the names that the leak meter of bench/figures.py gives them, rounded as it does; null
// where there was nothing to measure. Besides, one value a frame of what changed, what was seen and what is
// exposed.
nlohmann::json to_json(const Findings&);

}  // namespace passerby::measure
