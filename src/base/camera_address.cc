#include "base/camera_address.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>

namespace passerby {

namespace {

using Bytes16 = std::array<std::uint8_t, 16>;
constexpr Bytes16 kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

Bytes16 mapped(const std::uint8_t* v4) {
    Bytes16 out = kMapped;
    std::copy_n(v4, 4, out.begin() + 12);
    return out;
}

std::optional<Bytes16> literal(const std::string& text) {
    Bytes16 v6;
    std::array<std::uint8_t, 4> v4;
    if (::inet_pton(AF_INET, text.c_str(), v4.data()) == 1) return mapped(v4.data());
    if (::inet_pton(AF_INET6, text.c_str(), v6.data()) == 1) return v6;
    return std::nullopt;
}

bool within(const Bytes16& address, const Network& network) {
    for (int bit = 0; bit < network.bits; bit += 8) {
        const int left = std::min(8, network.bits - bit);
        const auto mask = static_cast<std::uint8_t>(0xFF << (8 - left));
        const auto i = static_cast<std::size_t>(bit / 8);
        if ((address[i] & mask) != (network.address[i] & mask)) return false;
    }
    return true;
}

bool is_v4(const Bytes16& address) {
    return std::equal(kMapped.begin(), kMapped.begin() + 12, address.begin());
}

enum class Place { fine, broken, itself, link_local, metadata };

struct Row {
    const char* network;
    Place place;
};
// The first that fits. What is not here is fine: private networks are where cameras live.
constexpr Row kPlaces[] = {
    {"0.0.0.0/8", Place::broken},           // this network
    {"127.0.0.0/8", Place::itself},         // loopback
    {"169.254.169.254", Place::metadata},   // most clouds
    {"169.254.170.0/24", Place::metadata},  // of containers
    {"169.254.0.0/16", Place::link_local},
    {"168.63.129.16", Place::metadata},    // a cloud's platform, at a public address
    {"100.100.100.200", Place::metadata},  // the same, in carriers' space
    {"192.0.0.192", Place::metadata},      // the same, in the IETF's
    {"224.0.0.0/4", Place::broken},        // multicast
    {"240.0.0.0/4", Place::broken},        // reserved, broadcast
    {"::", Place::broken},
    {"::1", Place::itself},
    {"fe80::/10", Place::link_local},
    {"fd00:ec2::/32", Place::metadata},
    {"fd20:ce::254", Place::metadata},
    {"ff00::/8", Place::broken},         // multicast
    {"64:ff9b:1::/48", Place::broken},   // translation of a site's own, into nobody knows what
    {"2001::/32", Place::broken},        // Teredo: a tunnel to an IPv4 address
    {"100::/64", Place::broken},         // discarded
    {"::ffff:0:0:0/96", Place::broken},  // IPv4-translated, long gone
};

// The IPv4 address that a translator or a tunnel makes of it, otherwise itself.
Bytes16 unwrapped(const Bytes16& address) {
    static const auto in = [](const Bytes16& a, const char* network) {
        return within(a, *Network::parse(network));
    };
    if (in(address, "64:ff9b::/96")) return mapped(address.data() + 12);         // NAT64
    if (in(address, "2002::/16")) return mapped(address.data() + 2);             // 6to4
    if (in(address, "::/96") && (address[12] | address[13] | address[14]) != 0)  // IPv4-compatible
        return mapped(address.data() + 12);
    return address;
}

Place place_of(const Bytes16& address) {
    const auto inner = unwrapped(address);
    for (const auto& row : kPlaces)
        if (within(inner, *Network::parse(row.network))) return row.place;
    return Place::fine;
}

std::optional<Bytes16> bytes_of(const sockaddr* address) {
    if (address != nullptr && address->sa_family == AF_INET) {
        sockaddr_in v4;
        std::memcpy(&v4, address, sizeof v4);
        return mapped(reinterpret_cast<const std::uint8_t*>(&v4.sin_addr));
    }
    if (address != nullptr && address->sa_family == AF_INET6) {
        sockaddr_in6 v6;
        std::memcpy(&v6, address, sizeof v6);
        Bytes16 out;
        std::copy_n(v6.sin6_addr.s6_addr, 16, out.begin());
        return out;
    }
    return std::nullopt;
}

// By the address of one of its interfaces this machine can be reached as well as by loopback.
bool is_of_this_machine(const Bytes16& address) {
    ifaddrs* all = nullptr;
    if (::getifaddrs(&all) != 0) return false;
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner{all, ::freeifaddrs};
    for (const auto* i = all; i != nullptr; i = i->ifa_next)
        if (bytes_of(i->ifa_addr) == address) return true;
    return false;
}

Status check_address(const Bytes16& address, const CameraRule& rule) {
    auto place = place_of(address);
    if (place == Place::broken)
        return fail(ErrorKind::denied,
                    "is an address at which no single device can be (multicast, unspecified or reserved); "
                    "write the camera's own");
    if (rule.owners) return {};
    if (place == Place::fine && is_of_this_machine(unwrapped(address))) place = Place::itself;
    if (place == Place::fine ||
        std::ranges::any_of(rule.also, [&](const Network& n) { return within(address, n); }))
        return {};
    const auto* what = place == Place::itself       ? "this machine itself"
                       : place == Place::link_local ? "link-local"
                                                    : "a metadata service";
    return fail(
        ErrorKind::denied,
        "is {}, where a camera that is set in the app may not be; if it is right, put its network into "
        "camera_networks in the config file",
        what);
}

bool is_decimal(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Whether old resolvers would take it for an IPv4 address in one of many spellings (127.1, 0x7f000001,
// 2130706433): by its last part, as browsers do.
bool looks_like_v4(std::string_view name) {
    if (name.ends_with('.')) name.remove_suffix(1);
    const auto last = name.substr(name.rfind('.') + 1);
    return is_decimal(last) || last.starts_with("0x") || last.starts_with("0X");
}

std::optional<std::uint16_t> port_from(std::string_view text) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (!is_decimal(text) || error != std::errc{} || port == 0 || port > 65535) return std::nullopt;
    return static_cast<std::uint16_t>(port);
}

// The address inside brackets, with or without a zone.
Status check_v6(const std::string& name) {
    const auto zone = name.find('%');
    const auto address = literal(name.substr(0, zone));
    const bool zone_is_good =
        zone == std::string::npos ||
        (zone + 1 < name.size() &&
         std::all_of(name.begin() + static_cast<long>(zone) + 1, name.end(),
                     [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '-' || c == '_'; }));
    if (!address || name.find(':') == std::string::npos || !zone_is_good)
        return fail(ErrorKind::invalid,
                    "has something in [ ] that is no IPv6 address; write it as [fd00::5]");
    return {};
}

Status check_name(const std::string& name) {
    if (!std::ranges::all_of(name, [](unsigned char c) {
            return c < 0x80 && (std::isalnum(c) || c == '.' || c == '-' || c == '_');
        }))
        return fail(ErrorKind::invalid,
                    "has a character in the camera's name that cannot be there; write letters, digits, '.' "
                    "and '-', or "
                    "its IP address");
    if (looks_like_v4(name) && !literal(name))
        return fail(
            ErrorKind::invalid,
            "has an IPv4 address in an old spelling; write it as four decimal numbers, such as 10.0.0.5");
    return {};
}

}  // namespace

Result<Network> Network::parse(const std::string& text) {
    const auto slash = text.find('/');
    const auto address = literal(text.substr(0, slash));
    const auto refused =
        fail(ErrorKind::invalid, "'{}' is not a network; write one such as 192.168.7.0/24", text);
    if (!address) return refused;
    Network network{*address, 128};
    if (slash == std::string::npos) return network;
    const auto length = std::string_view{text}.substr(slash + 1);
    int bits = 0;
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
    const int offset = text.find(':') == std::string::npos ? 96 : 0;
    if (!is_decimal(length) || error != std::errc{} || bits + offset > 128) return refused;
    network.bits = bits + offset;
    for (int bit = network.bits; bit < 128; ++bit)
        if (network.address[static_cast<std::size_t>(bit / 8)] >> (7 - bit % 8) & 1)
            return fail(ErrorKind::invalid,
                        "'{}' has bits beyond its length; write the network's first address", text);
    return network;
}

std::string Network::to_string() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const bool v4 = is_v4(address) && bits >= 96;
    ::inet_ntop(v4 ? AF_INET : AF_INET6, address.data() + (v4 ? 12 : 0), text.data(), text.size());
    return fmt::format("{}/{}", text.data(), bits - (v4 ? 96 : 0));
}

bool Network::holds(const std::string& text) const {
    const auto bytes = literal(text);
    return bytes && within(*bytes, *this);
}

std::uint16_t Peer::port() const {
    std::uint16_t port = 0;  // at the same place in both families
    std::memcpy(&port, reinterpret_cast<const char*>(&address) + offsetof(sockaddr_in, sin_port),
                sizeof port);
    return ntohs(port);
}

// The zone as its number: its name cannot be looked up by who is contained.
std::string Peer::to_string() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.ss_family == AF_INET) {
        sockaddr_in v4;
        std::memcpy(&v4, &address, sizeof v4);
        return ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    }
    sockaddr_in6 v6;
    std::memcpy(&v6, &address, sizeof v6);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return v6.sin6_scope_id == 0 ? text.data() : fmt::format("{}%{}", text.data(), v6.sin6_scope_id);
}

