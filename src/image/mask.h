// A binary map over a picture on a grid of square cells: 255 set, 0 clear. Cell (0,0) covers the pixels
// [0, cell) x [0, cell) of the picture; the last row and column may reach over its border.
#pragma once

#include <cstdint>
#include <vector>

#include "image/plane.h"

namespace passerby::image {

struct Point {
    float x = 0, y = 0;  // 0-1 of the picture's width and height
};

class Mask {
  public:
    Mask() = default;
    // All clear. `cell` is the side of a cell in pixels.
    Mask(Size picture, int cell);

    Size grid() const { return grid_; }
    Size picture() const { return picture_; }
    int cell() const { return cell_; }
    bool at(int x, int y) const { return cells_[index(x, y)] != 0; }
    std::uint8_t* row(int y) { return cells_.data() + index(0, y); }
    const std::uint8_t* row(int y) const { return cells_.data() + index(0, y); }
    MutablePlane plane() { return {cells_.data(), grid_.width, grid_}; }
    Plane plane() const { return {cells_.data(), grid_.width, grid_}; }
    bool operator==(const Mask&) const = default;

    void set_all();
    void clear();
    // Every cell that the rectangle (in pixels of the picture) touches.
    void set(Rect pixels);
    // Every cell that the polygon touches or encloses (even-odd rule, edges included).
    void set(const std::vector<Point>& polygon);
    // Union and intersection with, and removal of, a mask on the same grid.
    void unite(const Mask&);
    void intersect(const Mask&);
    void subtract(const Mask&);
    // Grow by `radius` cells in every direction (a square).
    void dilate(int radius);
    void erode(int radius);
    // Sets every clear area of at most `most` cells (connected by sides) that does not touch the grid's
    // border.
    void fill_holes(int most);
    // Grows every connected area (corners connect) to its bounding box.
    void grow_to_boxes();

    int count() const;
    double share() const;             // of the grid that is set, 0-1
    double share(Rect pixels) const;  // of the cells that the rectangle touches; 0 for none
    bool any() const;

  private:
    std::size_t index(int x, int y) const {
        return static_cast<std::size_t>(y) * static_cast<std::size_t>(grid_.width) +
               static_cast<std::size_t>(x);
    }
    Size picture_, grid_;
    int cell_ = 1;
    std::vector<std::uint8_t> cells_;
};

}  // namespace passerby::image
