// The detectors of persons, vehicles and faces behind one door, so that the engine (and its tests) can be
// given others.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "image/plane.h"

namespace passerby::vision {

enum class Kind { person, face, vehicle };

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
    // Looks for persons and vehicles (and their parts) in `where`, a part of `picture`; boxes are in pixels
    // of `picture`. The part is scaled to the model's input, so a small part is seen at a larger scale.
    virtual Result<std::vector<Detection>> bodies(const image::Picture& picture, image::Rect where) = 0;
    virtual Result<std::vector<Detection>> faces(const image::Picture& picture, image::Rect where) = 0;
    virtual const std::vector<ModelInfo>& models() const = 0;
    // To how many pixels the longer side of a part is scaled for the persons in it.
    virtual int side_for_persons() const { return 416; }
};

}  // namespace passerby::vision
