#include <nlohmann/json.hpp>

#include "server/api.h"
#include "server/playlist.h"

namespace passerby::server {

namespace {

using nlohmann::json;

constexpr std::chrono::hours kLongestTimeline{25};  // a day of local time has up to 25 hours
constexpr std::chrono::hours kLongestOverview{31 * 24 + 1};

camera::CameraStatus status_of(const CameraEntry& camera, WallTime started) {
    if (camera.feed) return camera.feed->status();
    camera::CameraStatus status;
    status.state = camera::State::off;
    status.since = started;
    return status;
}

json to_json(const std::optional<camera::Containment>& c) {
    if (!c) return nullptr;
    return {{"files", c->files},
            {"network", c->network},
            {"system_calls", c->system_calls},
            {"memory_locked", c->memory_locked},
            {"missing", c->missing}};
}

json to_json(const std::optional<OriginalsRule>& o) {
    if (!o) return nullptr;
    return {{"needed", o->keyholders.needed},
            {"keyholders", o->keyholders.keys.size()},
            {"set", o->keyholders.fingerprint()},
            {"basis", o->basis},
            {"until", to_iso8601(o->until)}};
}

// Parts that follow one another, as spans.
json spans_of(const std::vector<store::SealedFile>& files) {
    constexpr Micros kJoin = std::chrono::seconds{1};
    auto spans = json::array();
    WallTime from{}, to{};
    const auto give = [&] {
        if (to > from) spans.push_back({{"start", to_iso8601(from)}, {"end", to_iso8601(to)}});
    };
    for (const auto& f : files) {
        if (to > from && f.start <= to + kJoin) {
            to = std::max(to, f.end);
            continue;
        }
        give();
        from = f.start, to = f.end;
    }
    give();
    return spans;
}

}  // namespace

json Api::describe(const CameraEntry& entry, const std::optional<store::Store::Span>& span) const {
    const auto status = status_of(entry, started_);
    return {
        {"id", entry.id},
        {"name", entry.name},
        {"state", camera::name(status.state)},
        {"since", to_iso8601(status.since)},
        {"size", status.size == image::Size{} ? json{} : json{status.size.width, status.size.height}},
        {"fps", status.fps},
        {"covered", status.covered},
        {"proven", status.proven},
        {"scene", entry.scene},
        {"style", entry.style},
        {"cover", entry.cover},
        {"contained", to_json(status.contained)},
        {"approval", entry.approval},
        {"originals", to_json(entry.originals)},
        {"audio", entry.audio},
        {"counting", counting_json(entry)},
        {"approved", status.approved},
        {"dropped", status.dropped},
        {"pace", status.pace},
        {"doubt", status.doubt},
        {"error", status.error},
        {"first", span ? json(to_iso8601(span->first)) : json{}},
        {"last", span ? json(to_iso8601(span->last)) : json{}},
    };
}

Result<json> Api::camera_json(const CameraEntry& entry) const {
    return describe(entry, TRY(world_.store->span(entry.id)));
}

std::string Api::state_message(const CameraEntry& entry) const {
    auto camera = camera_json(entry);
    if (!camera) {
        // Without the catalogue there is still a picture to be shown: so say what is wrong, and go on.
        auto without_span = describe(entry, std::nullopt);
        without_span["error"] = camera.error().message;
        camera = std::move(without_span);
    }
    return to_text({{"type", "state"}, {"camera", *std::move(camera)}});
}

Reply Api::cameras(const Call& call) {
    auto all = json::array();
    for (const auto& entry : world_.cameras->all()) {
        if (!call.covers(entry->id)) continue;
        auto camera = camera_json(*entry);
        if (!camera) return error_reply(camera.error());
        all.push_back(*std::move(camera));
    }
    return json_reply(all);
}

Reply Api::camera(const Call& call) {
    const auto entry = find_camera(call.id);
    if (!entry) return error_reply(entry.error());
    const auto camera = camera_json(**entry);
    return camera ? json_reply(*camera) : error_reply(camera.error());
}

Reply Api::live(const Call& call) {
    const auto entry = find_camera(call.id);
    if (!entry) return error_reply(entry.error());
    if (!call.request.websocket_upgrade) {
        auto reply = error_reply(426, "the live view is a WebSocket");
        reply.headers.emplace_back("Upgrade", "websocket");
        return reply;
    }
    if (const auto noted = uses_.live(call.actor(), (*entry)->id); !noted) return error_reply(noted.error());
    Reply reply{101};
    reply.live = *entry;
    reply.live_token = call.token;
    return reply;
}

// Of its pictures, those that are as the camera sent them.
static json kept_share(const store::Segment& s) {
    return s.kept && s.frames > 0 ? json(static_cast<double>(*s.kept) / s.frames) : json{};
}

Reply Api::timeline(const Call& call) {
    const auto answer = [&]() -> Result<json> {
        const auto entry = TRY(find_camera(call.id));
        const auto [from, to] = TRY(time_span(call.request, kLongestTimeline));
        auto segments = json::array(), gaps = json::array();
        const auto recorded = TRY(world_.store->timeline(entry->id, from, to));
        for (const auto& s : recorded.segments)
            segments.push_back({{"id", s.id},
                                {"start", to_iso8601(s.start)},
                                {"end", to_iso8601(s.end)},
                                {"covered", s.covered},
                                {"kept", kept_share(s)}});
        for (const auto& g : recorded.gaps)
            gaps.push_back({{"start", to_iso8601(g.start)},
                            {"end", g.end ? json(to_iso8601(*g.end)) : json{}},
                            {"cause", store::name(g.cause)},
                            {"detail", g.detail}});
        const auto protections = TRY(protections_.of(entry->id, from, to));
        const auto sealed = spans_of(TRY(sealed_.of(entry->id, from, to)));
        return json{{"segments", std::move(segments)},
                    {"gaps", std::move(gaps)},
                    {"protected", protections_json(protections)},
                    {"sealed", sealed}};
    }();
    return answer ? json_reply(*answer) : error_reply(answer.error());
}

Reply Api::days(const Call& call) {
    const auto entry = find_camera(call.id);
    if (!entry) return error_reply(entry.error());
    const auto days = world_.store->days((*entry)->id);
    return days ? json_reply(*days) : error_reply(days.error());
}

Reply Api::hours(const Call& call) {
    const auto answer = [&]() -> Result<json> {
        const auto entry = TRY(find_camera(call.id));
        const auto [from, to] = TRY(time_span(call.request, kLongestOverview));
        auto hours = json::array();
        const auto recorded = TRY(world_.store->hours(entry->id, from, to));
        for (const auto& hour : recorded)
            hours.push_back({{"start", to_iso8601(hour.start)},
                             {"recorded_s", std::chrono::duration<double>{hour.recorded}.count()},
                             {"covered", hour.covered}});
        return hours;
    }();
    return answer ? json_reply(*answer) : error_reply(answer.error());
}

Reply Api::playlist(const Call& call) {
    const auto answer = [&]() -> Result<std::string> {
        const auto entry = TRY(find_camera(call.id));
        const auto [from, to] = TRY(time_span(call.request, kLongestTimeline));
        return hls_playlist(TRY(world_.store->segments(entry->id, from, to)));
    }();
    if (!answer) return error_reply(answer.error());
    Reply reply;
    reply.headers.emplace_back("Content-Type", "application/vnd.apple.mpegurl");
    reply.body = *answer;
    return reply;
}

Reply Api::health(const Call& call) {
    const auto disk = world_.store->disk_space();
    if (!disk) return error_reply(disk.error());
    auto disks = json::array();
    for (const auto& known : world_.store->disks().all()) {
        const auto root = world_.store->disks().folder(known.id);
        const auto space = root ? store::disk_space(*root) : tl::unexpected{root.error()};
        disks.push_back({{"name", known.name},
                         {"folder", known.folder.string()},
                         {"free", space ? space->free : 0},
                         {"total", space ? space->total : 0},
                         {"error", space ? "" : space.error().message}});
    }
    auto cameras = json::object();
    for (const auto& entry : world_.cameras->all())
        if (call.covers(entry->id)) cameras[entry->id] = camera::name(status_of(*entry, started_).state);
    const auto uptime = world_.clock.monotonic() - started_monotonic_;
    return json_reply({{"version", world_.version},
                       {"started", to_iso8601(started_)},
                       {"uptime_s", std::chrono::duration_cast<std::chrono::seconds>(uptime).count()},
                       {"disk", {{"free", disk->free}, {"total", disk->total}}},
                       {"disks", std::move(disks)},
                       {"cameras", std::move(cameras)}});
}

}  // namespace passerby::server
