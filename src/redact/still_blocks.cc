#include "redact/still_blocks.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace passerby::redact {

namespace {

bool is_noise(int area, int most, int total, int shift) {
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
bool differ_by_noise_whole(const image::Plane& a, const image::MutablePlane& b, image::Rect r) {
    using Bytes = typename Row<side>::Bytes;
    using Words = typename Row<side>::Words;
    Bytes most{};
    Words total{}, shift{};
    for (int y = r.y; y < r.bottom(); ++y) {
        Bytes p, q;
        std::memcpy(&p, a.row(y) + r.x, side);
        std::memcpy(&q, b.row(y) + r.x, side);
        const Bytes apart = p > q ? p - q : q - p;
        most = apart > most ? apart : most;
        total += __builtin_convertvector(apart, Words);
        shift += __builtin_convertvector(p, Words) - __builtin_convertvector(q, Words);
    }
    int largest = 0, all = 0, together = 0;
    for (int i = 0; i < side; ++i) {
        largest = std::max<int>(largest, most[i]);
        all += total[i];
        together += shift[i];
    }
    return is_noise(side * side, largest, all, together);
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

bool differ_by_noise(const image::Plane& a, const image::MutablePlane& b, image::Rect r) {
    if (r.width == kBlock && r.height == kBlock) return differ_by_noise_whole<kBlock>(a, b, r);
    if (r.width == kBlock / 2 && r.height == kBlock / 2) return differ_by_noise_whole<kBlock / 2>(a, b, r);
    return differ_by_noise_any(a, b, r);
}

void copy(const image::Plane& from, image::MutablePlane to, image::Rect r) {
    for (int y = r.y; y < r.bottom(); ++y)
        std::memcpy(to.row(y) + r.x, from.row(y) + r.x, static_cast<std::size_t>(r.width));
}

}  // namespace

void keep_still_blocks(const image::Picture& shown, image::MutablePicture now) {
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
