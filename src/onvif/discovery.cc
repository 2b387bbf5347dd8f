#include "onvif/discovery.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "base/file.h"

namespace passerby::onvif {

namespace {

std::string uuid() {
    std::array<unsigned char, 16> b{};
    while (::getrandom(b.data(), b.size(), 0) != static_cast<ssize_t>(b.size())) {
    }
    b[6] = (b[6] & 0x0f) | 0x40;  // version 4
    b[8] = (b[8] & 0x3f) | 0x80;
    std::string out;
    for (std::size_t i = 0; i < b.size(); ++i)
        out += fmt::format("{}{:02x}", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", b[i]);
    return out;
}

}  // namespace

Result<std::vector<Device>> discover(Micros time, const Audience& audience) {
    const Fd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!socket) return fail_errno(errno, "cannot look for cameras on the network");
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(audience.port);
    if (::inet_pton(AF_INET, audience.address.c_str(), &to.sin_addr) != 1)
        return fail(ErrorKind::invalid, "'{}' is no IPv4 address", audience.address);
    const auto id = uuid();
    const auto message = probe(id);
    if (::sendto(socket.get(), message.data(), message.size(), 0, reinterpret_cast<const sockaddr*>(&to),
                 sizeof to) < 0)
        return fail(ErrorKind::unavailable, "cannot look for cameras on the network: {}",
                    std::generic_category().message(errno));
    std::vector<Device> found;
    const auto end = system_clock().monotonic() + time;
    for (auto left = time; left > Micros{0} && found.size() < kMostDevices;
         left = end - system_clock().monotonic()) {
        pollfd ready{socket.get(), POLLIN, 0};
        if (::poll(&ready, 1, static_cast<int>(left.count() / 1000) + 1) <= 0) continue;
        std::array<char, 16u << 10> datagram{};
        sockaddr_in from{};
        socklen_t size = sizeof from;
        const auto n = ::recvfrom(socket.get(), datagram.data(), datagram.size(), 0,
                                  reinterpret_cast<sockaddr*>(&from), &size);
        std::array<char, INET_ADDRSTRLEN> sender{};
        if (n <= 0 || from.sin_family != AF_INET ||
            ::inet_ntop(AF_INET, &from.sin_addr, sender.data(), sender.size()) == nullptr)
            continue;
        auto device = device_in({datagram.data(), static_cast<std::size_t>(n)}, sender.data(), id);
        if (device && std::ranges::count(found, device->address, &Device::address) == 0)
            found.push_back(*std::move(device));
    }
    return found;
}

}  // namespace passerby::onvif
