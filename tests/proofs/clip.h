// Random clips in random pixel formats, and for each a second one that differs from it only where the first
// was covered. So that both are covered alike, what is not fixed by drawn masks and by the detectors' answers
// (which are the same) deviates strongly from the background in both.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "media/orientation.h"
#include "media/test_pictures.h"
#include "media/video_writer.h"
#include "proofs/proof.h"
#include "redact/engine.h"

namespace passerby::proofs {

// One value for each pixel; 0 is false.
class Pixels {
  public:
    explicit Pixels(image::Size size, bool value = false)
        : size_{size}, set_(static_cast<std::size_t>(size.width * size.height), value ? 1 : 0) {}
    image::Size size() const { return size_; }
    bool at(int x, int y) const { return set_[index(x, y)] != 0; }
    void set(int x, int y, std::uint8_t value = 1) { set_[index(x, y)] = value; }
    void set(image::Rect);
    void intersect(const Pixels&);
    bool any(image::Rect) const;
    bool all(image::Rect) const;
    int count() const;
    bool operator==(const Pixels&) const = default;

  private:
    std::size_t index(int x, int y) const { return static_cast<std::size_t>(y * size_.width + x); }
    image::Size size_;
    std::vector<std::uint8_t> set_;
};

struct Step {
    image::FrameTime when;
    std::vector<vision::Detection> seen;  // what the detectors say
    bool detectors_fail = false;
    bool finish_after = false;  // the stream ends here and another begins
    bool scene_changes = false;
};

// What a clip is about; the pictures are made from it.
struct Scenario {
    AVPixelFormat format = AV_PIX_FMT_YUV420P;
    AVColorRange range = AVCOL_RANGE_UNSPECIFIED;
    image::Size upright;
    media::Orientation orientation;
    redact::Policy policy;
    redact::Engine::Options engine;
    media::EncodeOptions encode;
    bool as_fragments = false;  // what a camera sends, otherwise a file
    std::vector<Step> steps;

    // Its places in time: things that pass, a mask's inside that is never still.
    struct Thing {
        image::Rect begin;
        float dx = 0, dy = 0;  // pixels a frame
        int first = 0, last = 0;
        image::Rect at(int step) const;
    };
    std::vector<Thing> things;
    std::vector<image::Rect> restless;  // under drawn masks
    bool failures_differ = false;       // the clips differ wholly where the detectors fail

    image::Size stored() const { return orientation.apply(upright); }
    int cell() const;
    // Where step `i` of both clips may differ, if it is covered.
    Pixels may_differ(int i) const;
};

Scenario random_scenario(Random&, redact::CoverStyle);

using Samples = std::vector<media::SamplePicture>;
Samples make_clip(const Scenario&, Random&);
// `samples` with others where `covered` (upright, one for each step) allows it.
Samples changed_under(const std::vector<Pixels>& covered, const Scenario&, const Samples& samples, Random&);

// As a decoder and the converter hand them to the engine. `garbage`: what stands around the pictures.
std::vector<image::RawFrame> decoded(const Scenario&, const Samples&, std::mt19937& garbage);
std::vector<redact::CoveredFrame> covered(const Scenario&, redact::CoverStyle,
                                          const std::vector<image::RawFrame>&);
// The bytes of the MP4 file, or of the fragments.
std::string encoded(const Scenario&, const std::vector<redact::CoveredFrame>&);

// Where `frame` is covered, and in which tone, if its cover is of flat colours. What has the tone of a cover
// by itself is taken for open, unless it is `expected` to be covered.
Pixels cover_of(const image::RawFrame& raw, const image::SafeFrame& frame, const Pixels* expected = nullptr);

}  // namespace passerby::proofs
