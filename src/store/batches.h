// The finished segments, sealed parts and ended gaps that are not on the record yet, gathered into batches:
// each becomes one entry of the ledger. A batch's manifests stay in DATA/manifests/ROOT.jsonl, named by the
// root of their Merkle tree.
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ledger/merkle.h"
#include "store/store.h"

namespace passerby::store {

struct Batch {
    std::vector<std::string> manifests;  // the leaves, by camera and time
    std::vector<SegmentId> segments;
    std::vector<std::int64_t> gaps, sealed;
    WallTime from, to;  // that they span

    bool empty() const { return manifests.empty(); }
    ledger::Hash root() const;
};

class Batches {
  public:
    explicit Batches(std::shared_ptr<Store> store) : store_{std::move(store)} {}

    // At most `most` of what is not in a batch yet, the oldest first.
    Result<Batch> pending(int most) const;
    // Writes the manifests. Before the entry of the ledger.
    Status keep(const Batch&);
    // The batch is entry `entry` of the ledger. After it. What is marked twice is marked anew.
    Status mark(const Batch&, std::uint64_t entry);

    // The entry of the ledger that holds the segment; nothing: not yet.
    Result<std::optional<std::uint64_t>> entry_of(SegmentId) const;
    // The manifests of a root (hexadecimal), in their order; not_found, or corrupt when they do not make that
    // root.
    Result<std::vector<std::string>> manifests(const std::string& root) const;

  private:
    std::filesystem::path file_of(const std::string& root) const;
    std::shared_ptr<Store> store_;
};

}  // namespace passerby::store
