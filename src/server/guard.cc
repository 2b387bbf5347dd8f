#include "server/guard.h"

#include <algorithm>
#include <cctype>

#include <arpa/inet.h>

namespace passerby::server {

namespace {

std::string lower(std::string_view text) {
    std::string out{text};
    std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return out;
}

bool digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

enum class Address { none, loopback, other };

Address kind_of_address(const std::string& name) {
    in_addr v4{};
    if (inet_pton(AF_INET, name.c_str(), &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127 ? Address::loopback : Address::other;
    in6_addr v6{};
    if (inet_pton(AF_INET6, name.c_str(), &v6) == 1)
        return IN6_IS_ADDR_LOOPBACK(&v6) ? Address::loopback : Address::other;
    return Address::none;
}

}  // namespace

std::optional<std::string> host_name(std::string_view host) {
    std::string_view name = host, port;
    if (host.starts_with('[')) {
        const auto end = host.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        name = host.substr(1, end - 1);
        port = host.substr(end + 1);
        if (name.find(':') == std::string_view::npos) return std::nullopt;
    } else if (const auto colon = host.find(':'); colon != std::string_view::npos) {
        name = host.substr(0, colon);
        port = host.substr(colon);
    }
    if (name.empty() || (!port.empty() && (port[0] != ':' || !digits(port.substr(1))))) return std::nullopt;
    const bool clean = std::ranges::all_of(name, [](unsigned char c) {
        return std::isalnum(c) || c == '-' || c == '.' || c == ':' || c == '_';
    });
    if (!clean) return std::nullopt;
    return lower(name);
}

bool host_is_ours(const HostRule& rule, std::string_view host_header) {
    const auto name = host_name(host_header);
    if (!name) return false;
    if (*name == "localhost" || std::ranges::find(rule.names, *name) != rule.names.end()) return true;
    const auto address = kind_of_address(*name);
    if (address == Address::loopback) return true;
    if (rule.bound_to_loopback) return false;
    return address == Address::other || rule.names.empty();
}

bool origin_is_ours(const Request& request, bool strict) {
    if (request.fetch_site && *request.fetch_site != "same-origin" && *request.fetch_site != "none")
        return false;
    if (!strict || !request.origin) return true;
    // The scheme is left out: behind a proxy that ends TLS the page is https and we are not.
    const auto origin = lower(*request.origin), host = lower(request.host);
    return !host.empty() && (origin == "http://" + host || origin == "https://" + host);
}

}  // namespace passerby::server
