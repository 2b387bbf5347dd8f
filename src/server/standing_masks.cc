#include "server/standing_masks.h"

namespace passerby::server {

Result<std::vector<redact::Polygon>> standing_masks(const store::Masks& masks, const std::string& camera) {
    std::vector<redact::Polygon> polygons;
    for (const auto& area : TRY(masks.standing(camera))) {
        auto polygon = redact::polygon_from(area);
        if (!polygon)
            return fail(ErrorKind::corrupt, "a mask of '{}' in the catalogue is no polygon: {}", camera,
                        polygon.error().message);
        polygons.push_back(*std::move(polygon));
    }
    return polygons;
}

}  // namespace passerby::server
