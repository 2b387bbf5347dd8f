#include "app/private_file.h"

#include <fcntl.h>

#include "base/file.h"

namespace passerby::app {

Status write_private_file(const std::filesystem::path& file, const std::string& content) {
    const auto fd = TRY(open_file(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
    return write_all(fd.get(), std::as_bytes(std::span{content}));
}

}  // namespace passerby::app
