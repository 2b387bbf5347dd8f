// A folder that only this user can look into, and that is gone with its content when the owner is.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace passerby {

class TemporaryFolder {
  public:
    // Where TMPDIR says, otherwise in /tmp.
    static Result<TemporaryFolder> create();
    TemporaryFolder(TemporaryFolder&&) noexcept;
    ~TemporaryFolder();

    std::string file(const std::string& name) const { return (path_ / name).string(); }

  private:
    explicit TemporaryFolder(std::filesystem::path path) : path_{std::move(path)} {}
    std::filesystem::path path_;
};

}  // namespace passerby
