// Landlock: https://docs.kernel.org/userspace-api/landlock.html. The numbers of newer kernels are written
// down here, since Debian 12's headers end at the second version.
#include <cerrno>

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "camera/containment.h"

namespace passerby::camera::detail {

namespace {

constexpr std::uint64_t kTruncate = 1U << 14, kIoctl = 1U << 15;         // of files; versions 3, 5
constexpr std::uint64_t kBindTcp = 1U << 0, kConnectTcp = 1U << 1;       // version 4
constexpr std::uint64_t kAbstractSockets = 1U << 0, kSignals = 1U << 1;  // to others; version 6
constexpr std::uint64_t kAllFilesOfFirst = (1U << 13) - 1, kRefer = 1U << 13;
constexpr std::uint64_t kRead = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr int kPortRule = 2;

struct Ruleset {
    std::uint64_t files = 0, network = 0, scoped = 0;
};
struct PortRule {
    std::uint64_t allowed = 0, port = 0;
};

Ruleset all_of(int version) {
    Ruleset all{kAllFilesOfFirst};
    if (version >= 2) all.files |= kRefer;
    if (version >= 3) all.files |= kTruncate;
    if (version >= 4) all.network = kBindTcp | kConnectTcp;
    if (version >= 5) all.files |= kIoctl;
    if (version >= 6) all.scoped = kAbstractSockets | kSignals;
    return all;
}

std::size_t size_for(int version) {
    return version >= 6 ? sizeof(Ruleset) : version >= 4 ? 2 * sizeof(std::uint64_t) : sizeof(std::uint64_t);
}

Status allow_reading(int rules, const std::string& path) {
    const Fd fd{::open(path.c_str(), O_PATH | O_CLOEXEC)};
    struct stat about {};
    if (!fd || ::fstat(fd.get(), &about) != 0) return {};  // whoever needs it will say that it is not there
    landlock_path_beneath_attr rule{};
    rule.parent_fd = fd.get();
    rule.allowed_access =
        S_ISDIR(about.st_mode) ? kRead : kRead & ~std::uint64_t{LANDLOCK_ACCESS_FS_READ_DIR};
    if (::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
        return fail_errno(errno, fmt::format("cannot let the camera's process read '{}'", path));
    return {};
}

}  // namespace

Status forbid_files_and_ports(const Needs& needs, Containment& done) {
    const auto version =
        static_cast<int>(::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION));
    if (version < 1) return {};  // not built into the kernel, or switched off at its start
    Ruleset wanted = all_of(version);
    if (needs.driver) wanted.files = 0;
    if (wanted.files == 0 && wanted.network == 0) return {};
    const Fd rules{static_cast<int>(::syscall(SYS_landlock_create_ruleset, &wanted, size_for(version), 0))};
    if (!rules) return fail_errno(errno, "cannot make Landlock rules");
    if (wanted.files != 0)
        for (const auto& path : needs.read) TRY_STATUS(allow_reading(rules.get(), path));
    for (const auto& peer : needs.peers) {
        if (version < 4) break;
        const auto port = peer.port();
        const PortRule rule{kConnectTcp, port};
        if (::syscall(SYS_landlock_add_rule, rules.get(), kPortRule, &rule, 0) != 0)
            return fail_errno(errno, fmt::format("cannot let the camera's process connect to port {}", port));
    }
    if (::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0)
        return fail_errno(errno, "cannot put Landlock rules into force");
    done.files = wanted.files != 0;
    done.network = version >= 4;
    return {};
}

}  // namespace passerby::camera::detail
