// A clip's proof: what an exported file is, and that the ledger says so. It is one JSON file beside the clip,
// and needs nothing else: doc/format/proof.md.
//
// Parsers of foreign bytes. No state, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/entry.h"
#include "ledger/merkle.h"
#include "ledger/note.h"

namespace passerby::ledger {

// An entry, and the way from it to the checkpoint's root.
struct ProvenEntry {
    std::uint64_t index = 0;
    std::string text;
    Hashes inclusion;
};

// The manifest of a segment, and the way from it to the root of its batch.
struct ProvenManifest {
    std::string manifest;
    std::size_t batch = 0;    // which of ClipProof::batches
    std::uint64_t index = 0;  // of the batch's `count` leaves
    Hashes inclusion;
};

struct ClipProof {
    std::string key;  // of the ledger, as Verifier writes it: to be compared with the one that is published
    std::string checkpoint;                 // signed note
    ProvenEntry exported = {};              // "export": names the file's hash
    std::vector<ProvenEntry> batches = {};  // "segments"
    std::vector<ProvenManifest> manifests =
        {};  // of the segments that the clip is made of, as far as they were finished
    std::vector<std::string> policies;  // the texts that the manifests name by their hashes

    std::string to_text() const;
    static Result<ClipProof> parse(std::string_view);
};

struct ProvenClip {
    Checkpoint checkpoint;
    Fields exported;  // the entry
    std::vector<Fields> manifests;
    std::vector<Fields> policies;
    std::size_t unfinished = 0;  // segments of the clip that were still being recorded, so without a manifest
};

// Every link of the chain: the file's hash (hexadecimal), the entry, the manifests and their policies, the
// tree, the signature. corrupt names the first that does not hold.
Result<ProvenClip> verify_clip(const ClipProof&, const std::string& sha256_of_file, const Verifier&);

}  // namespace passerby::ledger
