// What the owner decided about covering. Everything else is the engine's business.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "image/mask.h"

namespace passerby::redact {

// fixed: the camera stands still; whatever is not proven to be background is covered.
// moving: there is no background to prove; detectors and tracks decide. It leaks more: see doc/figures.md.
enum class Scene { fixed, moving };

// silhouette: flat shapes, one still sees what people do. vanish: the proven background is painted in where
// there is one. block: flat boxes.
enum class CoverStyle { silhouette, vanish, block };

using Polygon = std::vector<image::Point>;

struct Policy {
    Scene scene = Scene::fixed;
    CoverStyle cover = CoverStyle::silhouette;
    std::vector<Polygon> masks;  // always covered
};

Result<Scene> scene_named(std::string_view);
Result<CoverStyle> cover_style_named(std::string_view);
std::string_view name(Scene);
std::string_view name(CoverStyle);

// "0.1,0.1 0.4,0.1 0.4,0.5": at least three points, 0-1 of width and height.
Result<Polygon> polygon_from(std::string_view);

}  // namespace passerby::redact
