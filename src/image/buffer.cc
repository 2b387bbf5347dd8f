#include "image/buffer.h"

#include <cstdlib>
#include <cstring>
#include <new>

namespace passerby::image {

namespace {
constexpr std::size_t kAlignment = 64;

std::ptrdiff_t aligned(int width) {
    return static_cast<std::ptrdiff_t>((static_cast<std::size_t>(width) + kAlignment - 1) / kAlignment *
                                       kAlignment);
}

void copy_plane(Plane from, MutablePlane to) {
    for (int y = 0; y < from.size.height; ++y)
        std::memcpy(to.row(y), from.row(y), static_cast<std::size_t>(from.size.width));
}
}  // namespace

void PictureBuffer::Free::operator()(std::uint8_t* bytes) const {
    std::free(bytes);
}

PictureBuffer::PictureBuffer(Size size) : size_{size} {
    const Size half = size.chroma();
    const auto bytes =
        static_cast<std::size_t>(aligned(size.width) * size.height + 2 * aligned(half.width) * half.height);
    bytes_.reset(static_cast<std::uint8_t*>(
        std::aligned_alloc(kAlignment, (bytes + kAlignment - 1) / kAlignment * kAlignment)));
    if (!bytes_) throw std::bad_alloc{};
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

void copy(Picture from, MutablePicture to) {
    copy_plane(from.y, to.y);
    copy_plane(from.u, to.u);
    copy_plane(from.v, to.v);
}

}  // namespace passerby::image
