// The writer of a log. One entry's way, and what a crash between two steps leaves (the order of Sunlight):
//
//     1. tiles and bundles with the new entries are written and synced   nobody asks for them yet; written
//     again
//     2. the checkpoint is signed
//     3. the lock takes the new size and checkpoint, if it still has the old one   from here on it happened
//     4. the checkpoint is published                                     open() publishes it again
//     5. partial tiles that a full one has replaced are deleted          they are never asked for
//
// The lock is kept apart from the files (in the catalogue): what it holds was signed, and nothing else of
// that size will ever be. So there are never two checkpoints of one size. When the files are ahead of the
// lock, one of the two is from a backup: open() refuses.
//
// After an error of append() it is not known what the disk holds: every later append() is refused until
// open() looks. Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crypto/ed25519.h"
#include "ledger/note.h"
#include "ledger/tiles.h"

namespace passerby::ledger {

struct LogState {
    std::uint64_t size = 0;
    std::string checkpoint;  // the signed note; empty with size 0
    bool operator==(const LogState&) const = default;
};

// What may never be rolled back.
class LogLock {
  public:
    virtual ~LogLock() = default;
    virtual Result<LogState> read() = 0;
    // Durably and at once, if it still is `expected`; false when it is not.
    virtual Result<bool> replace(const LogState& expected, const LogState& next) = 0;
};

class Log {
  public:
    // `origin` names the log and its key. The key and the lock outlive the log. denied: the files are ahead
    // of the lock, or of another log: nothing is signed before a person has looked. corrupt: the files do not
    // hold what was signed.
    static Result<std::unique_ptr<Log>> open(std::filesystem::path folder, std::string origin,
                                             const crypto::SigningKey&, LogLock&);

    // Gives the index of the first. They are in the log, for ever, when this returns. At most kLongestEntry
    // bytes each, at least one entry.
    Result<std::uint64_t> append(const std::vector<std::string>& entries);

    LogState state() const;
    Verifier verifier() const;
    const std::filesystem::path& folder() const { return folder_; }

  private:
    // The right edge: of each level the hashes of the tile that is not full, and the entries of the last
    // bundle.
    struct Edge {
        std::vector<Hashes> levels;
        std::vector<std::string> entries;
    };
    Log(std::filesystem::path, std::string origin, const crypto::SigningKey&, LogLock&);
    Status load();
    Status publish(const std::string& checkpoint);
    Status make_folders(const std::filesystem::path& relative);
    Status write(const std::string& path, std::string_view content);
    Status push(Edge&, std::uint64_t index, const std::string& entry, std::vector<std::string>& replaced);

    const std::filesystem::path folder_;
    const std::string origin_;
    const crypto::SigningKey& key_;
    LogLock& lock_;
    mutable std::mutex mutex_;
    LogState state_;  // guarded by mutex_, like the rest
    Edge edge_;
    std::set<std::filesystem::path> durable_;  // folders whose names survive a power cut
    bool unsure_ = false;                      // an append() failed
};

}  // namespace passerby::ledger
