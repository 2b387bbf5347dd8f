#include "power_cuts/disk_trace.h"

#include <fcntl.h>

namespace passerby::power_cuts {

namespace fs = std::filesystem;

namespace {

DiskTrace* the_trace = nullptr;

}  // namespace

DiskTrace* DiskTrace::watching() {
    return the_trace;
}

DiskTrace::DiskTrace(fs::path folder, Disk disk, std::vector<Change> changes)
    : folder_{std::move(folder)}, before_{std::move(disk)}, changes_{std::move(changes)}, now_{before_} {
    for (const auto& change : changes_) now_.apply(change);
    next_ = now_.nodes.rbegin()->first + 1;
    the_trace = this;
}

DiskTrace::~DiskTrace() {
    the_trace = nullptr;
}

std::optional<DiskTrace::Place> DiskTrace::place_of(int from, const char* path) const {
    const fs::path whole{path};
    auto folder = kRoot;
    fs::path relative;
    if (whole.is_absolute()) {
        relative = whole.lexically_normal().lexically_relative(folder_);
        if (relative.empty() || *relative.begin() == "..") return std::nullopt;
    } else {
        const auto open = open_file(from);
        if (from == AT_FDCWD || !open) return std::nullopt;
        folder = *open;
        relative = whole.lexically_normal();
    }
    Place place{folder, ""};
    for (const auto& part : relative) {
        if (part.empty() || part == ".") continue;
        if (!place.name.empty()) {
            const auto next = at(place);
            if (!next) return std::nullopt;
            place.folder = *next;
        }
        place.name = part.string();
    }
    return place;
}

std::optional<Inode> DiskTrace::at(const Place& place) const {
    if (place.name.empty()) return place.folder;
    const auto& entries = now_.nodes.at(place.folder).entries;
    const auto found = entries.find(place.name);
    return found == entries.end() ? std::nullopt : std::optional{found->second};
}

std::optional<Inode> DiskTrace::open_file(int fd) const {
    const auto found = open_.find(fd);
    return found == open_.end() ? std::nullopt : std::optional{found->second.inode};
}

void DiskTrace::opened(int fd, const Place& place, int flags) {
    if (!at(place)) made(place, false);
    const auto inode = *at(place);
    if ((flags & O_TRUNC) != 0 && !now_.nodes.at(inode).bytes.empty())
        note({.kind = Change::Kind::length, .inode = inode});
    open_[fd] = {inode, place.name};
}

void DiskTrace::made(const Place& place, bool folder) {
    note({.kind = Change::Kind::entries, .inode = place.folder, .entries = {{place.name, next_++, folder}}});
}

void DiskTrace::note(Change change) {
    now_.apply(change);
    changes_.push_back(std::move(change));
}

}  // namespace passerby::power_cuts
