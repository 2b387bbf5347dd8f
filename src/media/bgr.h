// Pictures as OpenCV's VideoCapture gives them, so that a figure taken here is the figure that others take.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "image/plane.h"

struct SwsContext;

namespace passerby::media {

// Interleaved blue, green, red, 8 bits each.
struct BgrView {
    const std::uint8_t* data = nullptr;
    std::ptrdiff_t stride = 0;  // bytes from one row to the next
    image::Size size;
};

// One per stream. Not thread-safe.
class BgrConverter {
  public:
    BgrConverter();
    ~BgrConverter();
    BgrConverter(BgrConverter&&) noexcept;

    // Valid until the next call.
    Result<BgrView> convert(const image::Picture&);

  private:
    struct Free {
        void operator()(SwsContext*) const;
    };
    std::unique_ptr<SwsContext, Free> sws_;
    std::vector<std::uint8_t> samples_;
};

}  // namespace passerby::media
