// Bech32 (BIP 173) as age uses it: of any length, lower or upper case, never mixed.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace passerby::age {

struct Bech32 {
    std::string kind;  // what stands before the last '1', in lower case
    std::string bytes;
};

// In lower case.
std::string to_bech32(std::string_view kind, std::string_view bytes);
// corrupt: mixed case, a character that is none, a wrong checksum, or bits that are left over.
Result<Bech32> from_bech32(std::string_view text);

}  // namespace passerby::age
