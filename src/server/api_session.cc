#include <nlohmann/json.hpp>

#include "base/log.h"
#include "server/api.h"

namespace passerby::server {

namespace {

using nlohmann::json;

// The two strings of an object that has them.
Result<std::pair<std::string, std::string>> two_strings(const std::string& body, const char* first,
                                                        const char* second) {
    const json parsed = json::parse(body, nullptr, false);
    const auto is_string = [&](const char* name) {
        return parsed.is_object() && parsed.contains(name) && parsed[name].is_string();
    };
    if (!is_string(first) || !is_string(second))
        return fail(ErrorKind::invalid, "the body must be {{\"{}\": \"…\", \"{}\": \"…\"}}", first, second);
    return std::pair{parsed[first].get<std::string>(), parsed[second].get<std::string>()};
}

Reply throttled(const store::Login& login) {
    auto reply = error_reply(
        429, fmt::format("too many wrong passwords; try again in {} s", login.retry_after.count()));
    reply.headers.emplace_back("Retry-After", fmt::format("{}", login.retry_after.count()));
    return reply;
}

json about_user(const std::string& user, bool must_change_password, const store::Grant& grant) {
    auto roles = json::array();
    for (const auto role : store::kRoles)
        if (grant.roles.has(role)) roles.push_back(name(role));
    return {{"user", user},
            {"must_change_password", must_change_password},
            {"roles", std::move(roles)},
            {"cameras", grant.cameras ? json(*grant.cameras) : json{}}};
}

// Not readable by scripts, not sent along from other sites. Over TLS it would be "__Host-passerby_session"
// and Secure, but browsers drop such cookies on plain http, and this server does not speak TLS itself.
void set_cookie(Reply& reply, std::string_view token, std::string_view more) {
    reply.headers.emplace_back(
        "Set-Cookie", fmt::format("{}={}; HttpOnly; SameSite=Strict; Path=/{}", Api::kCookie, token, more));
}

}  // namespace

Reply Api::log_in(const Call& call) {
    const auto given = two_strings(call.request.body, "user", "password");
    if (!given) return error_reply(given.error());
    const auto& [user, password] = *given;
    const auto login = world_.accounts->verify(user, password);
    if (!login) return error_reply(login.error());
    if (login->outcome != store::Login::Outcome::ok) {
        // The name is not logged: people type passwords into the wrong field.
        uses_.login_failed();
        const bool is_throttled = login->outcome == store::Login::Outcome::throttled;
        log_warning("login from {} failed{}", call.request.peer, is_throttled ? ": too many tries" : "");
        return is_throttled ? throttled(*login) : error_reply(401, "the user or the password is wrong");
    }
    const auto token = world_.accounts->create_session(user);
    if (!token) return error_reply(token.error());
    log_info("login from {}", call.request.peer);
    const auto known = users_.with_name(user);
    if (!known) return error_reply(known.error());
    auto reply = json_reply(about_user(user, login->must_change_password, known->grant));
    set_cookie(reply, *token, "");
    return reply;
}

Reply Api::log_out(const Call& call) {
    const auto ended = world_.accounts->end_session(call.token);
    if (!ended) return error_reply(ended.error());
    ++sessions_ended_;
    Reply reply{204};
    set_cookie(reply, "", "; Max-Age=0");
    return reply;
}

Reply Api::session(const Call& call) {
    return json_reply(
        about_user(call.session->user, call.session->must_change_password, call.session->grant));
}

Reply Api::change_password(const Call& call) {
    const auto given = two_strings(call.request.body, "old", "new");
    if (!given) return error_reply(given.error());
    const auto& [old_password, new_password] = *given;
    const auto login =
        world_.accounts->change_password(call.session->user, old_password, new_password, call.token);
    if (!login) return error_reply(login.error());
    if (login->outcome == store::Login::Outcome::throttled) return throttled(*login);
    if (login->outcome == store::Login::Outcome::wrong) {
        log_warning("password change from {} failed: the old one was wrong", call.request.peer);
        return error_reply(403, "the old password is wrong");
    }
    ++sessions_ended_;
    log_info("password changed from {}", call.request.peer);
    return Reply{204};
}

}  // namespace passerby::server
