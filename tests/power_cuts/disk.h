// A file system of which only what was synced is sure to survive a power cut.
//
// What is promised to a program is little, and no more than that is modelled: fsync() and fdatasync() of a
// file keep its bytes and its length, fsync() of a folder keeps the names in it, a rename in one folder
// happens or does not, and a sector of 512 bytes has its old content or a newer one. Anything else that was
// not synced may be lost or kept, each by itself and in any order: sectors of one write, the length without
// the bytes (zeros then), a name without the file's bytes, a file's bytes without its name, one name without
// another.
//
// Values; no threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace passerby::power_cuts {

using Inode = int;
constexpr Inode kRoot = 0;

struct Entry {
    std::string name;
    std::optional<Inode> inode;  // none: the name goes
    bool folder = false;
};

// What a program changed, in the order of its calls.
struct Change {
    enum class Kind {
        data,     // `bytes` at `at`
        length,   // of the file, from now on `at`
        entries,  // of the folder, all at once: more than one for a rename
        synced,
    };
    Kind kind;
    Inode inode;  // of the file, or of the folder
    std::uint64_t at = 0;
    std::string bytes{};
    std::vector<Entry> entries{};
};
std::string describe(const Change&);

struct Node {
    bool folder = false;
    std::string bytes{};                     // of a file
    std::map<std::string, Inode> entries{};  // of a folder
};

struct Disk {
    std::map<Inode, Node> nodes{{kRoot, Node{.folder = true}}};  // also those that no name leads to

    void apply(const Change&);
    // `path`, relative; none: there is nothing.
    std::optional<Inode> find(const std::filesystem::path& path) const;
    // Makes `folder` anew, with all that is on the disk. Throws.
    void write_to(const std::filesystem::path& folder) const;
    // Where `folder` has something else than the disk; empty: nowhere. What SQLite maps (-shm) is left out.
    std::string difference(const std::filesystem::path& folder) const;
};

// What a power cut does to what was not synced. Every choice is taken from `random`.
class Cut {
  public:
    explicit Cut(std::mt19937_64& random);
    // Everything is kept: as after the end of the process alone.
    static Cut nothing_lost(std::mt19937_64&);
    const char* name() const;

    // Which sectors of one write reached the disk.
    enum class Fate { kept, lost, first_part, any_part };
    Fate of_write();
    bool keeps_length() { return chance(keep_data_); }
    bool keeps_entries() { return chance(keep_entries_); }
    bool chance(double of_one) { return std::uniform_real_distribution<>{0, 1}(random_) < of_one; }
    std::size_t below(std::size_t n) { return random_() % n; }

  private:
    Cut(std::mt19937_64& random, double data, double entries, double torn)
        : random_{random}, keep_data_{data}, keep_entries_{entries}, torn_{torn} {}
    std::mt19937_64& random_;
    double keep_data_ = 1, keep_entries_ = 1, torn_ = 0;
};

// What is on the disk after a cut behind these changes. All of it is synced: the machine has started anew.
Disk survivors(const Disk& before, std::span<const Change> changes, Cut&);

}  // namespace passerby::power_cuts
