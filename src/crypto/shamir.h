// Shamir's secret sharing (1979) over GF(2^8), byte by byte: `needed` of the shares give the secret, fewer
// say nothing at all about it.
//
// No table and no branch depends on a secret; all coefficients are uniform, the highest too (where it must
// not be 0, many splits of one secret give it away); an index is never 0, which would be the secret itself.
// What was not split together gives some other secret, without an error: who combines must know it by a MAC
// of what the secret opens.
//
// No state, any thread.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "crypto/secret.h"

namespace passerby::crypto {

using Bytes16 = Secret<16>;

inline constexpr int kMostShares = 255;

struct Share {
    std::uint8_t index = 0;  // 1-255: where the polynomial is evaluated
    Bytes16 value;
};

// Of indices 1 to `shares`. invalid: not 1 ≤ needed ≤ shares ≤ 255.
Result<std::vector<Share>> split(const Bytes16& secret, int needed, int shares);
// invalid: no share, an index of 0, or one index twice.
Result<Bytes16> combine(std::span<const Share>);

}  // namespace passerby::crypto
