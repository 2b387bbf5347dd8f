#include "ledger/tiles.h"

#include <algorithm>
#include <cstring>

#include "base/file.h"

namespace passerby::ledger {

namespace {

constexpr std::size_t kMostCached = 64;

std::string index_path(std::uint64_t index) {
    auto path = fmt::format("{:03}", index % 1000);
    for (index /= 1000; index > 0; index /= 1000) path = fmt::format("x{:03}/{}", index % 1000, path);
    return path;
}

}  // namespace

std::string tile_path(int level, std::uint64_t index, std::uint64_t width) {
    auto path = level == kEntries ? "tile/entries/" + index_path(index)
                                  : fmt::format("tile/{}/{}", level, index_path(index));
    if (width < kTileWidth) path += fmt::format(".p/{}", width);
    return path;
}

std::string to_tile(std::span<const Hash> hashes) {
    std::string bytes(hashes.size_bytes(), '\0');
    if (!hashes.empty()) std::memcpy(bytes.data(), hashes.data(), hashes.size_bytes());
    return bytes;
}

Result<Hashes> parse_tile(std::string_view bytes, std::uint64_t width) {
    if (bytes.size() != width * sizeof(Hash))
        return fail(ErrorKind::corrupt, "a tile of {} hashes has {} bytes", width, bytes.size());
    Hashes hashes(width);
    std::memcpy(hashes.data(), bytes.data(), bytes.size());
    return hashes;
}

std::string to_bundle(std::span<const std::string> entries) {
    std::string bytes;
    for (const auto& e : entries) {
        bytes += static_cast<char>(e.size() >> 8 & 0xff);
        bytes += static_cast<char>(e.size() & 0xff);
        bytes += e;
    }
    return bytes;
}

Result<std::vector<std::string>> parse_bundle(std::string_view bytes, std::uint64_t width) {
    std::vector<std::string> entries;
    while (!bytes.empty()) {
        if (bytes.size() < 2)
            return fail(ErrorKind::corrupt, "a bundle of entries ends in the middle of a length");
        const std::size_t size =
            static_cast<unsigned char>(bytes[0]) << 8 | static_cast<unsigned char>(bytes[1]);
        bytes.remove_prefix(2);
        if (bytes.size() < size)
            return fail(ErrorKind::corrupt, "a bundle of entries ends in the middle of one");
        entries.emplace_back(bytes.substr(0, size));
        bytes.remove_prefix(size);
    }
    if (entries.size() != width)
        return fail(ErrorKind::corrupt, "a bundle of {} entries holds {}", width, entries.size());
    return entries;
}

Fetch fetch_from_folder(std::string folder) {
    return [folder = std::move(folder)](const std::string& path) { return read_file(folder + "/" + path); };
}

Result<std::string> TileReader::bytes(int level, std::uint64_t index, std::uint64_t width,
                                      std::uint64_t& found_width) {
    found_width = width;
    auto found = fetch_(tile_path(level, index, width));
    if (found || width == kTileWidth || found.error().kind != ErrorKind::not_found) return found;
    // The log has grown since, and needs no partial one any more.
    found_width = kTileWidth;
    auto full = fetch_(tile_path(level, index, kTileWidth));
    return full ? full : found;
}

Result<Hashes> TileReader::tile(int level, std::uint64_t index, std::uint64_t width) {
    const auto cached = cache_.find({level, index});
    if (cached != cache_.end() && cached->second.size() >= width) {
        auto hashes = cached->second;
        hashes.resize(width);
        return hashes;
    }
    std::uint64_t found_width = 0;
    const auto raw = TRY(bytes(level, index, width, found_width));
    auto hashes = TRY(parse_tile(raw, found_width));
    hashes.resize(width);
    if (cache_.size() >= kMostCached) cache_.clear();
    cache_[{level, index}] = hashes;
    return hashes;
}

Result<Hash> TileReader::subtree(int level, std::uint64_t index) {
    const int tile_level = level / kTileHeight, within = level % kTileHeight;
    const auto first = index << within, n = std::uint64_t{1} << within;
    const auto tile_index = first / kTileWidth, offset = first % kTileWidth;
    const auto all = size_ >> (kTileHeight * tile_level);
    if (first + n > all) return fail(ErrorKind::invalid, "the log has no such subtree");
    const auto width = std::min(kTileWidth, all - tile_index * kTileWidth);
    auto row = TRY(tile(tile_level, tile_index, width));
    row.erase(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(offset));
    row.resize(n);
    return subtrees_of(row)(within, 0);
}

Result<std::vector<std::string>> TileReader::bundle(std::uint64_t index) {
    if (index * kTileWidth >= size_) return fail(ErrorKind::invalid, "the log has no such entries");
    const auto width = std::min(kTileWidth, size_ - index * kTileWidth);
    std::uint64_t found_width = 0;
    const auto raw = TRY(bytes(kEntries, index, width, found_width));
    auto entries = TRY(parse_bundle(raw, found_width));
    entries.resize(width);
    return entries;
}

Result<std::string> TileReader::entry(std::uint64_t index) {
    auto entries = TRY(bundle(index / kTileWidth));
    if (index >= size_) return fail(ErrorKind::invalid, "the log has no entry {}", index);
    return std::move(entries[index % kTileWidth]);
}

}  // namespace passerby::ledger
