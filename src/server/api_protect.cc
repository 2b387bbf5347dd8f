// Spans of recordings that retention leaves alone.
#include <nlohmann/json.hpp>

#include "server/api.h"

namespace passerby::server {

namespace {

using nlohmann::json;

Result<std::string> text_in(const json& body, const char* name) {
    if (body.is_object() && body.contains(name) && body[name].is_string())
        return body[name].get<std::string>();
    return fail(ErrorKind::invalid, "the body must have the text \"{}\"", name);
}

Result<WallTime> time_in(const json& body, const char* name) {
    const auto text = TRY(text_in(body, name));
    auto time = wall_time_from_iso8601(text);
    if (!time) return fail(ErrorKind::invalid, "\"{}\" is not a time like 2026-03-01T12:00:00Z", name);
    return time;
}

}  // namespace

json Api::protections_json(const std::vector<store::Protection>& protections) {
    auto all = json::array();
    for (const auto& p : protections)
        all.push_back(
            {{"id", p.id},
             {"start", to_iso8601(p.start)},
             {"end", to_iso8601(p.end)},
             {"reason", p.reason},
             {"at", to_iso8601(p.at)},
             {"by", p.user},
             {"until", to_iso8601(p.until)},
             {"ended", p.ended ? json{{"at", to_iso8601(p.ended->at)}, {"by", p.ended->user}} : json{}}});
    return all;
}

Reply Api::protect(const Call& call) {
    const auto answer = [&]() -> Result<json> {
        const auto entry = TRY(find_camera(call.id));
        const json body = json::parse(call.request.body, nullptr, false);
        store::Protection wanted;
        wanted.camera = entry->id;
        wanted.start = TRY(time_in(body, "from"));
        wanted.end = TRY(time_in(body, "to"));
        wanted.reason = TRY(text_in(body, "reason"));
        wanted.until = TRY(time_in(body, "until"));
        wanted.at = world_.clock.wall();
        wanted.user = call.session->user;
        TRY_STATUS(store::Protections::validate(wanted));
        TRY(uses_.act(call.actor(), "protect",
                      {{"camera", entry->id},
                       {"from", to_iso8601(wanted.start)},
                       {"to", to_iso8601(wanted.end)},
                       {"until", to_iso8601(wanted.until)}}));
        return json{{"id", TRY(protections_.add(wanted))}};
    }();
    return answer ? json_reply(*answer) : error_reply(answer.error());
}

Reply Api::unprotect(const Call& call) {
    const auto answer = [&]() -> Status {
        const auto entry = TRY(find_camera(call.id));
        const json body = json::parse(call.request.body, nullptr, false);
        if (!body.is_object() || !body.contains("id") || !body["id"].is_number_integer())
            return fail(ErrorKind::invalid, "the body must be {{\"id\": number of the protection}}");
        const auto id = body["id"].get<std::int64_t>();
        const auto now = world_.clock.wall();
        const auto found = TRY(protections_.with_id(entry->id, id));
        if (!found || found->ended || found->until <= now)
            return fail(ErrorKind::not_found, "'{}' has no protection {}, or it has ended", entry->id, id);
        TRY(uses_.act(
            call.actor(), "unprotect",
            {{"camera", entry->id}, {"from", to_iso8601(found->start)}, {"to", to_iso8601(found->end)}}));
        return protections_.end(entry->id, id, call.session->user, now);
    }();
    return answer ? Reply{204} : error_reply(answer.error());
}

}  // namespace passerby::server
