// Where a camera may be: the one place that says so, against requests that a recorder is led to make in
// somebody else's stead (SSRF). doc/decisions/0016-where-a-camera-may-be.md has the reasons.
//
// Whoever may write the config file is the machine's owner: that address may be anything but broken. What
// comes in through the API may be in a private network or outside, but not this machine itself, nothing
// link-local, no cloud's metadata service. The API calls check_camera_url(url, rule) before it stores an
// address, and hands the same rule on in camera::Start; the camera's process looks the name up, once, by
// camera_peers() and can reach nothing else afterwards (camera/one_peer.h). So a name that changes its mind,
// a redirect and a camera that names another host lead nowhere.
//
// Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <sys/socket.h>

#include "base/result.h"

namespace passerby {

// An IP network; IPv4 as ::ffff:a.b.c.d.
struct Network {
    std::array<std::uint8_t, 16> address{};
    int bits = 128;

    // "192.168.7.0/24", "fd00::/8", or one address. Bits beyond the length are an error.
    static Result<Network> parse(const std::string&);
    std::string to_string() const;
    bool holds(const std::string& address) const;
    bool operator==(const Network&) const = default;
};

struct CameraRule {
    bool owners = false;        // the address is the config file's
    std::vector<Network> also;  // the config's `camera_networks`: where others may have cameras, too
};

struct CameraHost {
    std::string scheme;  // rtsp, rtsps, http, https
    std::string name;    // or address, without brackets
    std::uint16_t port = 0;
};

// Errors begin with a verb ("names no camera; …"), for "cameras.x.url: " or "the address " in front, and do
// not repeat the url, which may hold a password.
Result<CameraHost> camera_host(const std::string& url);
// What is in the url itself. Names are not looked up: that is the camera's process's.
Status check_camera_url(const std::string& url, const CameraRule&);

// An address with its port, as connect() takes it.
struct Peer {
    sockaddr_storage address{};
    socklen_t size = 0;

    std::uint16_t port() const;
    std::string to_string() const;  // without the port
};
Status check_peer(const Peer&, const CameraRule&);

// The addresses of a name, and why there are none; the port is in them.
using Resolve = std::function<Result<std::vector<Peer>>(const std::string& name, std::uint16_t port)>;
Result<std::vector<Peer>> resolve(const std::string& name, std::uint16_t port);  // by the system

// All addresses of the url's host, at most kMostPeers; one that may not be refuses them all. Waits for the
// network.
inline constexpr std::size_t kMostPeers = 4;
Result<std::vector<Peer>> camera_peers(const std::string& url, const CameraRule&, const Resolve& = resolve);

}  // namespace passerby
