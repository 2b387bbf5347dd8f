#include "store/file_sink.h"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"

namespace passerby::store {

namespace {

class DiskFile final : public FileSink {
  public:
    DiskFile(Fd fd, std::string path) : fd_{std::move(fd)}, path_{std::move(path)} {}

    Status append(std::span<const std::byte> bytes) override {
        auto written = write_all(fd_.get(), bytes);
        if (!written) return fail(written.error().kind, "{} '{}'", written.error().message, path_);
        return {};
    }

    Status sync() override {
        // The length is part of the data that fdatasync() keeps.
        if (::fdatasync(fd_.get()) != 0) return fail_errno(errno, fmt::format("cannot sync '{}'", path_));
        return {};
    }

    Status truncate(std::uint64_t bytes) override {
        const auto length = static_cast<off_t>(bytes);
        if (::ftruncate(fd_.get(), length) != 0 || ::lseek(fd_.get(), length, SEEK_SET) < 0)
            return fail_errno(errno, fmt::format("cannot shorten '{}'", path_));
        return {};
    }

  private:
    Fd fd_;
    std::string path_;
};

}  // namespace

Result<std::unique_ptr<FileSink>> create_file_sink(const std::filesystem::path& path) {
    auto fd = TRY(open_file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0640));
    return std::make_unique<DiskFile>(std::move(fd), path.string());
}

}  // namespace passerby::store
