// The light of a frame against the plate's, place by place: clouds, a lamp, a door that opens.
//
// Light changes brightness and leaves structure. The grid is cut into blocks; where the plate has texture and
// the frame correlates with it, the background is there to see, and the block's gain is light. A person in
// front of a block hides its texture, so nobody can pass for light. Blocks without texture, and those that
// are hidden, take the gain of the blocks around them. Everything refers to what the curve of the whole
// picture (LightCurve) leaves.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "vision/appearance.h"
#include "vision/light.h"

namespace passerby::vision {

class LightField {
  public:
    explicit LightField(image::Size grid);

    // Fits the light of `frame` where proven[i] != 0; `use`: the part of it that showed background before,
    // for what is read off single cells. `noise`: standard deviation of a cell's luma.
    void fit(const Appearance& plate, const Reduced& frame, std::span<const std::uint8_t> proven,
             std::span<const std::uint8_t> use, float noise);

    // What the plate looks like in this light, and how much light there is to what there was, per cell: 64 is
    // as much.
    const Reduced& expected() const { return expected_; }
    std::span<const std::uint8_t> gain() const { return gain_; }
    // Share of the textured blocks whose structure is not there any more, 0-1; 0 where there are too few to
    // tell.
    double lost() const { return lost_; }

  private:
    struct Block {
        float gain = 1;    // to the curve's
        float weight = 0;  // how sure
    };
    void fit_colour(const Appearance&, const Reduced&, std::span<const std::uint8_t> use);
    void fit_blocks(const Reduced&, std::span<const std::uint8_t> proven, float noise);
    void spread();
    void expect();

    image::Size grid_, blocks_;
    LightCurve curve_;
    std::vector<Block> block_;
    Reduced expected_;
    std::vector<std::uint8_t> gain_;
    double lost_ = 0;
};

}  // namespace passerby::vision
