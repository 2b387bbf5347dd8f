// The detectors of persons, faces, vehicles, screens and text behind one door, so that the engine (and its
// tests) can be given others.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "image/plane.h"

namespace passerby::vision {

// text: anything written; plate: text that may be a number plate (redact/plates decides).
enum class Kind { person, face, vehicle, screen, text, plate };

struct Detection {
    Kind kind;
    float score;                // 0-1
    float x, y, width, height;  // pixels of the picture that was given
};

struct ModelInfo {
    std::string name, file, sha256;
};

// Not thread-safe. Thresholds are low: the engine decides what to believe.
class Detectors {
  public:
    virtual ~Detectors() = default;
    // Looks for persons, vehicles and screens (and their parts) in `where`, a part of `picture`; boxes are in
    // pixels of `picture`. The part is scaled to the model's input, so a small part is seen at a larger
    // scale.
    virtual Result<std::vector<Detection>> bodies(const image::Picture& picture, image::Rect where) = 0;
    virtual Result<std::vector<Detection>> faces(const image::Picture& picture, image::Rect where) = 0;
    // Where something is written. Without a model for it that is an error: whoever asks must cover instead.
    virtual Result<std::vector<Detection>> texts(const image::Picture&, image::Rect) {
        return fail(ErrorKind::unavailable, "there is no model that finds text");
    }
    virtual const std::vector<ModelInfo>& models() const = 0;
    // To how many pixels the longer side of a part is scaled for the persons in it.
    virtual int side_for_persons() const { return 416; }
};

}  // namespace passerby::vision
