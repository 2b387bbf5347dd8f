// The disks that recordings are on: `recordings/` in the data folder, and the folders of other disks that the
// config names. Each camera records to one of them; what it recorded before stays where it is.
//
// A disk may be a mount point. A small file on it holds a mark that the catalogue knows, so that neither an
// empty mount point nor another disk in its place is taken for it: nothing is written there, nothing on it
// counts as lost, and when it is back all goes on. Internal to this module, but for DiskPlan and DiskSpace.
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/segment.h"

namespace passerby::store {

class Catalogue;

// What the config wants.
struct DiskPlan {
    std::map<std::string, std::filesystem::path> folders;  // of the other disks, by name; absolute
    std::map<std::string, std::string> of_camera;  // the name of a camera's disk; kOwnDisk for the others
};

struct DiskSpace {
    std::uint64_t free = 0, total = 0;  // bytes; free for this process
};
Result<DiskSpace> disk_space(const std::filesystem::path& folder);

// Whether what is at `folder` is the disk with this mark.
class DiskMark {
  public:
    static constexpr const char* kName = ".passerby-disk";

    DiskMark(std::filesystem::path folder, std::string mark)
        : folder_{std::move(folder)}, mark_{std::move(mark)} {}
    // unavailable: another disk, or none. A disk that vanished and came back is there again.
    Status is_there() const;

    // Of the disk at `folder`; empty when it has none.
    static Result<std::string> read(const std::filesystem::path& folder);

  private:
    Status look() const;

    const std::filesystem::path folder_;
    const std::string mark_;
    mutable std::mutex mutex_;
    mutable std::pair<std::uint64_t, std::uint64_t>
        seen_{};  // device and inode that were looked at; guarded by mutex_
};

class Disks {
  public:
    struct Disk {
        DiskId id = kOwnDisk;
        std::string name;  // empty: kOwnDisk
        std::filesystem::path folder;
    };

    // Marks disks that are new. An error: the data folder's own is not the one that it was, a new disk is not
    // to be reached, or belongs to another recorder. Another disk that is not there now may come back.
    static Result<std::unique_ptr<Disks>> open(Catalogue&, std::filesystem::path recordings, const DiskPlan&);

    // The disk's folder, when it is there. unavailable: it is not.
    Result<std::filesystem::path> folder(DiskId) const;
    // Where a camera records from now on.
    DiskId of(const std::string& camera) const;
    // All that are known, those that the config no longer names too. By id.
    const std::vector<Disk>& all() const { return disks_; }

  private:
    Disks() = default;
    // Constant after open().
    std::vector<Disk> disks_;
    std::map<DiskId, std::unique_ptr<DiskMark>> marks_;
    std::map<std::string, DiskId> of_camera_;
};

}  // namespace passerby::store
