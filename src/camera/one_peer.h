// From a moment on, the sockets of this process lead to one host and to no other, whatever its libraries are
// told: by a redirect, by a name that has changed its mind, or by a transport that names another source.
//
// Libraries call connect(), sendto() and getaddrinfo() of ours (one_peer.cc), which knows one host. That
// binds who follows an address, and not who has taken over the process; for them the filter of system calls
// (seccomp.cc) lets addresses through only where they lie in a table that nobody can write to or move.
#pragma once

#include <cstdint>
#include <vector>

#include "base/camera_address.h"

namespace passerby::camera {

// Socket addresses, kStride apart, in memory that is read-only. `size`, a power of two, divides `at`.
struct PeerTable {
    static constexpr std::size_t kStride = 32;
    std::uintptr_t at = 0;
    std::size_t size = 0;

    explicit operator bool() const { return size > 0; }
};

// For good. `every_port`: for UDP, whose ports are agreed upon later; otherwise only those of the peers.
// Once, before threads start; names need no network afterwards.
Result<PeerTable> reach_only(const std::vector<Peer>& peers, bool every_port);

}  // namespace passerby::camera
