#include "camera/containment.h"

#include <cerrno>
#include <cstdlib>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace passerby::camera {

namespace {

// A camera of 8K pixels takes some 3 GB of addresses; a decoder that is led to ask for all there is shall
// fail here.
constexpr rlim_t kAddresses = rlim_t{8} << 30;
constexpr rlim_t kDescriptors = 256;

// For TLS, and for ONNX Runtime, which asks how many processors there are.
constexpr const char* kAlwaysRead[] = {"/sys/devices/system/cpu",
                                       "/proc/cpuinfo",
                                       "/proc/meminfo",
                                       "/etc/ssl",
                                       "/usr/share/ca-certificates",
                                       "/usr/local/share/ca-certificates"};

Status limit(int what, rlim_t most) {
    rlimit now{};
    ::getrlimit(static_cast<__rlimit_resource_t>(what), &now);
    const rlimit wanted{std::min(most, now.rlim_max), std::min(most, now.rlim_max)};
    if (::setrlimit(static_cast<__rlimit_resource_t>(what), &wanted) != 0)
        return fail_errno(errno, "cannot limit what the camera's process may take");
    return {};
}

void add(std::string& missing, const char* what) {
    missing += (missing.empty() ? "" : "; ") + std::string{what};
}

Status limit_resources([[maybe_unused]] Containment& done) {
    TRY_STATUS(limit(RLIMIT_NOFILE, kDescriptors));
    TRY_STATUS(limit(RLIMIT_FSIZE, 0));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    TRY_STATUS(limit(RLIMIT_AS, kAddresses));
    // Only with a limit that cannot be hit: a later allocation must not fail for it.
    rlimit locked{};
    ::getrlimit(RLIMIT_MEMLOCK, &locked);
    done.memory_locked =
        locked.rlim_cur == RLIM_INFINITY && ::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
#endif
    return {};
}

}  // namespace

Result<Containment> contain(const Needs& needs) {
    Containment done;
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail_errno(errno, "cannot give up new privileges");
    if (!needs.driver) TRY_STATUS(limit_resources(done));
    if (!done.memory_locked)
        add(done.missing, "memory may be swapped out (RLIMIT_MEMLOCK; with systemd, LimitMEMLOCK=infinity)");
    PeerTable table;
    if (!needs.peers.empty()) table = TRY(reach_only(needs.peers, needs.receive_udp));
    TRY_STATUS(detail::forbid_files_and_ports(needs, done));
    if (!done.network) add(done.missing, "ports are not closed off (Landlock before Linux 6.7)");
    if (needs.driver) {
        add(done.missing,
            "files and system calls stay open, as the driver that the models run on needs them");
        return done;
    }
    if (!done.files) add(done.missing, "files are not closed off (no Landlock in this kernel)");
    TRY_STATUS(detail::forbid_system_calls(needs, table, done));
    if (!done.system_calls) add(done.missing, "system calls are not filtered (no seccomp)");
    return done;
}

Result<Needs> needs_of(const std::string& url, const CameraRule& rule, bool udp,
                       const std::string& models_folder, const std::vector<std::string>& model_files,
                       const std::string& provider) {
    Needs needs;
    needs.driver = provider != "cpu" && provider != "xnnpack";
    needs.read.assign(std::begin(kAlwaysRead), std::end(kAlwaysRead));
    needs.read.push_back(models_folder);
    needs.read.insert(needs.read.end(), model_files.begin(), model_files.end());
    if (url.starts_with("file:") || url.find("://") == std::string::npos) {
        if (!rule.owners) return fail(ErrorKind::denied, "only the config file may name a file as a camera");
        needs.read.push_back(url.starts_with("file:") ? url.substr(5) : url);
        return needs;
    }
    needs.peers = TRY(camera_peers(url, rule));
    needs.receive_udp = udp;
    return needs;
}

}  // namespace passerby::camera