Result<CameraHost> camera_host(const std::string& url) {
    static constexpr std::pair<std::string_view, std::uint16_t> kSchemes[] = {
        {"rtsp", 554}, {"rtsps", 322}, {"http", 80}, {"https", 443}};
    const auto colon = url.find("://");
    const auto scheme = std::ranges::find(kSchemes, std::string_view{url}.substr(0, colon),
                                          [](const auto& s) { return s.first; });
    if (colon == std::string::npos || scheme == std::end(kSchemes))
        return fail(ErrorKind::invalid,
                    "is not an address that passerby can open; begin it with rtsp://, rtsps://, http://, "
                    "https:// or file: (that in the config file alone)");
    if (std::ranges::any_of(url, [](unsigned char c) { return c <= ' ' || c == 0x7F; }))
        return fail(ErrorKind::invalid, "has a blank in it; write %20 in its place");
    const auto authority = url.substr(colon + 3, url.find_first_of("/?#", colon + 3) - colon - 3);
    if (authority.find('@') != std::string::npos)
        return fail(ErrorKind::invalid,
                    "has a user or password in it, which would end up in logs; move them to the keys "
                    "user: and password:");
    CameraHost host{std::string{scheme->first}, {}, scheme->second};
    std::string_view rest = authority;
    if (authority.starts_with('[')) {
        const auto end = authority.find(']');
        if (end == std::string::npos)
            return fail(ErrorKind::invalid, "has an IPv6 address that does not end; write it as [fd00::5]");
        host.name = authority.substr(1, end - 1);
        rest.remove_prefix(end + 1);
        TRY_STATUS(check_v6(host.name));
    } else {
        host.name = authority.substr(0, authority.find(':'));
        rest.remove_prefix(host.name.size());
        if (host.name.empty())
            return fail(ErrorKind::invalid, "names no camera; write its address after ://");
        TRY_STATUS(check_name(host.name));
    }
    if (rest.empty()) return host;
    const auto port = rest.front() == ':' ? port_from(rest.substr(1)) : std::nullopt;
    if (!port) return fail(ErrorKind::invalid, "has a port that cannot be; write a number from 1 to 65535");
    host.port = *port;
    return host;
}

