#include "ledger/log.h"

#include <algorithm>

#include "base/file.h"
#include "base/log.h"

namespace passerby::ledger {

namespace fs = std::filesystem;

namespace {

constexpr const char* kCheckpoint = "checkpoint";
constexpr unsigned kPublic = 0644, kPublicFolder = 0755;

// What a crash left of a file that was being written beside its name.
void remove_torn(const fs::path& folder) {
    std::error_code ignored;
    std::vector<fs::path> torn;
    for (fs::directory_iterator it{folder, ignored}, end; it != end; it.increment(ignored))
        if (it->path().extension() == ".tmp") torn.push_back(it->path());
    for (const auto& file : torn) fs::remove(file, ignored);
}

Result<std::optional<Checkpoint>> published(const fs::path& folder, const Verifier& verifier) {
    const auto text = read_file(folder / kCheckpoint);
    if (!text && text.error().kind == ErrorKind::not_found) return std::nullopt;
    if (!text) return tl::unexpected{text.error()};
    const auto note = TRY(Note::parse(*text));
    TRY_STATUS(note.verify(verifier));
    return TRY(Checkpoint::parse(note.text));
}

}  // namespace

Log::Log(fs::path folder, std::string origin, const crypto::SigningKey& key, LogLock& lock)
    : folder_{std::move(folder)}, origin_{std::move(origin)}, key_{key}, lock_{lock} {}

Result<std::unique_ptr<Log>> Log::open(fs::path folder, std::string origin, const crypto::SigningKey& key,
                                       LogLock& lock) {
    if (!is_key_name(origin))
        return fail(ErrorKind::invalid, "'{}' cannot name a ledger; use something like cctv.example.org/site",
                    origin);
    std::error_code error;
    const auto parent = fs::absolute(folder).parent_path();
    fs::create_directories(parent, error);
    if (error) return fail_errno(error.value(), fmt::format("cannot make the folder '{}'", parent.string()));
    TRY_STATUS(make_folder_durably(folder, kPublicFolder));
    std::unique_ptr<Log> log{new Log{std::move(folder), std::move(origin), key, lock}};
    TRY_STATUS(log->load());
    return log;
}

Verifier Log::verifier() const {
    return {origin_, Verifier::Kind::note, key_.verify_key()};
}

LogState Log::state() const {
    const std::lock_guard lock{mutex_};
    return state_;
}

Status Log::load() {
    state_ = TRY(lock_.read());
    // Only where the last append() wrote: a start takes as long with a year of entries as with a day.
    remove_torn(folder_);
    for (int level = kEntries; state_.size >> (kTileHeight * std::max(level, 0)) > 0 || level <= 0; ++level) {
        const auto tile = (state_.size >> (kTileHeight * std::max(level, 0))) / kTileWidth;
        for (const auto index : {tile, tile == 0 ? tile : tile - 1}) {
            const auto file = folder_ / tile_path(level, index, kTileWidth);
            remove_torn(file.parent_path());
            remove_torn(file.string() + ".p");
        }
    }
    const auto outside = published(folder_, verifier());
    if (!outside)
        return fail(ErrorKind::denied, "the published checkpoint in '{}' is not this ledger's: {}",
                    folder_.string(), outside.error().message);
    if (*outside && (*outside)->size > state_.size)
        return fail(ErrorKind::denied,
                    "the ledger has {} entries published and only {} in the catalogue: one of the two is "
                    "from a backup",
                    (*outside)->size, state_.size);
    if (state_.size == 0) return {};

    const auto note = TRY(Note::parse(state_.checkpoint));
    TRY_STATUS(note.verify(verifier()));
    const auto checkpoint = TRY(Checkpoint::parse(note.text));
    if (checkpoint.origin != origin_)
        return fail(ErrorKind::denied, "the ledger is called '{}', and not '{}': a ledger keeps its name",
                    checkpoint.origin, origin_);
    if (*outside && (*outside)->size == state_.size && (*outside)->root != checkpoint.root)
        return fail(ErrorKind::corrupt, "two checkpoints of {} entries differ", state_.size);

    TileReader reader{fetch_from_folder(folder_.string()), state_.size};
    for (int level = 0; state_.size >> (kTileHeight * level) > 0; ++level) {
        const auto all = state_.size >> (kTileHeight * level), width = all % kTileWidth;
        edge_.levels.push_back(width == 0 ? Hashes{} : TRY(reader.tile(level, all / kTileWidth, width)));
    }
    if (state_.size % kTileWidth != 0) edge_.entries = TRY(reader.bundle(state_.size / kTileWidth));
    for (std::size_t i = 0; i < edge_.entries.size(); ++i)
        if (leaf_hash(edge_.entries[i]) != edge_.levels[0][i])
            return fail(ErrorKind::corrupt, "entry {} of the ledger in '{}' was changed",
                        state_.size - edge_.entries.size() + i, folder_.string());
    if (TRY(root(state_.size, reader.subtrees())) != checkpoint.root)
        return fail(ErrorKind::corrupt,
                    "the files of the ledger in '{}' do not hold what was signed; restore them",
                    folder_.string());
    if (!*outside || (*outside)->size < state_.size) return publish(state_.checkpoint);
    return {};
}

// Once for each, and also for those that are there: who made them may have been killed before they were
// synced.
Status Log::make_folders(const fs::path& relative) {
    auto at = folder_;
    for (const auto& part : relative) {
        at /= part;
        if (durable_.contains(at)) continue;
        TRY_STATUS(make_folder_durably(at, kPublicFolder));
        durable_.insert(at);
    }
    return {};
}

Status Log::write(const std::string& path, std::string_view content) {
    const fs::path relative{path};
    TRY_STATUS(make_folders(relative.parent_path()));
    return write_file_atomically(folder_ / relative, content, kPublic);
}

Status Log::publish(const std::string& checkpoint) {
    return write(kCheckpoint, checkpoint);
}

// Adds one leaf; tiles that it fills are written.
Status Log::push(Edge& edge, std::uint64_t index, const std::string& entry,
                 std::vector<std::string>& replaced) {
    edge.entries.push_back(entry);
    auto hash = leaf_hash(entry);
    const auto full = [&](int level, std::uint64_t tile, std::string_view content) -> Status {
        replaced.push_back(tile_path(level, tile, kTileWidth) + ".p");
        return write(tile_path(level, tile, kTileWidth), content);
    };
    if (edge.entries.size() == kTileWidth) {
        TRY_STATUS(full(kEntries, index / kTileWidth, to_bundle(edge.entries)));
        edge.entries.clear();
    }
    for (std::size_t level = 0;; ++level) {
        if (level == edge.levels.size()) edge.levels.emplace_back();
        auto& tile = edge.levels[level];
        tile.push_back(hash);
        index /= kTileWidth;
        if (tile.size() < kTileWidth) return {};
        TRY_STATUS(full(static_cast<int>(level), index, to_tile(tile)));
        hash = TRY(subtrees_of(tile)(kTileHeight, 0));
        tile.clear();
    }
}

Result<std::uint64_t> Log::append(const std::vector<std::string>& entries) {
    for (const auto& e : entries)
        if (e.empty() || e.size() > kLongestEntry)
            return fail(ErrorKind::invalid, "an entry of the ledger has 1 to {} bytes, not {}", kLongestEntry,
                        e.size());
    if (entries.empty()) return fail(ErrorKind::invalid, "there is no entry to append");
    const std::lock_guard lock{mutex_};
    if (unsure_)
        return fail(ErrorKind::unavailable,
                    "the ledger could not be written before; mend what the log says and restart");
    // Only success takes this back.
    unsure_ = true;
    auto edge = edge_;
    std::vector<std::string> replaced;
    auto size = state_.size;
    for (const auto& e : entries) TRY_STATUS(push(edge, size++, e, replaced));
    for (std::size_t level = 0; level < edge.levels.size(); ++level) {
        const auto all = size >> (kTileHeight * level);
        if (!edge.levels[level].empty() && all != state_.size >> (kTileHeight * level))
            TRY_STATUS(write(tile_path(static_cast<int>(level), all / kTileWidth, all % kTileWidth),
                             to_tile(edge.levels[level])));
    }
    if (!edge.entries.empty())
        TRY_STATUS(write(tile_path(kEntries, size / kTileWidth, size % kTileWidth), to_bundle(edge.entries)));

    // The root from the edge alone: what lies left of it is complete subtrees, whose hashes the edge holds.
    std::optional<Hash> hash;
    for (std::size_t level = 0; level < edge.levels.size(); ++level) {
        const auto& tile = edge.levels[level];
        if (tile.empty()) continue;
        for (std::size_t at = tile.size(), n = 1; at > 0; n *= 2) {
            if ((at & n) == 0) continue;
            const auto left = TRY(root(n, subtrees_of(std::span{tile}.subspan(at - n, n))));
            hash = hash ? node_hash(left, *hash) : left;
            at -= n;
        }
    }
    const LogState next{size,
                        sign_note(Checkpoint{origin_, size, *hash}.to_text(), origin_, key_).to_string()};
    if (!TRY(lock_.replace(state_, next)))
        return fail(ErrorKind::denied, "another process writes this ledger; nothing more is signed");
    const auto first = state_.size;
    state_ = next;
    edge_ = std::move(edge);
    // It happened. Publishing may be late: the next append() or open() does it.
    unsure_ = false;
    if (const auto done = publish(next.checkpoint); !done)
        log_error("the ledger's checkpoint is not published: {}", done.error().message);
    for (const auto& path : replaced) {
        std::error_code ignored;
        fs::remove_all(folder_ / path, ignored);
        durable_.erase(folder_ / path);
    }
    return first;
}

}  // namespace passerby::ledger
