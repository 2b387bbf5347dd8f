// Deletes the oldest recordings: by age, by size per camera, by size of all together, and where a disk is
// about to be full.
//
// The oldest goes first; what is protected (store/protections.h) stays until its protection ends. The
// catalogue keeps one span per camera, from the first recording ever to the end of the last deleted segment;
// Store::gaps() shows it, without what is left in it, as gaps of cause `policy`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "store/store.h"

namespace passerby::store {

struct Retention {
    std::optional<Micros> age;           // what ended longer ago is deleted
    std::optional<std::uint64_t> bytes;  // of finished segments
};

struct RetentionPlan {
    std::map<std::string, Retention> cameras;
    Retention others;  // cameras that are no longer configured, but of which recordings exist
    std::optional<std::uint64_t>
        total_bytes;  // of all cameras together; the oldest segment of any camera goes first
    // What is left free on every disk: a full one would stop recording, while the oldest on it may go.
    std::optional<std::uint64_t> keep_free = {};
    // Of a disk's folder; tests say something else.
    std::function<Result<DiskSpace>(const std::filesystem::path&)> space = disk_space;
};

// Unless told otherwise: 5 % of the disk, at most 10 GiB.
std::uint64_t usually_kept_free(const DiskSpace&);

struct Swept {
    int segments = 0;
    std::uint64_t bytes = 0;
    bool more = false;  // the batch was full: call again soon
};

// Deletes at most `batch` segments and returns. Between its steps recorders get their turn, so a huge backlog
// does not stall them: call it every few seconds, at once again when there is more. `now` is the wall clock.
// An error of one file is logged and tried again by the next sweep; an error of the catalogue ends the sweep.
Result<Swept> sweep(Store&, const RetentionPlan&, WallTime now, int batch = 64);

}  // namespace passerby::store
