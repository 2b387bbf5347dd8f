// What a device says of its streams.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "onvif/soap.h"

namespace passerby::onvif {

struct Stream {
    std::string name;  // of its profile
    std::string url;   // rtsp://…, without user and password
    int width = 0, height = 0;
};

inline constexpr std::size_t kMostStreams = 8;

// `device`: the address of its device service, at an IP address; whether it may be asked is the caller's to
// check. It is asked nowhere else. denied: it refuses the login; unavailable: it does not answer; corrupt:
// not as ONVIF has it. Waits for the network, some seconds at most.
Result<std::vector<Stream>> streams_of(const std::string& device, const Login&, Clock& = system_clock());

}  // namespace passerby::onvif
