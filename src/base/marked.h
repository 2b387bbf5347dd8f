// Walks the marked bytes of a map of which most are 0.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>

namespace passerby {

// Calls f(i) for each byte that is not 0, in order; eight that are are passed at once. f may change what it
// has passed.
template <class F>
[[gnu::always_inline]] inline void for_marked(std::span<const std::uint8_t> bytes, F f) {
    constexpr std::size_t kStep = 8;
    std::size_t i = 0;
    const std::size_t n = bytes.size();
    while (i < n) {
        std::uint64_t eight = 0;
        if (i + kStep <= n) {
            std::memcpy(&eight, bytes.data() + i, kStep);
            if (eight == 0) {
                i += kStep;
                continue;
            }
        }
        for (const std::size_t stop = std::min(i + kStep, n); i < stop; ++i)
            if (bytes[i]) f(i);
    }
}

}  // namespace passerby
