// What the cells of a grid look like, each for how long it did, and how often nobody was seen on it
// meanwhile.
#pragma once

#include <cstdint>
#include <vector>

#include "vision/reduced.h"

namespace passerby::vision {

struct Appearance {
    // 8.8 fixed point: slow changes of light are followed below one step.
    std::vector<std::uint16_t> y, u, v;
    std::vector<std::uint32_t> calm;  // ms, in all
    std::vector<std::uint32_t> run;   // ms since another appearance was there for a while
    std::vector<std::uint8_t> clear;  // inspections in a row without a person

    explicit Appearance(std::size_t cells)
        : y(cells), u(cells), v(cells), calm(cells), run(cells), clear(cells) {}

    // Whether luma and chroma of the cell are within `within` of this.
    bool same(std::size_t i, const Reduced&, int within) const;
    bool same(std::size_t i, const Appearance&, int within) const;
    // Becomes what the frame shows; nothing is known about it yet.
    void take(std::size_t i, const Reduced&);
    // Moves by 1 / 2^shift of the way toward what the frame shows.
    void follow(std::size_t i, const Reduced&, int shift);
    void wait(std::size_t i, std::uint32_t ms) { calm[i] += ms, run[i] += ms; }
    // Something else was there: it begins to count anew, but what it was for in all stays known.
    void interrupt(std::size_t i) { run[i] = 0; }
    // Nothing that speaks for it is left.
    void discredit(std::size_t i) { calm[i] = 0, run[i] = 0, clear[i] = 0; }
    void discredit_all();
    void copy(std::size_t i, const Appearance& from);
    void swap(std::size_t i, Appearance& other);
};

}  // namespace passerby::vision
