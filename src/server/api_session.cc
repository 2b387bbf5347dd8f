#include <nlohmann/json.hpp>

#include "base/log.h"
#include "server/api.h"
#include "server/json_body.h"

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

// Not readable by scripts, not sent along from other sites. Browsers drop Secure cookies on plain http.
void set_cookie(Reply& reply, const Request& request, std::string_view token, std::string_view more) {
    reply.headers.emplace_back(
        "Set-Cookie", fmt::format("{}={}; HttpOnly; SameSite=Strict; Path=/{}{}", Api::cookie_for(request),
                                  token, request.secure ? "; Secure" : "", more));
}

}  // namespace

Reply Api::throttled(const store::Login& login) {
    auto reply = error_reply(
        429, fmt::format("too many wrong passwords; try again in {} s", login.retry_after.count()));
    reply.headers.emplace_back("Retry-After", fmt::format("{}", login.retry_after.count()));
    return reply;
}

json Api::about(const store::Session& session) const {
    const auto& grant = session.grant;
    auto roles = json::array();
    for (const auto role : store::kRoles)
        if (grant.roles.has(role)) roles.push_back(name(role));
    return {{"user", session.user},
            {"must_change_password", session.must_change_password},
            {"must_set_second_factor", must_set_second_factor(session)},
            {"roles", std::move(roles)},
            {"cameras", grant.cameras ? json(*grant.cameras) : json{}}};
}

Reply Api::log_in(const Call& call) {
    const auto given = two_strings(call.request.body, "user", "password");
    if (!given) return error_reply(given.error());
    const auto& [user, password] = *given;
    const json body = json::parse(call.request.body, nullptr, false);
    const auto code = body.contains("code") ? text_in(body, "code", 0, 64) : Result<std::string>{""};
    if (!code) return error_reply(code.error());
    const auto login = world_.accounts->verify(user, password, *code);
    if (!login) return error_reply(login.error());
    if (login->outcome == store::Login::Outcome::needs_code)
        return json_reply({{"error", "a code of the second factor is needed, too"}, {"second_factor", true}},
                          401);
    if (login->outcome != store::Login::Outcome::ok) {
        // The name is not logged: people type passwords into the wrong field.
        uses_.login_failed();
        const bool is_throttled = login->outcome == store::Login::Outcome::throttled;
        log_warning("login from {} failed{}", call.request.peer, is_throttled ? ": too many tries" : "");
        return is_throttled ? throttled(*login)
                            : error_reply(401, code->empty() ? "the user or the password is wrong"
                                                             : "the user, the password or the code is wrong");
    }
    const auto token = world_.accounts->create_session(user);
    if (!token) return error_reply(token.error());
    log_info("login from {}", call.request.peer);
    const auto session = world_.accounts->session(*token);
    if (!session) return error_reply(session.error());
    if (!*session) return error_reply(401, "the session is over; log in again");
    auto reply = json_reply(about(**session));
    set_cookie(reply, call.request, *token, "");
    return reply;
}

Reply Api::log_out(const Call& call) {
    const auto ended = world_.accounts->end_session(call.token);
    if (!ended) return error_reply(ended.error());
    ++sessions_ended_;
    Reply reply{204};
    set_cookie(reply, call.request, "", "; Max-Age=0");
    return reply;
}

Reply Api::session(const Call& call) {
    return json_reply(about(*call.session));
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
