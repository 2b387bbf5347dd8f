// Strict mode: a person looks at the picture of the proven scene, and approves it or parts of it.
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "server/api.h"
#include "server/standing_approvals.h"

namespace passerby::server {

namespace {

using nlohmann::json;

struct Judgement {
    std::string picture;               // sha256 of what was looked at
    std::vector<std::string> refused;  // polygons
};

Result<Judgement> judgement_from(const std::string& body) {
    const json parsed = json::parse(body, nullptr, false);
    const auto malformed = [] {
        return fail(ErrorKind::invalid,
                    "the body must be {{\"picture\": \"its sha256\", \"refused\": [\"x,y x,y x,y\", …]}}");
    };
    if (!parsed.is_object() || !parsed.contains("picture") || !parsed["picture"].is_string())
        return malformed();
    Judgement judgement{parsed["picture"], {}};
    const auto refused = parsed.value("refused", json::array());
    if (!refused.is_array()) return malformed();
    for (const auto& part : refused) {
        if (!part.is_string()) return malformed();
        TRY(redact::polygon_from(part.get<std::string>()));
        judgement.refused.push_back(part);
    }
    return judgement;
}

json to_json(const store::Approval& a) {
    return {{"sha256", a.sha256},
            {"at", to_iso8601(a.at)},
            {"by", a.user},
            {"refused", a.refused},
            {"withdrawn",
             a.withdrawn ? json{{"at", to_iso8601(a.withdrawn->at)}, {"by", a.withdrawn->user}} : json{}}};
}

}  // namespace

Result<CameraList::Entry> Api::find_strict_camera(const std::string& id) const {
    const auto entry = TRY(find_camera(id));
    if (entry->approve) return entry;
    return fail(ErrorKind::invalid,
                "the scene of \"{}\" needs no approval; for that the config has `approval: required`", id);
}

Result<json> Api::scene_json(const CameraEntry& entry) {
    const auto status = entry.feed ? entry.feed->status() : camera::CameraStatus{};
    // What is named here is asked for next, when the scene may have another picture already.
    if (status.scene) scenes_seen_.add(entry.id, status.scene);
    auto approvals = json::array();
    for (const auto& a : TRY(approvals_.history(entry.id))) approvals.push_back(to_json(a));
    return json{{"approval", entry.approval},
                {"proven", status.proven},
                {"approved", status.approved},
                {"doubt", status.doubt},
                {"picture", status.scene
                                ? json{{"sha256", status.scene->sha256}, {"at", to_iso8601(status.scene->at)}}
                                : json{}},
                {"approvals", std::move(approvals)}};
}

Result<json> Api::pass_on(const CameraEntry& entry) {
    const auto standing = TRY(standing_approvals(approvals_, entry.id));
    TRY_STATUS(entry.approve(standing));
    return scene_json(entry);
}

Reply Api::scene(const Call& call) {
    const auto answer = [&]() -> Result<json> { return scene_json(*TRY(find_camera(call.id))); }();
    return answer ? json_reply(*answer) : error_reply(answer.error());
}

Reply Api::scene_picture(const Call& call) {
    const auto answer = [&]() -> Result<std::string> {
        const auto entry = TRY(find_camera(call.id));
        const auto query = TRY(parse_query(call.request.query));
        const auto status = entry->feed ? entry->feed->status() : camera::CameraStatus{};
        const auto wanted = query.find("sha256");
        if (status.scene && (wanted == query.end() || wanted->second == status.scene->sha256)) {
            scenes_seen_.add(entry->id, status.scene);
            return status.scene->png;
        }
        if (wanted != query.end()) {
            if (const auto seen = scenes_seen_.find(entry->id, wanted->second)) return seen->png;
            return approvals_.picture(entry->id, wanted->second);
        }
        return fail(ErrorKind::not_found,
                    "nothing of this scene is proven yet, or nobody needs to approve it");
    }();
    if (!answer) return error_reply(answer.error());
    Reply reply;
    reply.headers.emplace_back("Content-Type", "image/png");
    reply.body = *answer;
    return reply;
}

Reply Api::approve_scene(const Call& call) {
    const auto answer = [&]() -> Result<json> {
        const auto entry = TRY(find_strict_camera(call.id));
        auto judgement = TRY(judgement_from(call.request.body));
        const auto seen = scenes_seen_.find(entry->id, judgement.picture);
        if (!seen)
            return fail(ErrorKind::exists,
                        "nobody was shown that picture of the scene lately; look at the scene as it is now "
                        "and approve "
                        "that");
        TRY(uses_.act(call.actor(), "scene",
                      {{"camera", entry->id}, {"change", "approved"}, {"picture", seen->sha256}}));
        TRY_STATUS(approvals_.add({entry->id, call.session->user, world_.clock.wall(), seen->sha256,
                                   seen->png, std::move(judgement.refused)}));
        log_info("the scene of {} was approved", entry->id);
        return pass_on(*entry);
    }();
    return answer ? json_reply(*answer) : error_reply(answer.error());
}

Reply Api::withdraw_scene(const Call& call) {
    const auto answer = [&]() -> Result<json> {
        const auto entry = TRY(find_strict_camera(call.id));
        // Covered first: if the catalogue fails then, it is covered until the next start, and the error says
        // so.
        TRY_STATUS(entry->approve({}));
        const auto standing = TRY(approvals_.standing(entry->id, 1));
        // More cover needs no permission: it is on the record where that is possible.
        if (!standing.empty())
            if (const auto noted = uses_.act(
                    call.actor(), "scene",
                    {{"camera", entry->id}, {"change", "withdrawn"}, {"picture", standing.back().sha256}});
                !noted)
                log_error("the withdrawal is not on the record: {}", noted.error().message);
        TRY_STATUS(approvals_.withdraw(entry->id, call.session->user, world_.clock.wall()));
        log_info("the approval of the scene of {} was withdrawn", entry->id);
        return scene_json(*entry);
    }();
    return answer ? json_reply(*answer) : error_reply(answer.error());
}

}  // namespace passerby::server
