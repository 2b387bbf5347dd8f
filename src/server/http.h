// A request and its reply as the API sees them: no sockets and no library.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/file.h"
#include "base/result.h"
#include "base/time.h"

namespace passerby::server {

struct CameraEntry;

enum class Method { get, head, post, other };

struct Request {
    Method method = Method::other;
    std::string method_name;  // as sent, for the log
    std::string path;         // as sent, before the '?'. It is never decoded: no name of ours needs an escape
    std::string query;        // as sent, after the '?'
    std::string host;         // of the Host header, as sent
    std::optional<std::string> origin, fetch_site, range, if_range, if_none_match, content_type, cookie,
        accept_language;
    std::optional<std::string> bearer;  // of Authorization: Bearer
    bool websocket_upgrade = false;
    std::string body;
    std::string peer;     // address of the client, for the log
    bool secure = false;  // the client's side is TLS: ours, or of a proxy that is trusted
};

// Bytes of an open file. `keeps` is released when they were sent or the client is gone.
struct FileBody {
    std::shared_ptr<const Fd> file;
    std::uint64_t offset = 0, length = 0;
    std::shared_ptr<void> keeps;
};

struct Reply {
    Reply() = default;
    explicit Reply(int code) : status{code} {}

    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;  // besides those that every reply has
    std::variant<std::string, std::shared_ptr<const std::string>, FileBody> body;
    // With status 101: the connection becomes this camera's live view for the session of `live_token`.
    std::shared_ptr<const CameraEntry> live = nullptr;
    std::string live_token;

    bool known = false;  // it answers somebody with an account

    std::uint64_t length() const;
};

Reply json_reply(const nlohmann::json&, int status = 200);
Reply error_reply(int status, std::string_view sentence);
// With the status that fits the kind.
Reply error_reply(const Error&);

// The JSON text; bytes that are not UTF-8 are replaced.
std::string to_text(const nlohmann::json&);

// "a=1&b=x%3Ay". ErrorKind::invalid for a broken escape and for a name that is there twice.
Result<std::map<std::string, std::string>> parse_query(std::string_view);
// The value of `name` in a Cookie header; nothing when it is missing or there twice.
std::optional<std::string> cookie(std::string_view header, std::string_view name);

// Status line and headers up to the empty line, with the security headers that every reply carries.
std::string response_head(const Reply&, bool keep_alive, WallTime now, bool secure = false);
// The headers that every reply carries, the WebSocket handshake too; with TLS (`secure`) one more.
const std::vector<std::pair<std::string, std::string>>& security_headers(bool secure);
// "Sun, 01 Mar 2026 12:34:56 GMT"
std::string http_date(WallTime);
// `text` with everything but printable ASCII as \xNN, cut at 200 bytes: for the log.
std::string printable(std::string_view text);

}  // namespace passerby::server
