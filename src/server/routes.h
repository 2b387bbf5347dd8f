// Every route of the API, in one table. A route cannot be written down without saying who may use it, and the
// tests go through this same table to try each of them without the right to.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "server/http.h"
#include "server/rights.h"

namespace passerby::server {

class Api;
struct Call;

class Access {
  public:
    enum class Who {
        anyone,
        newcomer,  // logged in, even with a password that somebody else chose
        person,    // and the password was changed since it was handed out; no script
        member,    // or a script of theirs
    };
    using enum Who;
    constexpr Access(Who who) : who_{who} {}  // NOLINT(google-explicit-constructor)
    // A member with that right, for the camera that the path names.
    constexpr Access(Right right) : who_{member}, right_{right} {}  // NOLINT(google-explicit-constructor)
    Who who() const { return who_; }
    std::optional<Right> right() const { return right_; }

  private:
    Who who_;
    std::optional<Right> right_ = {};
};

// Which threads do it.
enum class Work {
    query,     // a look into the store or a file: quick
    password,  // hashes a password: slow and heavy on memory on purpose
    joining,   // makes a file: minutes
    live,      // like query; then the connection becomes a WebSocket
};

class Route {
  public:
    using Handler = Reply (Api::*)(const Call&);
    // In `pattern` a segment "{camera}" stands for a camera id ([a-z0-9-]{1,32}) and "{segment}.mp4" for a
    // segment's number (1-18 digits) with that ending, "{opening}" for 32 hexadecimal digits, "{user}" for
    // the name of a user,
    // "{export}.proof" for the number of an entry; "{file}" for the name of a file of the ledger, to the end.
    constexpr Route(Method m, std::string_view pattern_text, Access a, Work w, Handler h)
        : method_{m}, pattern_{pattern_text}, access_{a}, work_{w}, handler_{h} {}

    Method method() const { return method_; }  // get or post
    std::string_view pattern() const { return pattern_; }
    Access access() const { return access_; }
    Work work() const { return work_; }
    Handler handler() const { return handler_; }
    // HEAD is answered where it costs as little as GET's header.
    bool takes(Method) const;

  private:
    Method method_;
    std::string_view pattern_;
    Access access_;
    Work work_;
    Handler handler_;
};

std::span<const Route> routes();

struct Match {
    const Route* route;
    std::string id;  // what stands for {camera} or {segment}; empty when the pattern has none
};
struct NoSuchPath {};
struct WrongMethod {
    std::string allow;  // for the Allow header
};

std::variant<Match, NoSuchPath, WrongMethod> find_route(Method, std::string_view path);

}  // namespace passerby::server
