// What is said of a finished segment, or of a gap, for ever: one JSON object in one line. The hour's
// manifests are the leaves of a Merkle tree whose root goes into the ledger. doc/format/ledger.md describes
// the fields.
#pragma once

#include <string>

#include "store/sealed.h"
#include "store/segment.h"

namespace passerby::store {

// `policy`: the text under which it was recorded; empty: unknown.
std::string manifest_of(const Segment&, const std::string& policy);
// Of a sealed part. It names those to whom by the hash of their text.
std::string manifest_of(const SealedFile&);
// Of one that has ended.
std::string manifest_of(const Gap&);

}  // namespace passerby::store
