// Where a log keeps its hashes and entries (C2SP tlog-tiles): tiles of up to 256 hashes, bundles of up to 256
// entries, each a static file that never changes once it is full.
//
//     checkpoint                       the signed size and root
//     key                              the public key, as a convenience
//     tile/0/x001/x234/067             hashes of leaves; level N holds the roots of level N-1's tiles
//     tile/0/x001/x234/067.p/12        the same, of a tile that had only 12 yet
//     tile/entries/x001/x234/067       the entries: for each its length (two bytes, big-endian) and its bytes
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "ledger/merkle.h"

namespace passerby::ledger {

constexpr std::uint64_t kTileWidth = 256;
constexpr int kTileHeight = 8;
constexpr int kEntries = -1;  // the "level" of the bundles
constexpr std::size_t kLongestEntry = 65'535;

// `width`: 1 to 256.
std::string tile_path(int level, std::uint64_t index, std::uint64_t width);

std::string to_tile(std::span<const Hash>);
Result<Hashes> parse_tile(std::string_view bytes, std::uint64_t width);
std::string to_bundle(std::span<const std::string> entries);
Result<std::vector<std::string>> parse_bundle(std::string_view bytes, std::uint64_t width);

// The file of that path below the log's address; not_found. Whatever comes is not trusted.
using Fetch = std::function<Result<std::string>(const std::string& path)>;
Fetch fetch_from_folder(std::string folder);

// Reads tiles of a log of that size. A partial one that is gone is taken from the full one. Not thread-safe.
class TileReader {
  public:
    TileReader(Fetch fetch, std::uint64_t size) : fetch_{std::move(fetch)}, size_{size} {}

    Result<Hash> subtree(int level, std::uint64_t index);
    Subtree subtrees() {
        return [this](int level, std::uint64_t index) { return subtree(level, index); };
    }
    Result<Hashes> tile(int level, std::uint64_t index, std::uint64_t width);
    Result<std::vector<std::string>> bundle(std::uint64_t index);
    Result<std::string> entry(std::uint64_t index);

  private:
    Result<std::string> bytes(int level, std::uint64_t index, std::uint64_t width,
                              std::uint64_t& found_width);

    const Fetch fetch_;
    const std::uint64_t size_;
    std::map<std::pair<int, std::uint64_t>, Hashes> cache_;
};

}  // namespace passerby::ledger
