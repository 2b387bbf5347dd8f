// The C library's calls that change files, as this program and the libraries it loads get them: done as ever,
// and noted by the DiskTrace that watches. DiskTrace's user compares the folder with what was noted, so that
// a call that is missing here does not go unseen.
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "power_cuts/disk_trace.h"

namespace {

using passerby::power_cuts::Change;
using passerby::power_cuts::DiskTrace;
using passerby::power_cuts::Inode;

constexpr std::uint64_t kInodesFrom = 1000;  // as statx() shows them

[[noreturn]] void unknown(const char* what) {
    std::fprintf(stderr, "%s: nothing is known of what is lost of that\n", what);
    std::abort();
}

std::optional<Inode> watched(int fd) {
    const auto* trace = DiskTrace::watching();
    return trace ? trace->open_file(fd) : std::nullopt;
}

std::optional<DiskTrace::Place> watched(int from, const char* path) {
    const auto* trace = DiskTrace::watching();
    return trace ? trace->place_of(from, path) : std::nullopt;
}

int open_at(int from, const char* path, int flags, unsigned mode) {
    const auto place = watched(from, path);
    const auto fd = static_cast<int>(::syscall(SYS_openat, from, path, flags, mode));
    if (fd < 0 || DiskTrace::watching() == nullptr) return fd;
    DiskTrace::watching()->closed(fd);  // by a call that is not seen here
    if (place) DiskTrace::watching()->opened(fd, *place, flags);
    return fd;
}

ssize_t written(int fd, off_t at, const void* bytes, ssize_t n) {
    if (const auto inode = watched(fd); inode && n > 0)
        DiskTrace::watching()->note({.kind = Change::Kind::data,
                                     .inode = *inode,
                                     .at = static_cast<std::uint64_t>(at),
                                     .bytes{static_cast<const char*>(bytes), static_cast<std::size_t>(n)}});
    return n;
}

int synced(int fd, long call) {
    const auto inode = watched(fd);
    if (!inode) return static_cast<int>(::syscall(call, fd));
    DiskTrace::watching()->note({.kind = Change::Kind::synced, .inode = *inode});
    return 0;
}

int truncate_open(int fd, off_t length) {
    const auto done = static_cast<int>(::syscall(SYS_ftruncate, fd, length));
    if (const auto inode = watched(fd); inode && done == 0)
        DiskTrace::watching()->note(
            {.kind = Change::Kind::length, .inode = *inode, .at = static_cast<std::uint64_t>(length)});
    return done;
}

int remove_at(int from, const char* path, int flags) {
    const auto place = watched(from, path);
    const auto done = static_cast<int>(::syscall(SYS_unlinkat, from, path, flags));
    if (place && done == 0)
        DiskTrace::watching()->note(
            {.kind = Change::Kind::entries, .inode = place->folder, .entries = {{place->name, {}}}});
    return done;
}

void* map(void* where, std::size_t length, int protection, int flags, int fd, off_t at) {
    const bool writes = (protection & PROT_WRITE) != 0 && (flags & MAP_SHARED) != 0;
    // SQLite's index of its write-ahead log: made anew by whoever opens the catalogue first.
    if (writes && watched(fd) && !DiskTrace::watching()->name_of(fd).ends_with("-shm"))
        unknown("a file is written through memory");
    return reinterpret_cast<void*>(::syscall(SYS_mmap, where, length, protection, flags, fd, at));
}

}  // namespace

