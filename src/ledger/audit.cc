#include "ledger/audit.h"

#include <algorithm>

#include "ledger/witness.h"

namespace passerby::ledger {

namespace {

class Audit {
  public:
    Audit(const Fetch& fetch, const AuditRequest& request,
          const std::function<void(std::uint64_t, const Fields&)>& entry)
        : fetch_{fetch}, request_{request}, entry_{entry} {}

    Result<Audited> run() {
        const auto text = TRY(fetch_("checkpoint"));
        expect("checkpoint");
        auto note = TRY(Note::parse(text));
        TRY_STATUS(note.verify(request_.verifier));
        auto checkpoint = TRY(Checkpoint::parse(note.text));
        if (checkpoint.origin != request_.verifier.name())
            return fail(ErrorKind::corrupt, "the checkpoint is of '{}', and the key of '{}'",
                        checkpoint.origin, request_.verifier.name());
        out_.note = std::move(note), out_.checkpoint = std::move(checkpoint);
        look_at_witnesses();
        const auto& seen = request_.seen;
        if (seen && seen->size > size())
            find(fmt::format("the log was rolled back: it had {} entries, and has {}", seen->size, size()));
        if (!out_.findings.empty() || !look_at_entries()) return std::move(out_);
        look_at_root();
        look_at_key();
        if (request_.files)
            for (const auto& file : *request_.files)
                if (!expected_.contains(file)) find(file + ": no file of this log");
        return std::move(out_);
    }

  private:
    std::uint64_t size() const { return out_.checkpoint.size; }
    void find(std::string what) { out_.findings.push_back(std::move(what)); }
    void expect(const std::string& file) { expected_.insert(file); }

    // A log may publish its key beside itself; it is nothing to trust, but it must not be another one.
    void look_at_key() {
        const auto key = fetch_("key");
        if (!key) return;
        expect("key");
        if (*key != request_.verifier.to_string() + "\n") find("key: it is not the key that signs this log");
    }

    // They sign now and then: the newest checkpoint that they signed may be older than the newest of all.
    void look_at_witnesses() {
        const auto text = fetch_(kCosigned);
        if (text) expect(kCosigned);
        auto note = text ? Note::parse(*text) : Result<Note>{out_.note};
        const auto checkpoint = note ? Checkpoint::parse(note->text) : tl::unexpected{note.error()};
        if (!checkpoint || !note->verify(request_.verifier))
            return find(std::string{kCosigned} + ": it is no checkpoint of this log");
        if (checkpoint->size > size())
            return find(fmt::format("the log was rolled back: witnesses have seen {} entries, and it has {}",
                                    checkpoint->size, size()));
        cosigned_ = *checkpoint;
        for (const auto& w : request_.witnesses) {
            const auto said = note->verify(w);
            if (said) ++out_.witnesses;
            if (!said && said.error().kind == ErrorKind::corrupt) find(said.error().message);
        }
        if (out_.witnesses < request_.quorum)
            find(fmt::format("{} of the named witnesses have cosigned, and {} must", out_.witnesses,
                             request_.quorum));
    }

    // The file must hold that; and so must what is left of its partial ones, as far as they go.
    // `prefix(width)`: what a partial one holds. Gives whether the file itself does.
    bool look_at_file(int level, std::uint64_t index, std::uint64_t width, const std::string& content,
                      const std::function<std::string(std::uint64_t)>& prefix) {
        const auto path = tile_path(level, index, width);
        expect(path);
        auto found = fetch_(path);
        if (!found && width < kTileWidth && found.error().kind == ErrorKind::not_found) {
            // The log has grown since its checkpoint was read, and the full one has replaced it.
            const auto full = fetch_(tile_path(level, index, kTileWidth));
            if (full) found = full->substr(0, content.size());
        }
        if (!found) find(path + ": " + found.error().message);
        if (found && *found != content) find(path + ": it is not what the entries make it");
        if (request_.files) {
            const auto folder = tile_path(level, index, kTileWidth) + ".p/";
            for (auto it = request_.files->lower_bound(folder);
                 it != request_.files->end() && it->starts_with(folder); ++it) {
                if (*it == path) continue;
                expect(*it);
                const auto number = it->substr(folder.size());
                std::uint64_t partial = 0;
                for (const char c : number)
                    partial = c >= '0' && c <= '9' ? partial * 10 + (c - '0') : kTileWidth;
                const auto old = fetch_(*it);
                if (number.size() > 3 || number.starts_with('0') || partial == 0 || partial >= kTileWidth ||
                    // One that is longer was written for an entry that a crash prevented.
                    (partial <= width && (!old || *old != prefix(partial))))
                    find(*it + ": it is not what the entries make it");
            }
        }
        return found && *found == content;
    }

