#include "server/standing_places.h"

#include <algorithm>

#include "redact/policy.h"

namespace passerby::server {

Result<std::vector<image::Point>> place_from(const std::string& points) {
    const auto blank = points.find(' ');
    if (blank == std::string::npos || points.find(' ', blank + 1) != std::string::npos)
        return redact::polygon_from(points);
    // A line, as a polygon that comes back.
    auto line = TRY(redact::polygon_from(points + points.substr(blank)));
    line.pop_back();
    if (line[0].x == line[1].x && line[0].y == line[1].y)
        return fail(ErrorKind::invalid, "a line begins where it ends; draw it to another point");
    return line;
}

Result<std::vector<vision::Place>> standing_places(const store::Activity& activity,
                                                   const std::string& camera) {
    std::vector<vision::Place> places;
    for (const auto& place : TRY(activity.places(camera))) {
        auto points = place_from(place.points);
        if (!points)
            return fail(ErrorKind::corrupt, "'{}' of '{}' in the catalogue is no line or zone: {}",
                        place.name, camera, points.error().message);
        places.push_back({place.id, *std::move(points)});
    }
    return places;
}

}  // namespace passerby::server
