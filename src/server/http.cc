#include "server/http.h"

#include <ctime>

#include <nlohmann/json.hpp>

namespace passerby::server {

namespace {

int status_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::invalid:
            return 400;
        case ErrorKind::denied:
            return 403;
        case ErrorKind::not_found:
            return 404;
        case ErrorKind::exists:
            return 409;
        case ErrorKind::full:
            return 507;
        case ErrorKind::unavailable:
        case ErrorKind::cancelled:
            return 503;
        case ErrorKind::corrupt:
        case ErrorKind::internal:
            return 500;
    }
    return 500;
}

std::string_view reason(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 304:
            return "Not Modified";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 409:
            return "Conflict";
        case 413:
            return "Content Too Large";
        case 415:
            return "Unsupported Media Type";
        case 416:
            return "Range Not Satisfiable";
        case 421:
            return "Misdirected Request";
        case 426:
            return "Upgrade Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 503:
            return "Service Unavailable";
        case 507:
            return "Insufficient Storage";
        default:
            return "Answer";
    }
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

Result<std::string> percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0) return fail(ErrorKind::invalid, "the query has a broken %-escape");
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

}  // namespace

std::uint64_t Reply::length() const {
    if (const auto* text = std::get_if<std::string>(&body)) return text->size();
    if (const auto* shared = std::get_if<std::shared_ptr<const std::string>>(&body)) return (*shared)->size();
    return std::get<FileBody>(body).length;
}

std::string to_text(const nlohmann::json& value) {
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Reply json_reply(const nlohmann::json& value, int status) {
    Reply reply{status};
    reply.headers.emplace_back("Content-Type", "application/json");
    reply.body = to_text(value);
    return reply;
}

Reply error_reply(int status, std::string_view sentence) {
    return json_reply({{"error", sentence}}, status);
}

Reply error_reply(const Error& error) {
    return error_reply(status_of(error.kind), error.message);
}

Result<std::map<std::string, std::string>> parse_query(std::string_view query) {
    std::map<std::string, std::string> out;
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (pair.empty()) continue;
        const auto equals = std::min(pair.find('='), pair.size());
        auto name = TRY(percent_decoded(pair.substr(0, equals)));
        auto value = TRY(percent_decoded(pair.substr(std::min(equals + 1, pair.size()))));
        if (!out.emplace(name, std::move(value)).second)
            return fail(ErrorKind::invalid, "the query names \"{}\" twice", printable(name));
    }
    return out;
}

std::optional<std::string> cookie(std::string_view header, std::string_view name) {
    std::optional<std::string> found;
    while (!header.empty()) {
        const auto end = std::min(header.find(';'), header.size());
        auto pair = header.substr(0, end);
        header.remove_prefix(std::min(end + 1, header.size()));
        while (!pair.empty() && pair.front() == ' ') pair.remove_prefix(1);
        while (!pair.empty() && pair.back() == ' ') pair.remove_suffix(1);
        if (pair.size() <= name.size() || !pair.starts_with(name) || pair[name.size()] != '=') continue;
        if (found) return std::nullopt;  // somebody planted a second one: which is ours cannot be told
        found = std::string{pair.substr(name.size() + 1)};
    }
    return found;
}

const std::vector<std::pair<std::string, std::string>>& security_headers(bool secure) {
    using Headers = std::vector<std::pair<std::string, std::string>>;
    static const Headers kHeaders{
        // blob: in media-src and worker-src is what Media Source Extensions and hls.js play from.
        {"Content-Security-Policy",
         "default-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; img-src 'self' data: blob:; "
         "style-src 'self'; connect-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; "
         "form-action 'self'"},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Permissions-Policy",
         "camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), serial=(), payment=(), "
         "browsing-topics=()"},
    };
    // Browsers take no notice of it where they do not believe the certificate.
    static const Headers kSecure = [] {
        auto headers = kHeaders;
        headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
        return headers;
    }();
    return secure ? kSecure : kHeaders;
}

std::string http_date(WallTime time) {
    const auto seconds =
        static_cast<std::time_t>(std::chrono::floor<std::chrono::seconds>(time.since_epoch).count());
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[utc.tm_wday], utc.tm_mday,
                       kMonths[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

std::string response_head(const Reply& reply, bool keep_alive, WallTime now, bool secure) {
    std::string head = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\nConnection: {}\r\n", reply.status,
                                   reason(reply.status), http_date(now), keep_alive ? "keep-alive" : "close");
    const auto add = [&](const auto& header) {
        head += header.first;
        head += ": ";
        head += header.second;
        head += "\r\n";
    };
    bool has_cache_control = false;
    for (const auto& header : reply.headers) {
        add(header);
        has_cache_control |= header.first == "Cache-Control";
    }
    for (const auto& header : security_headers(secure)) add(header);
    // What was recorded, and who is logged in, stays in no cache.
    if (!has_cache_control) head += "Cache-Control: no-store\r\n";
    if (reply.status != 204 && reply.status != 304)
        head += fmt::format("Content-Length: {}\r\n", reply.length());
    return head += "\r\n";
}

std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, 200)) {
        if (c >= ' ' && c < '\x7f' && c != '\\')
            out += c;
        else
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    return out;
}

}  // namespace passerby::server