    // A full or the last tile of that level; what it hashes to goes up.
    void close_tile(std::size_t level) {
        auto tile = std::move(levels_[level]);
        levels_[level].clear();
        look_at_file(static_cast<int>(level), tiles_[level]++, tile.size(), to_tile(tile),
                     [&](std::uint64_t width) { return to_tile(std::span{tile}.first(width)); });
        if (tile.size() == kTileWidth) add(level + 1, *subtrees_of(tile)(kTileHeight, 0));
    }

    void add(std::size_t level, const Hash& hash) {
        if (level == levels_.size()) levels_.emplace_back(), tiles_.push_back(0);
        levels_[level].push_back(hash);
        if (levels_[level].size() == kTileWidth) close_tile(level);
    }

    // The tree's root so far, from the complete subtrees that it consists of.
    void grow(Hash hash) {
        std::uint64_t n = count_++;
        for (; (n & 1) != 0; n >>= 1) {
            hash = node_hash(peaks_.back(), hash);
            peaks_.pop_back();
        }
        peaks_.push_back(hash);
    }
    Hash root_so_far() const {
        if (peaks_.empty()) return crypto::sha256({});
        auto hash = peaks_.back();
        for (auto p = std::next(peaks_.rbegin()); p != peaks_.rend(); ++p) hash = node_hash(*p, hash);
        return hash;
    }

    // False when a bundle cannot be read: nothing after it can be judged.
    bool look_at_entries() {
        TileReader reader{fetch_, size()};
        WallTime last_time{};
        for (std::uint64_t tile = 0; tile * kTileWidth < size(); ++tile) {
            const auto entries = reader.bundle(tile);
            if (!entries) {
                find(tile_path(kEntries, tile, std::min(kTileWidth, size() - tile * kTileWidth)) + ": " +
                     entries.error().message);
                return false;
            }
            look_at_file(kEntries, tile, entries->size(), to_bundle(*entries),
                         [&](std::uint64_t width) { return to_bundle(std::span{*entries}.first(width)); });
            for (const auto& text : *entries) {
                look_at_entry(text, last_time);
                const auto hash = leaf_hash(text);
                grow(hash);
                add(0, hash);
                if (request_.seen && request_.seen->size == count_ && root_so_far() != request_.seen->root)
                    find(fmt::format("the first {} entries are not those that were seen before", count_));
                if (cosigned_.size == count_ && root_so_far() != cosigned_.root)
                    find(fmt::format("the first {} entries are not those that were cosigned", count_));
            }
        }
        for (std::size_t level = 0; level < levels_.size(); ++level)
            if (!levels_[level].empty()) close_tile(level);
        return true;
    }

    void look_at_entry(const std::string& text, WallTime& last_time) {
        const auto entry = parse_entry(text);
        if (!entry) return find(fmt::format("entry {}: {}", count_, entry.error().message));
        const auto time = *wall_time_from_iso8601((*entry)["time"].get_ref<const std::string&>());
        if (time < last_time) find(fmt::format("entry {}: it is dated before the one before it", count_));
        last_time = time;
        entry_(count_, *entry);
    }

    void look_at_root() {
        if (root_so_far() != out_.checkpoint.root) find("the entries are not those that were signed");
    }

    const Fetch& fetch_;
    const AuditRequest& request_;
    const std::function<void(std::uint64_t, const Fields&)>& entry_;
    Audited out_;
    Checkpoint cosigned_;
    std::set<std::string> expected_;
    std::vector<Hashes> levels_;        // hashes of the tile that is being gathered, of each level
    std::vector<std::uint64_t> tiles_;  // index of that tile
    Hashes peaks_;
    std::uint64_t count_ = 0;
};

}  // namespace

Result<Audited> audit(const Fetch& fetch, const AuditRequest& request,
                      const std::function<void(std::uint64_t, const Fields&)>& entry) {
    return Audit{fetch, request, entry}.run();
}

}  // namespace passerby::ledger
