// Refuses requests that another web page makes in a user's name. Pure functions of the headers.
//
// SameSite cookies alone do not do it here: a "site" has no port, so a page of any other service on localhost
// counts as the same site and its requests carry the session.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http.h"

namespace passerby::server {

struct HostRule {
    bool bound_to_loopback = true;
    std::vector<std::string> names;  // accepted besides localhost and IP addresses; lower case
};

// "localhost:8080" -> "localhost", "[::1]:8080" -> "::1"; nothing when it is not of the form host[:port].
std::optional<std::string> host_name(std::string_view host_header);

// Against DNS rebinding: whether the Host may be ours. Bound to loopback that is localhost, a loopback
// address or one of the names; otherwise also any IP address, and any name at all if no names are given.
bool host_is_ours(const HostRule&, std::string_view host_header);

// Whether the request comes from our own page or from no page at all (a program, the address bar).
// `strict` is for what changes state and for WebSockets: an Origin, when there is one, must equal Host.
bool origin_is_ours(const Request&, bool strict);

}  // namespace passerby::server
