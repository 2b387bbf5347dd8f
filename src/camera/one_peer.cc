#include "camera/one_peer.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstring>
#include <span>

#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace passerby::camera {

namespace {

// Far from all else, so that seccomp can tell the calls that would move or change it by their address.
// Sanitizers have memory of their own there, and no filter.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uintptr_t kWhere = 0;
constexpr int kFixed = 0;
#else
constexpr std::uintptr_t kWhere = std::uintptr_t{1} << 40;
constexpr int kFixed = MAP_FIXED_NOREPLACE;
#endif
constexpr std::size_t kPorts = 65536;

// The whole process's; constant after `armed`.
struct {
    std::vector<Peer> peers;
    bool every_port = false;
    PeerTable table;
    std::atomic<bool> armed = false;
} only;

void set_port(sockaddr_storage& address, std::uint16_t port) {
    port = htons(port);
    std::memcpy(reinterpret_cast<char*>(&address) + offsetof(sockaddr_in, sin_port), &port, sizeof port);
}

// The same address in the table; null: it is another's.
const sockaddr* ours(const sockaddr* wanted, socklen_t size) {
    if (wanted == nullptr || size > sizeof(sockaddr_storage)) return nullptr;
    Peer asked{.address = {}, .size = size};
    std::memcpy(&asked.address, wanted, size);
    for (std::size_t i = 0; i < only.peers.size(); ++i) {
        auto peer = only.peers[i];
        if (only.every_port) set_port(peer.address, asked.port());
        if (size < peer.size || std::memcmp(&asked.address, &peer.address, peer.size) != 0) continue;
        const auto entry = only.every_port ? i * kPorts + asked.port() : i;
        return reinterpret_cast<const sockaddr*>(only.table.at + entry * PeerTable::kStride);
    }
    return nullptr;
}

int libcs(const char* name, const char* service, const addrinfo* hints, addrinfo** found) {
    static const auto real = reinterpret_cast<decltype(&::getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    return real(name, service, hints, found);
}

}  // namespace

Result<PeerTable> reach_only(const std::vector<Peer>& peers, bool every_port) {
    const auto of_each = every_port ? kPorts : 1;
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    PeerTable table;
    table.size = std::max(page, std::bit_ceil(peers.size() * of_each * PeerTable::kStride));
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    void* memory = ::mmap(reinterpret_cast<void*>(kWhere), table.size, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | kFixed, -1, 0);
    if (memory == MAP_FAILED) return fail_errno(errno, "cannot write down where the camera is");
    table.at = reinterpret_cast<std::uintptr_t>(memory);
    auto* to = static_cast<char*>(memory);
    for (auto peer : peers)
        for (std::size_t port = 0; port < of_each; ++port, to += PeerTable::kStride) {
            if (every_port) set_port(peer.address, static_cast<std::uint16_t>(port));
            std::memcpy(to, &peer.address, std::min<std::size_t>(peer.size, PeerTable::kStride));
        }
    if (::mprotect(memory, table.size, PROT_READ) != 0)
        return fail_errno(errno, "cannot lock where the camera is");
    only.peers = peers;
    only.every_port = every_port;
    only.table = table;
    only.armed = true;
    return table;
}

}  // namespace passerby::camera

// In the place of libc's for this program and the libraries it is linked with.
extern "C" {

int connect(int fd, const sockaddr* to, socklen_t size) {
    using namespace passerby::camera;
    if (only.armed && (to = ours(to, size)) == nullptr) {
        errno = EACCES;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_connect, fd, to, size));
}

ssize_t sendto(int fd, const void* bytes, std::size_t n, int flags, const sockaddr* to, socklen_t size) {
    using namespace passerby::camera;
    if (only.armed && to != nullptr && (to = ours(to, size)) == nullptr) {
        errno = EACCES;
        return -1;
    }
    return ::syscall(SYS_sendto, fd, bytes, n, flags, to, size);
}

// Every name is the camera's: it was looked up when the address was checked.
int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** found) {
    using namespace passerby::camera;
    if (!only.armed || name == nullptr) return libcs(name, service, hints, found);
    addrinfo numeric = hints ? *hints : addrinfo{};
    numeric.ai_flags |= AI_NUMERICHOST;
    int error = EAI_NONAME;
    addrinfo** end = found;
    *end = nullptr;
    for (const auto& peer : only.peers) {
        // Of another family than was asked for: not this one.
        if (libcs(peer.to_string().c_str(), service, &numeric, end) != 0) {
            *end = nullptr;
            continue;
        }
        error = 0;
        while (*end != nullptr) end = &(*end)->ai_next;
    }
    return error;
}

}  // extern "C"
