// A painted scene (Painter::paint_scene) as a file to look at, and as what a person approves.
//
// As a file it is a PNG of 8-bit RGB in which a cell has two by two pixels. Whoever does not approve a part of it
// paints over that: what is grey like the rest that is not shown, or does not look like the scene, is not
// approved.
#pragma once

#include <string>

#include "base/result.h"
#include "image/frame.h"
#include "image/scene_picture.h"

namespace passerby::redact {

// The approval that a painted scene is, for a camera with pictures of size `of`; not_found: it has not the size
// of such a scene.
Result<image::ScenePicture> scene_from(const image::Picture& painted, image::Size of);

// The bytes of a PNG file.
Result<std::string> scene_png(const image::SafeFrame& painted);

// Reads a PNG that scene_png() made and a person may have painted over, for the video `video` with pictures of
// size `of`. invalid: it is another kind of picture, or of another size.
Result<image::ScenePicture> read_scene(const std::string& path, image::Size of, const std::string& video);

}  // namespace passerby::redact
