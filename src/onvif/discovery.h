// Cameras on the local network that speak ONVIF: one probe by multicast, and who answers within a short time.
// Nothing is sent unless somebody asks for it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "onvif/soap.h"

namespace passerby::onvif {

// Where the probe goes: an IPv4 address and a port.
struct Audience {
    std::string address = "239.255.255.250";
    std::uint16_t port = 3702;
};

inline constexpr std::size_t kMostDevices = 100;

// Each device once, as it answered within `time`; answers that are none are dropped. Waits for that time.
// unavailable: there is no network to ask on.
Result<std::vector<Device>> discover(Micros time, const Audience& = {});

}  // namespace passerby::onvif
