// What administrators set in the app. What protects less takes two persons, where there is a second who may
// say so. Every change is on the record before it is made; addresses and passwords are not.
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "server/api.h"
#include "server/json_body.h"

namespace passerby::server {

namespace {

using nlohmann::json;

std::string subject_of(const std::string& camera) {
    return camera.empty() ? "retention" : "camera." + camera;
}

std::string joined(const std::vector<std::string>& words) {
    return fmt::format("{}", fmt::join(words, " "));
}

}  // namespace

bool Api::may_agree(const Call& call, const SettingsChange& change) {
    return change.camera.empty() ? !call.session->grant.cameras : call.covers(change.camera);
}

Result<CameraSettings*> Api::the_settings() const {
    if (world_.settings) return world_.settings.get();
    return fail(ErrorKind::unavailable, "this recorder is set by its config file alone");
}

// Those that this person may agree to, or has made.
json Api::waiting_json(const Call& call) const {
    auto all = json::array();
    for (const auto& [id, p] : proposals_) {
        if (!may_agree(call, p.change)) continue;
        all.push_back({{"id", id},
                       {"camera", p.change.camera.empty() ? json{} : json(p.change.camera)},
                       {"change", p.change.change},
                       {"fields", p.change.fields},
                       {"by", p.user},
                       {"at", to_iso8601(p.at)},
                       {"yours", p.user == call.session->user}});
    }
    return all;
}

// Of the cameras that are theirs.
Result<json> Api::settings_json(const Call& call) {
    auto all = TRY(the_settings())->describe();
    auto cameras = json::array();
    for (auto& camera : all["cameras"]) {
        const auto id = camera["id"].get<std::string>();
        if (!call.covers(id)) continue;
        const auto bytes = TRY(world_.store->bytes_used(id));
        const auto span = TRY(world_.store->span(id));
        camera["bytes"] = bytes;
        const auto days =
            span ? std::chrono::duration<double, std::chrono::days::period>(span->last - span->first).count()
                 : 0.0;
        // Of less than an hour nothing can be foretold.
        constexpr double kHour = 1.0 / 24;
        camera["bytes_per_day"] = days > kHour ? json(static_cast<double>(bytes) / days) : json{};
        cameras.push_back(std::move(camera));
    }
    all["cameras"] = std::move(cameras);
    const auto disk = TRY(world_.store->disk_space());
    all["disk"] = {{"free", disk.free}, {"total", disk.total}};
    all["used"] = TRY(world_.store->bytes_used());
    all["waits"] = waiting_json(call);
    return all;
}

Status Api::put_settings_on_record(const Call& call, const SettingsChange& change, std::string_view how) {
    TRY(uses_.act(call.actor(), "settings",
                  {{"subject", subject_of(change.camera)},
                   {"change", how},
                   {"what", {{"change", change.change}, {"fields", joined(change.fields)}}}}));
    return {};
}

// Makes it, or keeps it until a second person agrees: then 202.
Reply Api::change_settings(const Call& call,
                           const std::function<Result<SettingsChange>(CameraSettings&)>& plan) {
    bool waits = false;
    const auto answer = [&]() -> Result<json> {
        auto* settings = TRY(the_settings());
        const std::lock_guard lock{settings_mutex_};
        const auto change = TRY(plan(*settings));
        waits = change.less && TRY(second_person(call, change.camera));
        TRY_STATUS(put_settings_on_record(call, change,
                                          waits         ? "proposed"
                                          : change.less ? "lowered"
                                                        : "changed"));
        // What was proposed about the same before was about other settings.
        std::erase_if(proposals_, [&](const auto& p) { return p.second.change.camera == change.camera; });
        if (waits)
            proposals_.emplace(++last_proposal_, Proposal{change, call.session->user, world_.clock.wall()});
        else
            TRY_STATUS(settings->make(change));
        return settings_json(call);
    }();
    return answer ? json_reply(*answer, waits ? 202 : 200) : error_reply(answer.error());
}

Reply Api::settings(const Call& call) {
    const auto answer = [&]() -> Result<json> {
        const std::lock_guard lock{settings_mutex_};
        return settings_json(call);
    }();
    return answer ? json_reply(*answer) : error_reply(answer.error());
}

Reply Api::set_camera(const Call& call) {
    const auto body = json_body(call.request);
    if (!body) return error_reply(body.error());
    return change_settings(call, [&](CameraSettings& s) { return s.camera(call.id, *body); });
}

Reply Api::remove_camera(const Call& call) {
    return change_settings(call, [&](CameraSettings& s) { return s.without(call.id); });
}

Reply Api::set_retention(const Call& call) {
    const auto body = json_body(call.request);
    if (!body) return error_reply(body.error());
    return change_settings(call, [&](CameraSettings& s) -> Result<SettingsChange> {
        if (call.session->grant.cameras)
            return fail(ErrorKind::denied, "that is about all cameras, and you may administer some of them");
        return s.retention(*body);
    });
}

Reply Api::agree_to_settings(const Call& call) {
    const auto answer = [&]() -> Result<json> {
        auto* settings = TRY(the_settings());
        const auto body = TRY(json_body(call.request));
        if (!body.contains("id") || !body["id"].is_number_unsigned())
            return fail(ErrorKind::invalid, "the body must be {{\"id\": 1}}: of the proposal that waits");
        const std::lock_guard lock{settings_mutex_};
        const auto found = proposals_.find(body["id"].get<std::uint64_t>());
        if (found == proposals_.end() || !may_agree(call, found->second.change))
            return fail(ErrorKind::exists,
                        "that proposal does not wait any more; look at the settings as they are now");
        if (found->second.user == call.session->user)
            return fail(ErrorKind::denied,
                        "two must agree to less protection; somebody else has to say yes to your proposal");
        const auto change = found->second.change;
        TRY_STATUS(put_settings_on_record(call, change, "agreed"));
        proposals_.erase(found);
        TRY_STATUS(settings->make(change));
        return settings_json(call);
    }();
    return answer ? json_reply(*answer) : error_reply(answer.error());
}

Reply Api::test_camera(const Call& call) {
    const auto answer = [&]() -> Result<json> {
        auto* settings = TRY(the_settings());
        const auto body = TRY(json_body(call.request));
        SettingsChange tried;
        tried.camera = call.id;
        tried.change = "tested";
        TRY_STATUS(put_settings_on_record(call, tried, "tested"));
        return settings->test(call.id, body, call.gone);
    }();
    return answer ? json_reply(*answer) : error_reply(answer.error());
}

Reply Api::find_cameras(const Call&) {
    const auto answer = [&]() -> Result<json> { return TRY(the_settings())->discover(); }();
    return answer ? json_reply(*answer) : error_reply(answer.error());
}

Reply Api::find_streams(const Call& call) {
    const auto answer = [&]() -> Result<json> {
        auto* settings = TRY(the_settings());
        return settings->streams(TRY(json_body(call.request)));
    }();
    return answer ? json_reply(*answer) : error_reply(answer.error());
}

Reply Api::settings_backup(const Call& call) {
    const auto settings = the_settings();
    if (!settings) return error_reply(settings.error());
    if (call.session->grant.cameras)
        return error_reply(403, "that is about all cameras, and you may administer some of them");
    Reply reply;
    reply.headers.emplace_back("Content-Type", "application/yaml");
    reply.headers.emplace_back("Content-Disposition", "attachment; filename=\"passerby-settings.yaml\"");
    reply.body = (*settings)->backup();
    return reply;
}

}  // namespace passerby::server
