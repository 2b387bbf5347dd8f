// The findings over time as an SVG picture that stands in an HTML page and takes its colours from the page's
// style.
#pragma once

#include <string>

#include "measure/figures.h"

namespace passerby::measure {

// Two charts with one axis of time: what the cover changed and how much of that was background; and what is
// seen. Long videos are drawn in as many steps as there are points across: the mean of what is covered, the
// most of what is seen, so that a leak of one frame shows.
std::string plot(const Findings&);

}  // namespace passerby::measure
