// From Beast's messages to ours. For this module only: it brings Beast along.
#pragma once

#include <optional>
#include <string>

#include <boost/beast/core/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "base/camera_address.h"
#include "server/http.h"

namespace passerby::server {

using HttpMessage = boost::beast::http::request<boost::beast::http::string_body>;

// Takes the body along. `peer`: the other end of the connection, `secure`: it is TLS. If it is one of the
// `proxies`, what it says of the client counts instead: X-Forwarded-For's last address, X-Forwarded-Proto.
Request to_request(HttpMessage&, std::string peer, bool secure, const std::vector<Network>& proxies);

// The answer to what could not be read as a request; nothing when there is nobody to answer.
std::optional<Reply> refusal(boost::beast::error_code);

}  // namespace passerby::server
