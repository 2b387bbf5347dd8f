// Areas that are always covered, drawn by persons. More cover takes effect at once. Less takes two persons,
// where there is a second who may say so, and is on the record before it happens.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/log.h"
#include "crypto/digest.h"
#include "server/api.h"
#include "server/json_body.h"
#include "server/standing_masks.h"

namespace passerby::server {

namespace {

using nlohmann::json;

json to_json(const store::MaskVersion& v) {
    return {{"id", v.id},
            {"at", to_iso8601(v.at)},
            {"by", v.user},
            {"areas", v.areas},
            {"agreed", v.agreed ? json{{"at", to_iso8601(v.agreed->at)}, {"by", v.agreed->user}} : json{}}};
}

// Each as it was sent: an area that is the same text is the same area.
Result<std::vector<std::string>> areas_in(const json& body) {
    const auto it = body.find("areas");
    if (it == body.end() || !it->is_array())
        return fail(ErrorKind::invalid,
                    "\"areas\" must be a list of polygons, such as [\"0.1,0.1 0.4,0.1 0.4,0.5\"]");
    if (it->size() > store::Masks::kMostAreas)
        return fail(ErrorKind::invalid, "{} areas; {} are the most", it->size(), store::Masks::kMostAreas);
    std::vector<std::string> areas;
    for (const auto& area : *it) {
        if (!area.is_string() || area.get_ref<const std::string&>().size() > store::Masks::kLongestArea)
            return fail(ErrorKind::invalid, "area {} is no text of at most {} bytes", areas.size() + 1,
                        store::Masks::kLongestArea);
        if (const auto polygon = redact::polygon_from(area.get<std::string>()); !polygon)
            return fail(ErrorKind::invalid, "area {}: {}", areas.size() + 1, polygon.error().message);
        areas.push_back(area.get<std::string>());
    }
    return areas;
}

bool drops_one(const std::vector<std::string>& before, const std::vector<std::string>& after) {
    return std::ranges::any_of(before,
                               [&](const auto& area) { return std::ranges::count(after, area) == 0; });
}

}  // namespace

Result<json> Api::masks_json(const CameraEntry& entry) const {
    auto versions = json::array();
    for (const auto& v : TRY(masks_.history(entry.id))) versions.push_back(to_json(v));
    const auto waits = TRY(masks_.waiting(entry.id));
    return json{{"fixed", entry.fixed_masks},
                {"areas", TRY(masks_.standing(entry.id))},
                {"waits", waits ? json(waits->id) : json{}},
                {"versions", std::move(versions)}};
}

// Whether somebody else may agree to less cover of this camera.
Result<bool> Api::second_person(const Call& call, const std::string& camera) const {
    for (const auto& user : TRY(users_.all()))
        if (user.name != call.session->user && user.grant.roles.has(store::Role::administers) &&
            user.grant.covers(camera) && !user.must_change_password)
            return true;
    return false;
}

Status Api::put_masks_on_record(const Call& call, const std::string& camera, std::string_view change,
                                const std::vector<std::string>& areas) {
    std::string all;
    for (const auto& area : areas) all += area + "\n";
    TRY(uses_.act(
        call.actor(), "masks",
        {{"camera", camera}, {"change", change}, {"areas", areas.size()}, {"set", crypto::sha256_hex(all)}}));
    return {};
}

Reply Api::masks(const Call& call) {
    const auto answer = [&]() -> Result<json> { return masks_json(*TRY(find_camera(call.id))); }();
    return answer ? json_reply(*answer) : error_reply(answer.error());
}

Reply Api::set_masks(const Call& call) {
    bool waits = false;
    const auto answer = [&]() -> Result<json> {
        const auto entry = TRY(find_camera(call.id));
        const auto body = TRY(json_body(call.request));
        const auto areas = TRY(areas_in(body));
        const std::lock_guard lock{masks_mutex_};
        const bool less = drops_one(TRY(masks_.standing(entry->id)), areas);
        waits = less && TRY(second_person(call, entry->id));
        const auto now = world_.clock.wall();
        store::MaskVersion version{0, entry->id, call.session->user, now, areas};
        if (!waits) version.agreed = {now, call.session->user};
        const auto noted = put_masks_on_record(call, entry->id,
                                               waits  ? "proposed"
                                               : less ? "lowered"
                                                      : "raised",
                                               areas);
        // More cover needs no permission: it is on the record where that is possible.
        if (!noted && less) return tl::unexpected{noted.error()};
        if (!noted) log_error("more cover is not on the record: {}", noted.error().message);
        TRY(masks_.add(version));
        if (!waits) TRY_STATUS(draw_masks(*entry));
        return masks_json(*entry);
    }();
    return answer ? json_reply(*answer, waits ? 202 : 200) : error_reply(answer.error());
}

Reply Api::agree_to_masks(const Call& call) {
    const auto answer = [&]() -> Result<json> {
        const auto entry = TRY(find_camera(call.id));
        const auto body = TRY(json_body(call.request));
        if (!body.contains("id") || !body["id"].is_number_unsigned())
            return fail(ErrorKind::invalid, "the body must be {{\"id\": 1}}: of the version that waits");
        const std::lock_guard lock{masks_mutex_};
        const auto waits = TRY(masks_.waiting(entry->id));
        if (!waits || waits->id != body["id"].get<std::int64_t>())
            return fail(ErrorKind::exists,
                        "that proposal does not wait any more; look at the masks as they are now");
        if (waits->user == call.session->user)
            return fail(ErrorKind::denied,
                        "two must agree to less cover; somebody else has to say yes to your proposal");
        TRY_STATUS(put_masks_on_record(call, entry->id, "agreed", waits->areas));
        TRY_STATUS(masks_.agree(entry->id, waits->id, {world_.clock.wall(), call.session->user}));
        TRY_STATUS(draw_masks(*entry));
        return masks_json(*entry);
    }();
    return answer ? json_reply(*answer) : error_reply(answer.error());
}

Status Api::draw_masks(const CameraEntry& entry) {
    // The one that runs now: it may have been started anew since it was looked up.
    const auto current = world_.cameras->find(entry.id);
    if (!current || !current->draw) return {};  // switched off: they are drawn when it runs again
    return current->draw(TRY(standing_masks(masks_, entry.id)));
}

}  // namespace passerby::server
