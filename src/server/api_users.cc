// Who has an account and what for, their scripts' tokens, and the logins that last. Every change is put on
// the record first; whom it is about stands there as a pseudonym.
#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "base/log.h"
#include "server/api.h"
#include "server/json_body.h"

namespace passerby::server {

namespace {

using nlohmann::json;

constexpr std::size_t kLongestName = 60;  // of a token

json to_json(const store::Roles& roles) {
    auto list = json::array();
    for (const auto role : store::kRoles)
        if (roles.has(role)) list.push_back(name(role));
    return list;
}

json cameras_of(const store::Grant& grant) {
    return grant.cameras ? json(*grant.cameras) : json{};
}

json to_json(const store::User& user) {
    return {{"name", user.name},
            {"roles", to_json(user.grant.roles)},
            {"cameras", cameras_of(user.grant)},
            {"must_change_password", user.must_change_password},
            {"second_factor", user.second_factor},
            {"created", user.created.micros() > 0 ? json(to_iso8601(user.created)) : json{}}};
}

json to_json(const store::Token& token) {
    return {{"id", token.id},
            {"name", token.name},
            {"roles", to_json(token.grant.roles)},
            {"cameras", cameras_of(token.grant)},
            {"created", to_iso8601(token.created)},
            {"expires", to_iso8601(token.expires)},
            {"used", token.used ? json(to_iso8601(*token.used)) : json{}}};
}

Result<std::vector<std::string>> strings_in(const json& body, const char* name) {
    const auto it = body.is_object() ? body.find(name) : body.end();
    if (!body.is_object() || it == body.end() || !it->is_array() || it->size() > 1000 ||
        !std::ranges::all_of(*it, [](const json& v) { return v.is_string(); }))
        return fail(ErrorKind::invalid, "\"{}\" must be a list of texts", name);
    return it->get<std::vector<std::string>>();
}

// `roles`, at least one, and `cameras`: those that there are, or null for all.
Result<store::Grant> grant_in(const json& body, const CameraList& cameras) {
    store::Grant grant;
    for (const auto& word : TRY(strings_in(body, "roles"))) {
        const auto role = TRY(store::Roles::parse(word));
        for (const auto r : store::kRoles)
            if (role.has(r)) grant.roles.add(r);
    }
    if (grant.roles.empty()) return fail(ErrorKind::invalid, "\"roles\" is empty; give at least one");
    if (!body.contains("cameras"))
        return fail(ErrorKind::invalid, "\"cameras\" is missing: a list of ids, or null for all");
    if (body["cameras"].is_null()) return grant;
    grant.cameras.emplace();
    for (auto& id : TRY(strings_in(body, "cameras"))) {
        if (!cameras.find(id)) return fail(ErrorKind::invalid, "there is no camera \"{}\"", printable(id));
        grant.cameras->insert(std::move(id));
    }
    return grant;
}

// As the ledger has it.
ledger::Fields words_of(const store::Grant& grant) {
    ledger::Fields cameras;
    if (grant.cameras) cameras = std::vector<std::string>{grant.cameras->begin(), grant.cameras->end()};
    return {{"roles", grant.roles.text()}, {"cameras", cameras}};
}

}  // namespace

Status Api::put_access_on_record(const Call& call, std::string_view change, const std::string& whom,
                                 const std::optional<store::Grant>& grant) {
    const auto* ledger = uses_.ledger();
    TRY(uses_.act(call.actor(), "access",
                  {{"change", change},
                   {"whom", ledger == nullptr ? "" : ledger->pseudonym(whom)},
                   {"rights", grant ? words_of(*grant) : ledger::Fields{}}}));
    return {};
}

Reply Api::users(const Call&) {
    const auto found = users_.all();
    if (!found) return error_reply(found.error());
    auto all = json::array();
    for (const auto& user : *found) all.push_back(to_json(user));
    return json_reply(all);
}

Reply Api::add_user(const Call& call) {
    const auto done = [&]() -> Result<json> {
        const auto body = TRY(json_body(call.request));
        const auto name = TRY(text_in(body, "name", 1, 32));
        const auto grant = TRY(grant_in(body, *world_.cameras));
        TRY_STATUS(store::check_user_name(name));
        if (users_.with_name(name)) return fail(ErrorKind::exists, "there is a user '{}' already", name);
        TRY_STATUS(put_access_on_record(call, "added", name, grant));
        const auto password = TRY(users_.add(name, grant));
        auto user = to_json(TRY(users_.with_name(name)));
        user["password"] = password;
        return user;
    }();
    return done ? json_reply(*done, 201) : error_reply(done.error());
}

Reply Api::set_user(const Call& call) {
    const auto done = [&]() -> Result<json> {
        const auto body = TRY(json_body(call.request));
        const auto grant = TRY(grant_in(body, *world_.cameras));
        TRY(users_.with_name(call.id));
        // Before the record, which is of what happens.
        if (!grant.roles.has(store::Role::administers)) TRY_STATUS(users_.administered_without(call.id));
        TRY_STATUS(put_access_on_record(call, "changed", call.id, grant));
        TRY_STATUS(users_.set_grant(call.id, grant));
        return to_json(TRY(users_.with_name(call.id)));
    }();
    if (!done) return error_reply(done.error());
    ++sessions_ended_;
    return json_reply(*done);
}

Reply Api::reset_user(const Call& call) {
    const auto done = [&]() -> Result<json> {
        TRY(users_.with_name(call.id));
        TRY_STATUS(put_access_on_record(call, "reset", call.id, {}));
        const auto password = TRY(users_.reset(call.id));
        return json{{"password", password}};
    }();
    if (!done) return error_reply(done.error());
    ++sessions_ended_;
    return json_reply(*done);
}

Reply Api::remove_user(const Call& call) {
    const auto done = [&]() -> Status {
        TRY(users_.with_name(call.id));
        TRY_STATUS(users_.administered_without(call.id));
        TRY_STATUS(put_access_on_record(call, "removed", call.id, {}));
        return users_.remove(call.id);
    }();
    if (!done) return error_reply(done.error());
    ++sessions_ended_;
    return Reply{204};
}

Reply Api::sessions(const Call& call) {
    const auto found = users_.sessions(call.session->user, call.token);
    if (!found) return error_reply(found.error());
    auto all = json::array();
    for (const auto& s : *found)
        all.push_back({{"id", s.id},
                       {"created", to_iso8601(s.created)},
                       {"used", to_iso8601(s.used)},
                       {"current", s.current}});
    return json_reply(all);
}

Reply Api::end_session(const Call& call) {
    const auto done = [&]() -> Status {
        const auto body = TRY(json_body(call.request));
        return users_.end_session(call.session->user, TRY(text_in(body, "id", 1, 64)));
    }();
    if (!done) return error_reply(done.error());
    ++sessions_ended_;
    return Reply{204};
}

Reply Api::tokens(const Call& call) {
    const auto found = users_.tokens(call.session->user);
    if (!found) return error_reply(found.error());
    auto all = json::array();
    for (const auto& token : *found) all.push_back(to_json(token));
    return json_reply(all);
}

Reply Api::add_token(const Call& call) {
    const auto done = [&]() -> Result<json> {
        const auto body = TRY(json_body(call.request));
        store::Token token;
        token.user = call.session->user;
        token.name = TRY(text_in(body, "name", 1, kLongestName));
        token.expires = TRY(time_in(body, "expires"));
        token.grant = TRY(grant_in(body, *world_.cameras));
        // What its owner may not do is no use to it, and would come true with the owner's next role.
        const auto both = token.grant.both(call.session->grant);
        if (both.roles != token.grant.roles)
            return fail(ErrorKind::denied, "a token may do no more than you; you are {}",
                        call.session->grant.roles.text());
        TRY_STATUS(put_access_on_record(call, "token", token.user, token.grant));
        return json{{"token", TRY(users_.add_token(token))}};
    }();
    return done ? json_reply(*done, 201) : error_reply(done.error());
}

Reply Api::end_token(const Call& call) {
    const auto done = [&]() -> Status {
        const auto body = TRY(json_body(call.request));
        if (!body.contains("id") || !body["id"].is_number_unsigned())
            return fail(ErrorKind::invalid, "the body must be {{\"id\": 1}}");
        return users_.end_token(call.session->user, body["id"].get<std::int64_t>());
    }();
    if (!done) return error_reply(done.error());
    ++sessions_ended_;
    return Reply{204};
}

}  // namespace passerby::server
