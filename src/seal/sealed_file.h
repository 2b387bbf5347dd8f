// Seals one part of what a camera sent, and opens it again with enough shares. doc/format/sealed.md.
//
// No state, any thread. Sealing happens in the camera's process, opening on the requester's computer; in
// between nobody can.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seal/keyholders.h"
#include "seal/share.h"

namespace passerby::seal {

// The longest part, sealed: what a message from a camera's process holds.
inline constexpr std::size_t kLongestPart = std::size_t{48} << 20;

// `keyholders` as validate() wants them.
std::string seal_part(const Keyholders&, const Span&, std::string_view plain);

// The sealed file, looked at from outside: who can open it says its header.
struct Outside {
    age::Header header;
    int needed = 1;
    // k of n: a whole age file for each keyholder, and the digest of the share in it.
    std::vector<std::string> shares, digests;
};
// corrupt: not as seal_part() makes it for as many keyholders.
Result<Outside> look_at(std::string_view file, const Keyholders&);

// k of n: `shares` are share texts as the keyholders gave them, in any order. Those that are not what was
// sealed are left out, and named in the error when the others do not suffice (denied). corrupt: the file was
// changed.
Result<std::string> open_part(std::string_view file, const Keyholders&, const Span&,
                              std::span<const std::string> shares);
// Where one keyholder is enough: with the text of the key.
Result<std::string> open_part(std::string_view file, const KeyText&);

}  // namespace passerby::seal
