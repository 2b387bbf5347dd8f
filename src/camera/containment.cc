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

// For getaddrinfo(), and for ONNX Runtime, which asks how many processors there are.
constexpr const char* kAlwaysRead[] = {
    "/etc/hosts",    "/etc/resolv.conf", "/etc/nsswitch.conf",         "/etc/host.conf",
    "/etc/gai.conf", "/etc/services",    "/sys/devices/system/cpu",    "/proc/cpuinfo",
    "/proc/meminfo", "/etc/ssl",         "/usr/share/ca-certificates", "/usr/local/share/ca-certificates"};
constexpr std::uint16_t kDomain = 53;  // names that do not fit into UDP

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

std::uint16_t port_of(const std::string& url, std::size_t scheme_end) {
    const auto scheme = url.substr(0, scheme_end);
    const auto authority =
        url.substr(scheme_end + 3, url.find_first_of("/?#", scheme_end + 3) - scheme_end - 3);
    const auto colon = authority.rfind(':');
    if (colon != std::string::npos && authority.find(']', colon) == std::string::npos) {
        const int port = std::atoi(authority.c_str() + colon + 1);
        return port > 0 && port < 65536 ? static_cast<std::uint16_t>(port) : std::uint16_t{0};
    }
    if (scheme == "rtsp") return 554;
    if (scheme == "rtsps") return 322;
    return scheme == "https" ? 443 : 80;
}

}  // namespace

Result<Containment> contain(const Needs& needs) {
    Containment done;
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail_errno(errno, "cannot give up new privileges");
    if (!needs.driver) TRY_STATUS(limit_resources(done));
    if (!done.memory_locked)
        add(done.missing, "memory may be swapped out (RLIMIT_MEMLOCK; with systemd, LimitMEMLOCK=infinity)");
    TRY_STATUS(detail::forbid_files_and_ports(needs, done));
    if (!done.network) add(done.missing, "ports are not closed off (Landlock before Linux 6.7)");
    if (needs.driver) {
        add(done.missing,
            "files and system calls stay open, as the driver that the models run on needs them");
        return done;
    }
    if (!done.files) add(done.missing, "files are not closed off (no Landlock in this kernel)");
    TRY_STATUS(detail::forbid_system_calls(needs, done));
    if (!done.system_calls) add(done.missing, "system calls are not filtered (no seccomp)");
    return done;
}

Needs needs_of(const std::string& url, bool udp, const std::string& models_folder,
               const std::vector<std::string>& model_files, const std::string& provider) {
    Needs needs;
    needs.driver = provider != "cpu" && provider != "xnnpack";
    needs.read.assign(std::begin(kAlwaysRead), std::end(kAlwaysRead));
    needs.read.push_back(models_folder);
    needs.read.insert(needs.read.end(), model_files.begin(), model_files.end());
    const auto scheme_end = url.find("://");
    if (url.starts_with("file:") || scheme_end == std::string::npos) {
        needs.read.push_back(url.starts_with("file:") ? url.substr(5) : url);
        return needs;
    }
    needs.connect_ports = {port_of(url, scheme_end), kDomain};
    needs.receive_udp = udp;
    return needs;
}

}  // namespace passerby::camera
