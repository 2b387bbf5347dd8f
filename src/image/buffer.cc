#include "image/buffer.h"

#include <cstring>
#include <new>

namespace passerby::image {

namespace {
constexpr std::size_t kAlignment = 64;

std::ptrdiff_t aligned(int width) {
    return static_cast<std::ptrdiff_t>((static_cast<std::size_t>(width) + kAlignment - 1) / kAlignment *
                                       kAlignment);
}
}  // namespace

void PictureBuffer::Free::operator()(std::uint8_t* bytes) const {
    ::operator delete (bytes, std::align_val_t{kAlignment});
}

PictureBuffer::PictureBuffer(Size size) : size_{size} {
    const Size half = size.chroma();
    const auto bytes =
        static_cast<std::size_t>(aligned(size.width) * size.height + 2 * aligned(half.width) * half.height);
    bytes_.reset(static_cast<std::uint8_t*>(::operator new (bytes, std::align_val_t{kAlignment})));
    // Whoever reads a whole row must not find there what stood in this memory before.
    const auto w = writable();
    for (const auto& plane : {w.y, w.u, w.v})
        for (int y = 0; y < plane.size.height; ++y)
            std::memset(plane.row(y) + plane.size.width, 0,
                        static_cast<std::size_t>(plane.stride - plane.size.width));
}

MutablePicture PictureBuffer::writable() {
    const Size half = size_.chroma();
    std::uint8_t* y = bytes_.get();
    std::uint8_t* u = y + aligned(size_.width) * size_.height;
    std::uint8_t* v = u + aligned(half.width) * half.height;
    return {{y, aligned(size_.width), size_}, {u, aligned(half.width), half}, {v, aligned(half.width), half}};
}

Picture PictureBuffer::view() const {
    const auto w = const_cast<PictureBuffer*>(this)->writable();
    return {
        {w.y.data, w.y.stride, w.y.size}, {w.u.data, w.u.stride, w.u.size}, {w.v.data, w.v.stride, w.v.size}};
}

void copy(Plane from, MutablePlane to) {
    for (int y = 0; y < from.size.height; ++y)
        std::memcpy(to.row(y), from.row(y), static_cast<std::size_t>(from.size.width));
}

void copy(Picture from, MutablePicture to) {
    copy(from.y, to.y);
    copy(from.u, to.u);
    copy(from.v, to.v);
}

}  // namespace passerby::image
