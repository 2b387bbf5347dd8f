// Files and descriptors, with errors as values.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace passerby {

// Owns a file descriptor; closes it.
class Fd {
  public:
    Fd() = default;
    explicit Fd(int fd) : fd_{fd} {}
    Fd(Fd&& other) noexcept : fd_{other.release()} {}
    Fd& operator=(Fd&& other) noexcept;
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    ~Fd() { reset(); }

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    int release() { return std::exchange(fd_, -1); }
    void reset();

  private:
    int fd_ = -1;
};

Result<Fd> open_file(const std::filesystem::path&, int flags, unsigned mode = 0640);
// All of `bytes`, through short writes and EINTR.
Status write_all(int fd, std::span<const std::byte> bytes);
Result<std::string> read_file(const std::filesystem::path&);
// Write beside, sync, rename, sync the folder: after a crash there is the old file or the new one, whole.
Status write_file_atomically(const std::filesystem::path&, std::string_view content, unsigned mode = 0640);
// Makes renames and new names in `folder` survive a power cut.
Status sync_folder(const std::filesystem::path& folder);
// Makes the folder where it is not there, and its name survive a power cut either way: who made it may have
// been killed before it was sure, or may be about to make it so. Its parent is there.
Status make_folder_durably(const std::filesystem::path&, unsigned mode);

// Folder with the program's models/ and web/: beside the executable in share/, or where it is installed.
Result<std::filesystem::path> resource(std::string_view name);

}  // namespace passerby
