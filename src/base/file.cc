#include "base/file.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace passerby {

namespace fs = std::filesystem;

Fd& Fd::operator=(Fd&& other) noexcept {
    if (this != &other) {
        reset();
        fd_ = other.release();
    }
    return *this;
}

void Fd::reset() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Result<Fd> open_file(const fs::path& path, int flags, unsigned mode) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    if (fd < 0) return fail_errno(errno, fmt::format("cannot open '{}'", path.string()));
    return Fd{fd};
}

Status write_all(int fd, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const auto n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_errno(errno, "cannot write");
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return {};
}

Result<std::string> read_file(const fs::path& path) {
    auto fd = TRY(open_file(path, O_RDONLY));
    std::string content;
    char buffer[1 << 16];
    for (;;) {
        const auto n = ::read(fd.get(), buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_errno(errno, fmt::format("cannot read '{}'", path.string()));
        if (n == 0) return content;
        content.append(buffer, static_cast<std::size_t>(n));
    }
}

Status sync_folder(const fs::path& folder) {
    auto fd = TRY(open_file(folder.empty() ? fs::path{"."} : folder, O_RDONLY | O_DIRECTORY));
    if (::fsync(fd.get()) != 0)
        return fail_errno(errno, fmt::format("cannot sync folder '{}'", folder.string()));
    return {};
}

Status make_folder_durably(const fs::path& folder, unsigned mode) {
    const bool made = ::mkdir(folder.c_str(), mode) == 0;
    std::error_code ignored;
    const int error = made ? 0 : errno;
    if (!made && (error != EEXIST || !fs::is_directory(folder, ignored)))
        return fail_errno(error, fmt::format("cannot make the folder '{}'", folder.string()));
    auto synced = sync_folder((folder.has_filename() ? folder : folder.parent_path()).parent_path());
    // Who may not even look into the parent did not make it, but found what somebody set up.
    if (!made && !synced && synced.error().kind == ErrorKind::denied) return {};
    return synced;
}

Status write_file_atomically(const fs::path& path, std::string_view content, unsigned mode) {
    const fs::path beside = path.string() + ".tmp";
    auto written = [&]() -> Status {
        auto fd = TRY(open_file(beside, O_WRONLY | O_CREAT | O_TRUNC, mode));
        TRY_STATUS(write_all(fd.get(), std::as_bytes(std::span{content})));
        if (::fsync(fd.get()) != 0)
            return fail_errno(errno, fmt::format("cannot sync '{}'", beside.string()));
        if (::rename(beside.c_str(), path.c_str()) != 0)
            return fail_errno(errno, fmt::format("cannot rename '{}'", beside.string()));
        return {};
    }();
    if (!written) {
        ::unlink(beside.c_str());
        return written;
    }
    return sync_folder(path.parent_path());
}

Result<fs::path> resource(std::string_view name) {
    std::error_code ignored;
    const auto beside = fs::read_symlink("/proc/self/exe", ignored).parent_path() / "share" / name;
    if (fs::exists(beside, ignored)) return beside;
    const auto installed = fs::path{"/usr/share/passerby"} / name;
    if (fs::exists(installed, ignored)) return installed;
    return fail(ErrorKind::not_found, "'{}' is missing: looked in '{}' and '{}'; './run build' makes it",
                name, beside.string(), installed.string());
}

}  // namespace passerby