Status check_camera_url(const std::string& url, const CameraRule& rule) {
    const auto host = TRY(camera_host(url));
    if (const auto address = literal(host.name.substr(0, host.name.find('%'))))
        return check_address(*address, rule);
    return {};
}

Status check_peer(const Peer& peer, const CameraRule& rule) {
    const auto address = bytes_of(reinterpret_cast<const sockaddr*>(&peer.address));
    if (!address) return fail(ErrorKind::denied, "is no IP address");
    return check_address(*address, rule);
}

Result<std::vector<Peer>> resolve(const std::string& name, std::uint16_t port) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int error = ::getaddrinfo(name.c_str(), std::to_string(port).c_str(), &wanted, &found);
    if (error != 0)
        return fail(ErrorKind::unavailable,
                    "the network does not know '{}' ({}); check the address, and this machine's DNS", name,
                    ::gai_strerror(error));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{found, ::freeaddrinfo};
    std::vector<Peer> peers;
    for (const auto* a = found; a != nullptr; a = a->ai_next) {
        Peer peer;
        std::memcpy(&peer.address, a->ai_addr, a->ai_addrlen);
        peer.size = a->ai_addrlen;
        peers.push_back(peer);
    }
    return peers;
}

Result<std::vector<Peer>> camera_peers(const std::string& url, const CameraRule& rule,
                                       const Resolve& resolve) {
    const auto host = TRY(camera_host(url));
    auto peers = TRY(resolve(host.name, host.port));
    for (const auto& peer : peers)
        if (const auto checked = check_peer(peer, rule); !checked)
            return fail(checked.error().kind, "'{}' is at {}, which {}", host.name, peer.to_string(),
                        checked.error().message);
    if (peers.empty()) return fail(ErrorKind::unavailable, "'{}' has no address; check it", host.name);
    if (peers.size() > kMostPeers) peers.resize(kMostPeers);
    return peers;
}

}  // namespace passerby
