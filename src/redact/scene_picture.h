// A painted scene (Painter::paint_scene) as a file to look at, and as what a person approves.
//
// As a file it is a PNG of 8-bit RGB in which a cell has two by two pixels. Whoever does not approve a part
// of it paints over that: what is grey like the rest that is not shown, or does not look like the scene, is
// not approved.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "image/frame.h"
#include "image/scene_picture.h"

namespace passerby::redact {

// The approval that a painted scene is, for a camera with pictures of size `of`. invalid: it has not the
// size of such a scene.
Result<image::ScenePicture> scene_from(const image::Picture& painted, image::Size of);

// The bytes of a PNG file.
Result<std::string> scene_png(const image::SafeFrame& painted);

// What scene_png() made, for a camera with pictures of size `of`; somebody may have painted over it. corrupt:
// it is no PNG, or damaged. invalid: other pixels than such a picture has (what is transparent would count as
// approved), or of another size.
Result<image::ScenePicture> scene_from_png(std::string_view bytes, image::Size of);

}  // namespace passerby::redact
