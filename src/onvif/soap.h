// The few messages of ONVIF that it takes to find a camera's stream (ONVIF Core and Media Service
// Specification, WS-Discovery 2005/04, WS-Security UsernameToken 1.0).
//
// Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "onvif/xml.h"

namespace passerby::onvif {

struct Login {
    std::string user, password;  // no user: without a login
};

// The header of a request: the password's digest with `nonce` and the time, and never the password.
std::string security_header(const Login&, std::string_view nonce, WallTime now);

// The content of an envelope's body.
std::string get_capabilities();
std::string get_profiles();
std::string get_stream_uri(std::string_view profile);
std::string envelope(std::string_view header, std::string_view body);

// A device that answered a probe.
struct Device {
    std::string address;  // of its device service, "http://10.0.0.5/onvif/device_service"
    std::string name;     // as it calls itself, or its address
};

std::string probe(std::string_view id);
// What `sender` (an IP address) said to the probe of that id. Only an address at the sender itself is taken:
// nobody on the network can send us to somebody else.
std::optional<Device> device_in(std::string_view datagram, const std::string& sender, std::string_view id);

// "10.0.0.5" of "http://10.0.0.5:80/x"; empty: it is no http address, or its host is a name.
std::string ip_of(std::string_view address);

}  // namespace passerby::onvif
