// The lines and zones that are drawn, as a camera's process is told.
#pragma once

#include "camera/protocol.h"
#include "store/activity.h"

namespace passerby::server {

// "0.1,0.5 0.9,0.5": two points for a line, more for a zone.
Result<std::vector<image::Point>> place_from(const std::string& points);
// corrupt: one of them is none (any more).
Result<std::vector<vision::Place>> standing_places(const store::Activity&, const std::string& camera);

}  // namespace passerby::server
