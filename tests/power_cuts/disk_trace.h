// Writes down what this process does to the files below one folder, by standing in for the C library's calls
// (disk_calls.cc): what the store does and what SQLite does is seen alike. The calls are made as well, but
// for the syncing, which is only noted.
//
// One thread.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "power_cuts/disk.h"

namespace passerby::power_cuts {

class DiskTrace {
  public:
    // `folder` holds what is on `disk` after `changes`, which are carried on: a process that went down
    // without the machine leaves them unsynced.
    DiskTrace(std::filesystem::path folder, Disk disk, std::vector<Change> changes = {});
    ~DiskTrace();
    DiskTrace(const DiskTrace&) = delete;
    DiskTrace& operator=(const DiskTrace&) = delete;

    std::size_t position() const { return changes_.size(); }
    // With everything that happened.
    const Disk& now() const { return now_; }

    // What was there, and what was changed.
    std::pair<Disk, std::vector<Change>> written() && { return {std::move(before_), std::move(changes_)}; }

    // For the calls.
    struct Place {
        Inode folder;
        std::string name;  // empty: the folder itself, which is the root
    };
    static DiskTrace* watching();
    // Where a path leads, when that is below the folder and all but its last name exists.
    std::optional<Place> place_of(int from, const char* path) const;
    std::optional<Inode> at(const Place&) const;
    std::optional<Inode> open_file(int fd) const;
    std::string name_of(int fd) const { return open_.at(fd).name; }
    void opened(int fd, const Place&, int flags);
    void closed(int fd) { open_.erase(fd); }
    void made(const Place&, bool folder);
    void note(Change);

  private:
    struct Open {
        Inode inode;
        std::string name;
    };
    const std::filesystem::path folder_;
    Disk before_;
    std::vector<Change> changes_;
    Disk now_;
    Inode next_;
    std::map<int, Open> open_;
};

}  // namespace passerby::power_cuts
