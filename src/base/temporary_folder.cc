#include "base/temporary_folder.h"

#include <cerrno>
#include <cstdlib>
#include <utility>

namespace passerby {

namespace fs = std::filesystem;

Result<TemporaryFolder> TemporaryFolder::create() {
    std::error_code error;
    const auto parent = fs::temp_directory_path(error);
    if (error)
        return fail(ErrorKind::not_found, "there is no folder for temporary files ({}); set TMPDIR to one",
                    error.message());
    auto name = (parent / "passerby-XXXXXX").string();
    if (!::mkdtemp(name.data()))
        return fail_errno(
            errno, fmt::format("cannot make a folder in '{}'; set TMPDIR to another", parent.string()));
    return TemporaryFolder{std::move(name)};
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept : path_{std::exchange(other.path_, {})} {}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
}

}  // namespace passerby