extern "C" {

#define PASSERBY_MODE_OF(flags)                                       \
    unsigned mode = 0;                                                \
    if (((flags)&O_CREAT) != 0 || ((flags)&O_TMPFILE) == O_TMPFILE) { \
        va_list more;                                                 \
        va_start(more, flags);                                        \
        mode = va_arg(more, unsigned);                                \
        va_end(more);                                                 \
    }

int open(const char* path, int flags, ...) {
    PASSERBY_MODE_OF(flags)
    return open_at(AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
    PASSERBY_MODE_OF(flags)
    return open_at(AT_FDCWD, path, flags, mode);
}
int openat(int from, const char* path, int flags, ...) {
    PASSERBY_MODE_OF(flags)
    return open_at(from, path, flags, mode);
}
int openat64(int from, const char* path, int flags, ...) {
    PASSERBY_MODE_OF(flags)
    return open_at(from, path, flags, mode);
}
#undef PASSERBY_MODE_OF

int close(int fd) {
    if (auto* trace = DiskTrace::watching()) trace->closed(fd);
    return static_cast<int>(::syscall(SYS_close, fd));
}

ssize_t write(int fd, const void* bytes, std::size_t n) {
    const auto at = watched(fd) ? ::lseek(fd, 0, SEEK_CUR) : 0;
    return written(fd, at, bytes, ::syscall(SYS_write, fd, bytes, n));
}
ssize_t pwrite(int fd, const void* bytes, std::size_t n, off_t at) {
    return written(fd, at, bytes, ::syscall(SYS_pwrite64, fd, bytes, n, at));
}
ssize_t pwrite64(int fd, const void* bytes, std::size_t n, off64_t at) {
    return pwrite(fd, bytes, n, at);
}

int ftruncate(int fd, off_t length) noexcept {
    return truncate_open(fd, length);
}
int ftruncate64(int fd, off64_t length) noexcept {
    return truncate_open(fd, length);
}

int fsync(int fd) {
    return synced(fd, SYS_fsync);
}
int fdatasync(int fd) {
    return synced(fd, SYS_fdatasync);
}

int rename(const char* from, const char* to) noexcept {
    const auto before = watched(AT_FDCWD, from), after = watched(AT_FDCWD, to);
    const auto inode = before ? DiskTrace::watching()->at(*before) : std::nullopt;
    const auto done = static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
    if (done != 0 || (!before && !after)) return done;
    if (!before || !after || before->folder != after->folder) unknown("a rename from one folder to another");
    DiskTrace::watching()->note({.kind = Change::Kind::entries,
                                 .inode = before->folder,
                                 .entries = {{before->name, {}}, {after->name, inode}}});
    return done;
}

int unlink(const char* path) noexcept {
    return remove_at(AT_FDCWD, path, 0);
}
int unlinkat(int from, const char* path, int flags) noexcept {
    return remove_at(from, path, flags);
}
int rmdir(const char* path) noexcept {
    return remove_at(AT_FDCWD, path, AT_REMOVEDIR);
}
int remove(const char* path) noexcept {
    const auto done = remove_at(AT_FDCWD, path, 0);
    return done == 0 || (errno != EISDIR && errno != EPERM) ? done : remove_at(AT_FDCWD, path, AT_REMOVEDIR);
}

int mkdir(const char* path, mode_t mode) noexcept {
    const auto place = watched(AT_FDCWD, path);
    const auto done = static_cast<int>(::syscall(SYS_mkdirat, AT_FDCWD, path, mode));
    if (place && done == 0) DiskTrace::watching()->made(*place, true);
    return done;
}

void* mmap(void* where, std::size_t length, int protection, int flags, int fd, off_t at) noexcept {
    return map(where, length, protection, flags, fd, at);
}
void* mmap64(void* where, std::size_t length, int protection, int flags, int fd, off64_t at) noexcept {
    return map(where, length, protection, flags, fd, at);
}

// A file that is written to another folder as it was stays the same file: the ledger looks at that.
int statx(int from, const char* path, int flags, unsigned mask, struct statx* about) noexcept {
    const auto done = static_cast<int>(::syscall(SYS_statx, from, path, flags, mask, about));
    const auto place = watched(from, path);
    const auto inode = place ? DiskTrace::watching()->at(*place) : std::nullopt;
    if (done == 0 && inode) {
        about->stx_ino = kInodesFrom + static_cast<std::uint64_t>(*inode);
        about->stx_mask |= STATX_BTIME;
        about->stx_btime = {};
    }
    return done;
}

}  // extern "C"
