// How many cross lines and zones, as the camera's process told it: with noise, and with what that noise is
// (promise P7). Who draws a line or a zone is on the record before it is counted.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "camera/activity_report.h"
#include "crypto/digest.h"
#include "server/api.h"
#include "server/json_body.h"
#include "server/standing_places.h"

namespace passerby::server {

namespace {

using nlohmann::json;

constexpr std::chrono::hours kLongest{24 * 35};

json to_json(const store::DrawnPlace& p) {
    const bool line = std::ranges::count(p.points, ' ') == 1;
    return {{"id", p.id},
            {"name", p.name},
            {"kind", line ? "line" : "zone"},
            {"points", p.points},
            {"at", to_iso8601(p.drawn.at)},
            {"by", p.drawn.user},
            {"removed", p.removed ? json(to_iso8601(p.removed->at)) : json{}}};
}

json to_json(const std::optional<redact::Counting>& rule) {
    if (!rule) return nullptr;
    return {{"epsilon", rule->epsilon_thousandths / 1000.0},
            {"visits", rule->visits},
            {"counts_of_a_visit", vision::Crossings::kMost},
            {"interval_s", std::chrono::duration_cast<std::chrono::seconds>(rule->interval).count()},
            {"error", crypto::usual_noise(camera::noise_scale(*rule))}};
}

json to_json(const store::ActivityNumber& n) {
    const crypto::NoiseScale scale{n.scale_of, n.scale_by};
    return {{"place", n.place},
            {"from", to_iso8601(n.from)},
            {"to", to_iso8601(n.to)},
            {"persons", {{"in", n.persons[0]}, {"out", n.persons[1]}}},
            {"vehicles", {{"in", n.vehicles[0]}, {"out", n.vehicles[1]}}},
            {"scale", scale.value()},
            {"error", crypto::usual_noise(scale)}};
}

struct Wanted {
    std::vector<std::int64_t> keep;
    std::vector<store::DrawnPlace> add;
};

bool is_name(const std::string& text) {
    const bool blank = std::ranges::all_of(text, [](char c) { return c == ' '; });
    return !blank && text.size() <= store::Activity::kLongestName && std::ranges::none_of(text, [](char c) {
        return static_cast<unsigned char>(c) < ' ' || c == 0x7F;
    });
}

Result<store::DrawnPlace> place_in(const json& one, std::size_t number, const std::string& camera) {
    const auto text = [&](const char* key) {
        const auto it = one.find(key);
        return it != one.end() && it->is_string() ? it->get<std::string>() : std::string{};
    };
    store::DrawnPlace place{0, camera, text("name"), text("points"), {}};
    if (!is_name(place.name))
        return fail(ErrorKind::invalid, "place {} needs a \"name\": one line of 1 to {} bytes", number,
                    store::Activity::kLongestName);
    if (place.points.size() > store::Activity::kLongestPoints)
        return fail(ErrorKind::invalid, "the points of place {} are more than {} bytes", number,
                    store::Activity::kLongestPoints);
    if (const auto points = place_from(place.points); !points)
        return fail(ErrorKind::invalid, "place {}: {}", number, points.error().message);
    return place;
}

// One with an "id" stays as it is.
Result<Wanted> wanted_in(const json& body, const std::string& camera,
                         const std::vector<store::DrawnPlace>& drawn) {
    const auto it = body.find("places");
    if (it == body.end() || !it->is_array())
        return fail(
            ErrorKind::invalid,
            "\"places\" must be a list such as [{{\"name\": \"door\", \"points\": \"0.1,0.5 0.9,0.5\"}}]");
    if (it->size() > store::Activity::kMostPlaces)
        return fail(ErrorKind::invalid, "{} lines and zones; {} are the most", it->size(),
                    store::Activity::kMostPlaces);
    Wanted wanted;
    for (const auto& one : *it) {
        const auto number = wanted.keep.size() + wanted.add.size() + 1;
        if (!one.is_object()) return fail(ErrorKind::invalid, "place {} is no object", number);
        if (const auto id = one.find("id"); id == one.end() || id->is_null()) {
            wanted.add.push_back(TRY(place_in(one, number, camera)));
        } else {
            const auto known = id->is_number_integer() ? id->get<std::int64_t>() : 0;
            if (std::ranges::count(drawn, known, &store::DrawnPlace::id) == 0)
                return fail(ErrorKind::exists,
                            "place {} is not drawn any more; look at the places as they are now", number);
            wanted.keep.push_back(known);
        }
    }
    return wanted;
}

}  // namespace

json Api::counting_json(const CameraEntry& entry) {
    return to_json(entry.counting);
}

Result<json> Api::places_json(const CameraEntry& entry, bool removed) const {
    auto places = json::array();
    for (const auto& place : TRY(activity_.places(entry.id, removed))) places.push_back(to_json(place));
    return json{{"counting", to_json(entry.counting)}, {"places", std::move(places)}};
}

Reply Api::places(const Call& call) {
    const auto answer = [&]() -> Result<json> { return places_json(*TRY(find_camera(call.id)), false); }();
    return answer ? json_reply(*answer) : error_reply(answer.error());
}

Reply Api::set_places(const Call& call) {
    const auto answer = [&]() -> Result<json> {
        const auto entry = TRY(find_camera(call.id));
        if (!entry->counting)
            return fail(ErrorKind::exists,
                        "nothing is counted at this camera; its owner would say so with the key activity: in "
                        "the config");
        const auto body = TRY(json_body(call.request));
        const std::lock_guard lock{places_mutex_};
        const auto drawn = TRY(activity_.places(entry->id));
        const auto wanted = TRY(wanted_in(body, entry->id, drawn));
        // Where they lie is told by a hash: it shows that they changed.
        std::string all;
        for (const auto& place : drawn)
            if (std::ranges::count(wanted.keep, place.id)) all += place.points + "\n";
        for (const auto& place : wanted.add) all += place.points + "\n";
        TRY(uses_.act(call.actor(), "places",
                      {{"camera", entry->id},
                       {"drawn", wanted.add.size()},
                       {"removed", drawn.size() - wanted.keep.size()},
                       {"set", crypto::sha256_hex(all)}}));
        TRY_STATUS(
            activity_.draw(entry->id, wanted.keep, wanted.add, {world_.clock.wall(), call.session->user}));
        const auto places = TRY(standing_places(activity_, entry->id));
        // The one that runs now: it may have been started anew since it was looked up.
        const auto current = world_.cameras->find(entry->id);
        if (current && current->count) TRY_STATUS(current->count(places));
        return places_json(*entry, false);
    }();
    return answer ? json_reply(*answer) : error_reply(answer.error());
}

Reply Api::activity(const Call& call) {
    const auto answer = [&]() -> Result<json> {
        const auto entry = TRY(find_camera(call.id));
        const auto span = TRY(time_span(call.request, kLongest));
        auto all = TRY(places_json(*entry, true));
        auto& numbers = all["numbers"] = json::array();
        for (const auto& number : TRY(activity_.of(entry->id, span.from, span.to)))
            numbers.push_back(to_json(number));
        return all;
    }();
    return answer ? json_reply(*answer) : error_reply(answer.error());
}

}  // namespace passerby::server
