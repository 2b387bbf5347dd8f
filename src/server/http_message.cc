#include "server/http_message.h"

#include <algorithm>

#include <boost/beast/http/error.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

namespace passerby::server {

namespace http = boost::beast::http;

namespace {

// Of several the last.
template <class Name>
std::optional<std::string> field(const HttpMessage& message, Name name) {
    const auto [begin, end] = message.equal_range(name);
    if (begin == end) return std::nullopt;
    return std::string{std::prev(end)->value()};
}

}  // namespace

Request to_request(HttpMessage& message, std::string peer, bool secure, const std::vector<Network>& proxies) {
    Request out;
    out.method_name = std::string{message.method_string()};
    switch (message.method()) {
        case http::verb::get:
            out.method = Method::get;
            break;
        case http::verb::head:
            out.method = Method::head;
            break;
        case http::verb::post:
            out.method = Method::post;
            break;
        default:
            break;
    }
    const std::string target{message.target()};
    const auto question = std::min(target.find('?'), target.size());
    out.path = target.substr(0, question);
    out.query = target.substr(std::min(question + 1, target.size()));
    // Two of them would let a proxy and us see different hosts: as bad as none.
    if (message.count(http::field::host) == 1) out.host = std::string{message[http::field::host]};
    out.origin = field(message, http::field::origin);
    out.fetch_site = field(message, "Sec-Fetch-Site");
    out.range = field(message, http::field::range);
    out.if_range = field(message, http::field::if_range);
    out.if_none_match = field(message, http::field::if_none_match);
    out.content_type = field(message, http::field::content_type);
    out.cookie = field(message, http::field::cookie);
    out.accept_language = field(message, http::field::accept_language);
    constexpr std::string_view kBearer = "Bearer ";
    if (const auto given = field(message, http::field::authorization); given && given->starts_with(kBearer))
        out.bearer = given->substr(kBearer.size());
    out.websocket_upgrade = boost::beast::websocket::is_upgrade(message);
    out.body = std::move(message.body());
    out.peer = std::move(peer);
    out.secure = secure;
    if (std::ranges::none_of(proxies, [&](const Network& n) { return n.holds(out.peer); })) return out;
    // Its own is the last; those before it anybody may have written.
    if (auto said = field(message, "X-Forwarded-For")) {
        const auto last = said->find_last_of(", ");
        out.peer = last == std::string::npos ? *said : said->substr(last + 1);
    }
    out.secure = secure || field(message, "X-Forwarded-Proto") == "https";
    return out;
}

std::optional<Reply> refusal(boost::beast::error_code error) {
    if (error == http::error::header_limit)
        return error_reply(431, "the request's header is longer than 16 KiB");
    if (error == http::error::body_limit) return error_reply(413, "the request's body is longer than 64 KiB");
    if (error == http::error::end_of_stream || error == http::error::partial_message) return std::nullopt;
    if (error.category() == http::make_error_code(http::error::end_of_stream).category())
        return error_reply(400, "this is not a well-formed HTTP/1.1 request");
    return std::nullopt;
}

}  // namespace passerby::server
