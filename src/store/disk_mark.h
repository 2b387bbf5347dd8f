// Tells the disk with the recordings from another that is mounted in its place: a small file on it holds a
// number that the catalogue knows. Without it an empty mount point would be filled, and recordings on the
// right disk would count as lost. Internal to this module.
//
// Thread-safe.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"

namespace passerby::store {

class Catalogue;

class DiskMark {
  public:
    static constexpr const char* kName = ".passerby-disk";

    // Marks a disk that holds nothing of ours yet. unavailable: the catalogue lists recordings, and this disk
    // is not the one they are on.
    static Result<std::unique_ptr<DiskMark>> recognise(Catalogue&, const std::filesystem::path& recordings);
    // Whether it still is that disk: one that vanished and came back is.
    Status is_there() const;

  private:
    DiskMark(std::filesystem::path recordings, std::string id)
        : recordings_{std::move(recordings)}, id_{std::move(id)} {}
    Status look() const;

    const std::filesystem::path recordings_;
    const std::string id_;
    mutable std::mutex mutex_;
    mutable std::pair<std::uint64_t, std::uint64_t>
        seen_{};  // device and inode that were looked at; guarded by mutex_
};

}  // namespace passerby::store
