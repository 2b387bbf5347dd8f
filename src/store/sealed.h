// What cameras sent, sealed: files that nobody here can open, beside the covered recordings, and under the
// same retention. doc/storage.md, "Sealed originals"; doc/format/sealed.md.
//
// A row exists only if its file is whole and synced. What was being written when the machine went down is
// deleted at the next start. Thread-safe.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "store/store.h"

namespace passerby::store {

struct SealedFile {
    std::int64_t id = 0;  // never used twice
    std::string camera;
    WallTime start, end;
    std::uint64_t bytes = 0;
    std::string sha256;      // 32 raw bytes
    std::string keyholders;  // a text that says to whom it is sealed
    DiskId disk = kOwnDisk;  // where its file is
};

class Sealed {
  public:
    explicit Sealed(std::shared_ptr<Store> store) : store_{std::move(store)} {}

    // Returns when it is on the disk and listed. exists: this camera has one that begins at this millisecond.
    Status keep(const std::string& camera, WallTime start, WallTime end, const std::string& keyholders,
                std::span<const std::byte> bytes);
    // What overlaps [from, to), oldest first; at most `limit`.
    Result<std::vector<SealedFile>> of(const std::string& camera, WallTime from, WallTime to,
                                       int limit = 100'000) const;
    // Those that are in no batch of the ledger yet, the oldest first.
    Result<std::vector<SealedFile>> without_batch(int limit) const;
    // not_found: deleted.
    Result<SealedFile> with_id(std::int64_t id) const;
    // corrupt: it is not the file any more.
    Result<std::string> read(const SealedFile&) const;

    // Its first bytes, at most so many. They are not compared with the hash.
    Result<std::string> read_begin(const SealedFile&, std::size_t most) const;

  private:
    std::shared_ptr<Store> store_;
};

}  // namespace passerby::store
