// The second factor of one's own login, and that of somebody who lost theirs. Each change asks for the
// password, and for a code where there is a second factor already.
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "crypto/totp.h"
#include "server/api.h"
#include "server/json_body.h"

namespace passerby::server {

using nlohmann::json;

// Whoever had a login by the factor before, or without one, has none any more.
static Status end_others(store::Users& users, const Call& call) {
    const auto& user = call.session->user;
    const auto sessions = TRY(users.sessions(user, call.token));
    for (const auto& session : sessions)
        if (!session.current) static_cast<void>(users.end_session(user, session.id));
    return {};
}

bool Api::must_set_second_factor(const store::Session& session) const {
    return !session.by_token && !session.second_factor &&
           store::requires_second_factor(world_.second_factor, session.grant.roles);
}

// As for a login.
std::optional<Reply> Api::not_them(const Call& call, const json& body) {
    const auto password = text_in(body, "password", 1, store::Accounts::kMostBytes);
    if (!password) return error_reply(password.error());
    const auto code = body.contains("code") ? text_in(body, "code", 0, 64) : Result<std::string>{""};
    if (!code) return error_reply(code.error());
    const auto login = world_.accounts->verify(call.session->user, *password, *code);
    if (!login) return error_reply(login.error());
    if (login->outcome == store::Login::Outcome::ok) return std::nullopt;
    if (login->outcome == store::Login::Outcome::throttled) return throttled(*login);
    log_warning("a change of the second factor from {} failed", call.request.peer);
    return error_reply(403, login->outcome == store::Login::Outcome::needs_code
                                ? "give a code of the second factor that there is, too"
                                : "the password or the code is wrong");
}

Reply Api::second_factor(const Call& call) {
    const auto state = second_factor_.state(call.session->user);
    if (!state) return error_reply(state.error());
    return json_reply(
        {{"on", state->on},
         {"required", store::requires_second_factor(world_.second_factor, call.session->grant.roles)},
         {"recovery_codes", state->recovery_codes},
         {"secret", crypto::to_base32(crypto::random_totp_secret())}});
}

Reply Api::set_second_factor(const Call& call) {
    const auto body = json_body(call.request);
    if (!body) return error_reply(body.error());
    const auto text = text_in(*body, "secret", 1, 100);
    if (!text) return error_reply(text.error());
    const auto secret = crypto::from_base32(*text);
    if (!secret || secret->size() != crypto::kTotpSecret)
        return error_reply(400, "\"secret\" must be 20 bytes in base32, such as GET gives");
    const auto first = text_in(*body, "first_code", 6, 6);
    if (!first) return error_reply(first.error());
    if (!crypto::totp_fits(*secret, *first, world_.clock.wall(), 0))
        return error_reply(400,
                           "the first code does not fit; give the one that the app shows now, and look "
                           "whether the clocks of the phone and of this recorder are right");
    if (auto refused = not_them(call, *body)) return *std::move(refused);
    const auto done = [&]() -> Result<json> {
        TRY_STATUS(put_access_on_record(call, "second-factor", call.session->user, {}));
        const auto codes = TRY(second_factor_.set(call.session->user, *secret, *first));
        TRY_STATUS(end_others(users_, call));
        return json{{"recovery_codes", codes}};
    }();
    if (!done) return error_reply(done.error());
    ++sessions_ended_;
    log_info("second factor set from {}", call.request.peer);
    return json_reply(*done);
}

Reply Api::end_second_factor(const Call& call) {
    const auto body = json_body(call.request);
    if (!body) return error_reply(body.error());
    if (store::requires_second_factor(world_.second_factor, call.session->grant.roles))
        return error_reply(403, "a second factor is required of you; set another one in its place");
    if (auto refused = not_them(call, *body)) return *std::move(refused);
    const auto done = [&]() -> Status {
        TRY_STATUS(put_access_on_record(call, "no-second-factor", call.session->user, {}));
        TRY_STATUS(second_factor_.remove(call.session->user));
        return end_others(users_, call);
    }();
    if (!done) return error_reply(done.error());
    ++sessions_ended_;
    return Reply{204};
}

// Who lost phone and recovery codes logs in with the password alone once more. Their logins end.
Reply Api::end_second_factor_of(const Call& call) {
    const auto done = [&]() -> Status {
        TRY(users_.with_name(call.id));
        TRY_STATUS(put_access_on_record(call, "no-second-factor", call.id, {}));
        TRY_STATUS(second_factor_.remove(call.id));
        return users_.end_sessions(call.id);
    }();
    if (!done) return error_reply(done.error());
    ++sessions_ended_;
    return Reply{204};
}

}  // namespace passerby::server
