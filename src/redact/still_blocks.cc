#include "redact/still_blocks.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/vectors.h"

namespace passerby::redact {

namespace {

[[gnu::always_inline]] inline bool is_noise(int area, int most, int total, int shift) {
    return most <= kMostApart && total <= kMostNoise * area && std::abs(shift) <= kMostShift * area;
}

template <int side>
struct Row;
template <>
struct Row<16> {
    typedef std::uint8_t Bytes __attribute__((vector_size(16)));
    typedef std::int16_t Words __attribute__((vector_size(32)));  // hold the sum of a column
};
template <>
struct Row<8> {
    typedef std::uint8_t Bytes __attribute__((vector_size(8)));
    typedef std::int16_t Words __attribute__((vector_size(16)));
};

// A whole block, a row at a time, in vectors of the compiler's.
template <int side>
[[gnu::always_inline]] inline bool differ_by_noise_whole(const image::Plane& a, const image::MutablePlane& b,
                                                         image::Rect r) {
    using Bytes = typename Row<side>::Bytes;
    using Words = typename Row<side>::Words;
    Bytes most{};
    Words more{}, less{};
    const std::uint8_t *before = a.row(r.y) + r.x, *now = b.row(r.y) + r.x;
    for (int y = 0; y < side; ++y, before += a.stride, now += b.stride) {
        Bytes p, q;
        std::memcpy(&p, before, side);
        std::memcpy(&q, now, side);
        const Bytes over = p > q ? p - q : Bytes{}, under = q > p ? q - p : Bytes{};
        most = (over | under) > most ? over | under : most;
        more += __builtin_convertvector(over, Words);
        less += __builtin_convertvector(under, Words);
    }
    // Most blocks where something moves end here.
    const auto too_much = most > kMostApart;
    std::uint64_t any[side / 8], all = 0;
    std::memcpy(any, &too_much, side);
    for (const std::uint64_t part : any) all |= part;
    if (all) return false;
    int over = 0, under = 0;
    for (int i = 0; i < side; ++i) over += more[i], under += less[i];
    return is_noise(side * side, 0, over + under, over - under);
}

// The same, of any size: what the border cuts off.
bool differ_by_noise_any(const image::Plane& a, const image::MutablePlane& b, image::Rect r) {
    int most = 0, total = 0, shift = 0;
    for (int y = r.y; y < r.bottom(); ++y)
        for (int x = r.x; x < r.right(); ++x) {
            const int apart = a.row(y)[x] - b.row(y)[x];
            most = std::max(most, std::abs(apart));
            total += std::abs(apart);
            shift += apart;
        }
    return is_noise(r.area(), most, total, shift);
}

[[gnu::always_inline]] inline bool differ_by_noise(const image::Plane& a, const image::MutablePlane& b,
                                                   image::Rect r) {
    if (r.width == kBlock && r.height == kBlock) return differ_by_noise_whole<kBlock>(a, b, r);
    if (r.width == kBlock / 2 && r.height == kBlock / 2) return differ_by_noise_whole<kBlock / 2>(a, b, r);
    return differ_by_noise_any(a, b, r);
}

void copy(const image::Plane& from, image::MutablePlane to, image::Rect r) {
    for (int y = r.y; y < r.bottom(); ++y)
        std::memcpy(to.row(y) + r.x, from.row(y) + r.x, static_cast<std::size_t>(r.width));
}

}  // namespace

PASSERBY_VECTORS void keep_still_blocks(const image::Picture& shown, image::MutablePicture now) {
    const image::Size size = now.y.size;
    for (int y = 0; y < size.height; y += kBlock)
        for (int x = 0; x < size.width; x += kBlock) {
            const auto luma = image::clip({x, y, kBlock, kBlock}, size);
            const auto chroma = image::clip({x / 2, y / 2, kBlock / 2, kBlock / 2}, now.u.size);
            if (!differ_by_noise(shown.y, now.y, luma) || !differ_by_noise(shown.u, now.u, chroma) ||
                !differ_by_noise(shown.v, now.v, chroma))
                continue;
            copy(shown.y, now.y, luma);
            copy(shown.u, now.u, chroma);
            copy(shown.v, now.v, chroma);
        }
}

}  // namespace passerby::redact
