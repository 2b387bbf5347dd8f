// The Merkle tree of RFC 6962, section 2.1 (RFC 9162 names the same tree): leaf and node hashes, the root,
// and proofs that an entry is in a tree and that one tree is the beginning of another.
//
// Nothing here reads files: whoever asks says where hashes come from. Proofs come from strangers; what is
// wrong with one is an error, `corrupt`, never a crash. No state, any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/digest.h"

namespace passerby::ledger {

using Hash = crypto::Sha256Digest;
using Hashes = std::vector<Hash>;

Hash leaf_hash(std::string_view entry);
Hash node_hash(const Hash& left, const Hash& right);

// The hash of the complete subtree over the leaves [index << level, (index + 1) << level), all of which the
// tree has.
using Subtree = std::function<Result<Hash>(int level, std::uint64_t index)>;
// Of leaves that are all at hand; refers to them.
Subtree subtrees_of(std::span<const Hash> leaves);

Result<Hash> root(std::uint64_t size, const Subtree&);
// index < size, else invalid.
Result<Hashes> inclusion_proof(std::uint64_t index, std::uint64_t size, const Subtree&);
// before <= size, else invalid. Empty when they are equal, or before is 0.
Result<Hashes> consistency_proof(std::uint64_t before, std::uint64_t size, const Subtree&);

Status verify_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size, const Hash& root,
                        std::span<const Hash> proof);
// `before` > 0: every tree continues the empty one, so a proof of that shows nothing.
Status verify_consistency(std::uint64_t before, std::uint64_t size, const Hash& root_before, const Hash& root,
                          std::span<const Hash> proof);

}  // namespace passerby::ledger
