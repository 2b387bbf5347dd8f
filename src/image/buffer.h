// Memory for one 4:2:0 picture, rows aligned to 64 bytes. Shared and immutable once handed out as a Picture.
#pragma once

#include <memory>

#include "image/plane.h"

namespace passerby::image {

class PictureBuffer {
  public:
    explicit PictureBuffer(Size);
    PictureBuffer(PictureBuffer&&) noexcept = default;
    PictureBuffer& operator=(PictureBuffer&&) noexcept = default;

    Picture view() const;
    MutablePicture writable();
    Size size() const { return size_; }

  private:
    struct Free {
        void operator()(std::uint8_t*) const;
    };
    Size size_;
    std::unique_ptr<std::uint8_t[], Free> bytes_;
};

void copy(Plane from, MutablePlane to);
void copy(Picture from, MutablePicture to);

}  // namespace passerby::image
