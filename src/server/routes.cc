#include "server/routes.h"

#include <algorithm>
#include <array>
#include <optional>

#include "server/api.h"
#include "store/users.h"

namespace passerby::server {

namespace {

constexpr std::array kRoutes{
    Route{Method::post, "/api/login", Access::anyone, Work::password, &Api::log_in},
    Route{Method::post, "/api/logout", Access::newcomer, Work::query, &Api::log_out},
    Route{Method::get, "/api/session", Access::newcomer, Work::query, &Api::session},
    Route{Method::post, "/api/password", Access::newcomer, Work::password, &Api::change_password},
    Route{Method::get, "/api/cameras", Right::know, Work::query, &Api::cameras},
    Route{Method::get, "/api/cameras/{camera}", Right::know, Work::query, &Api::camera},
    Route{Method::get, "/api/cameras/{camera}/live", Right::look, Work::live, &Api::live},
    Route{Method::get, "/api/cameras/{camera}/timeline", Right::survey, Work::query, &Api::timeline},
    Route{Method::get, "/api/cameras/{camera}/days", Right::survey, Work::query, &Api::days},
    Route{Method::get, "/api/cameras/{camera}/hours", Right::survey, Work::query, &Api::hours},
    Route{Method::get, "/api/cameras/{camera}/playlist.m3u8", Right::look, Work::query, &Api::playlist},
    Route{Method::get, "/api/segments/{segment}.mp4", Right::look, Work::query, &Api::segment},
    Route{Method::get, "/api/cameras/{camera}/export", Right::take, Work::joining, &Api::export_span},
    Route{Method::get, "/api/cameras/{camera}/scene", Right::govern, Work::query, &Api::scene},
    Route{Method::get, "/api/cameras/{camera}/scene.png", Right::govern, Work::query, &Api::scene_picture},
    Route{Method::post, "/api/cameras/{camera}/scene/approve", Right::govern, Work::query,
          &Api::approve_scene},
    Route{Method::post, "/api/cameras/{camera}/scene/withdraw", Right::govern, Work::query,
          &Api::withdraw_scene},
    Route{Method::post, "/api/cameras/{camera}/protect", Right::keep, Work::query, &Api::protect},
    Route{Method::post, "/api/cameras/{camera}/unprotect", Right::keep, Work::query, &Api::unprotect},
    Route{Method::get, "/api/exports/{export}.proof", Right::take, Work::query, &Api::export_proof},
    Route{Method::get, "/api/openings", Right::follow, Work::query, &Api::openings},
    Route{Method::post, "/api/openings", Right::open, Work::query, &Api::request_opening},
    Route{Method::get, "/api/openings/{opening}", Right::follow, Work::query, &Api::opening},
    Route{Method::get, "/api/openings/{opening}/request.json", Right::follow, Work::query,
          &Api::opening_request},
    // A keyholder needs no account: the token in their answer is the right to give it.
    Route{Method::post, "/api/openings/{opening}/answer", Access::anyone, Work::query, &Api::answer_opening},
    Route{Method::post, "/api/openings/{opening}/open", Right::open, Work::query, &Api::open_originals},
    Route{Method::get, "/api/openings/{opening}/part", Right::open, Work::query, &Api::opening_part},
    Route{Method::get, "/api/ledger", Right::know, Work::query, &Api::ledger_state},
    Route{Method::get, "/api/ledger/entries", Right::know, Work::query, &Api::ledger_entries},
    Route{Method::get, "/api/use", Right::report, Work::query, &Api::use_report},
    Route{Method::post, "/api/purpose", Right::know, Work::query, &Api::state_purpose},
    Route{Method::get, "/ledger/{file}", Access::anyone, Work::query, &Api::ledger_file},
    Route{Method::get, "/api/cameras/{camera}/masks", Right::govern, Work::query, &Api::masks},
    Route{Method::post, "/api/cameras/{camera}/masks", Right::govern, Work::query, &Api::set_masks},
    Route{Method::post, "/api/cameras/{camera}/masks/agree", Right::govern, Work::query,
          &Api::agree_to_masks},
    Route{Method::get, "/api/cameras/{camera}/places", Right::know, Work::query, &Api::places},
    Route{Method::post, "/api/cameras/{camera}/places", Right::govern, Work::query, &Api::set_places},
    Route{Method::get, "/api/cameras/{camera}/activity", Right::know, Work::query, &Api::activity},
    Route{Method::get, "/api/sessions", Access::person, Work::query, &Api::sessions},
    Route{Method::post, "/api/sessions/end", Access::person, Work::query, &Api::end_session},
    Route{Method::get, "/api/tokens", Access::person, Work::query, &Api::tokens},
    Route{Method::post, "/api/tokens", Access::person, Work::query, &Api::add_token},
    Route{Method::post, "/api/tokens/end", Access::person, Work::query, &Api::end_token},
    Route{Method::get, "/api/second-factor", Access::newcomer, Work::query, &Api::second_factor},
    Route{Method::post, "/api/second-factor", Access::newcomer, Work::password, &Api::set_second_factor},
    Route{Method::post, "/api/second-factor/end", Access::person, Work::password, &Api::end_second_factor},
    Route{Method::post, "/api/users/{user}/second-factor/end", Right::govern, Work::query,
          &Api::end_second_factor_of},
    Route{Method::get, "/api/users", Right::govern, Work::query, &Api::users},
    Route{Method::post, "/api/users", Right::govern, Work::password, &Api::add_user},
    Route{Method::post, "/api/users/{user}", Right::govern, Work::query, &Api::set_user},
    Route{Method::post, "/api/users/{user}/reset", Right::govern, Work::password, &Api::reset_user},
    Route{Method::post, "/api/users/{user}/remove", Right::govern, Work::query, &Api::remove_user},
    Route{Method::get, "/api/health", Right::maintain, Work::query, &Api::health},
    Route{Method::get, "/api/settings", Right::govern, Work::query, &Api::settings},
    Route{Method::get, "/api/settings/backup", Right::govern, Work::query, &Api::settings_backup},
    Route{Method::post, "/api/settings/discover", Right::govern, Work::joining, &Api::find_cameras},
    Route{Method::post, "/api/settings/streams", Right::govern, Work::joining, &Api::find_streams},
    Route{Method::post, "/api/settings/retention", Right::govern, Work::query, &Api::set_retention},
    Route{Method::post, "/api/settings/agree", Right::govern, Work::query, &Api::agree_to_settings},
    Route{Method::post, "/api/settings/cameras/{camera}", Right::govern, Work::query, &Api::set_camera},
    Route{Method::post, "/api/settings/cameras/{camera}/remove", Right::govern, Work::query,
          &Api::remove_camera},
    Route{Method::post, "/api/settings/cameras/{camera}/test", Right::govern, Work::joining,
          &Api::test_camera},
    Route{Method::get, "/api/about", Access::anyone, Work::query, &Api::about_site},
    Route{Method::get, "/about-this-camera", Access::anyone, Work::query, &Api::about_page},
    Route{Method::get, "/about-this-camera/sign", Access::anyone, Work::query, &Api::about_sign},
    Route{Method::get, "/about-this-camera/style.css", Access::anyone, Work::query, &Api::about_style},
    Route{Method::get, "/api/openapi.json", Access::anyone, Work::query, &Api::openapi},
};

bool is_camera_id(std::string_view text) {
    return !text.empty() && text.size() <= 32 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

bool is_segment_id(std::string_view text) {
    return !text.empty() && text.size() <= 18 && text[0] != '0' &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_opening_id(std::string_view text) {
    return text.size() == 32 &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// "checkpoint", "cosigned", "key", or a tile's path as ledger/tiles.h makes it. Everything else is no file of
// the ledger.
bool is_ledger_file(std::string_view path) {
    if (path == "checkpoint" || path == "cosigned" || path == "key") return true;
    if (!path.starts_with("tile/") || path.size() > 100) return false;
    path.remove_prefix(5);
    while (!path.empty()) {
        const auto end = std::min(path.find('/'), path.size());
        auto part = path.substr(0, end);
        path.remove_prefix(std::min(end + 1, path.size()));
        if (part == "entries") continue;
        if (part.starts_with('x')) part.remove_prefix(1);
        if (part.ends_with(".p")) part.remove_suffix(2);
        if (part.empty() || part.size() > 3 ||
            !std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; }))
            return false;
    }
    return true;
}

std::string_view take_segment(std::string_view& path) {
    const auto end = std::min(path.find('/'), path.size());
    const auto segment = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    return segment;
}

// The id in `path` (empty when the pattern has none), or nothing when it does not match.
std::optional<std::string> match(std::string_view pattern, std::string_view path) {
    if (!path.starts_with('/') || path.ends_with('/')) return std::nullopt;
    pattern.remove_prefix(1);
    path.remove_prefix(1);
    std::string id;
    while (!pattern.empty() && !path.empty()) {
        const auto wanted = take_segment(pattern);
        if (wanted == "{file}") {
            if (!is_ledger_file(path)) return std::nullopt;
            return std::string{path};
        }
        auto given = take_segment(path);
        if (wanted == "{camera}") {
            if (!is_camera_id(given)) return std::nullopt;
            id = given;
        } else if (wanted == "{segment}.mp4") {
            if (!given.ends_with(".mp4")) return std::nullopt;
            given.remove_suffix(4);
            if (!is_segment_id(given)) return std::nullopt;
            id = given;
        } else if (wanted == "{export}.proof") {
            if (!given.ends_with(".proof")) return std::nullopt;
            given.remove_suffix(6);
            if (given != "0" && !is_segment_id(given)) return std::nullopt;
            id = given;
        } else if (wanted == "{opening}") {
            if (!is_opening_id(given)) return std::nullopt;
            id = given;
        } else if (wanted == "{user}") {
            if (!store::is_user_name(given)) return std::nullopt;
            id = given;
        } else if (given != wanted) {
            return std::nullopt;
        }
    }
    if (!pattern.empty() || !path.empty()) return std::nullopt;
    return id;
}

}  // namespace

bool Route::takes(Method method) const {
    return method == method_ || (method == Method::head && method_ == Method::get && work_ == Work::query);
}

std::span<const Route> routes() {
    return kRoutes;
}

std::variant<Match, NoSuchPath, WrongMethod> find_route(Method method, std::string_view path) {
    std::string allow;
    for (const auto& route : kRoutes) {
        auto id = match(route.pattern(), path);
        if (!id) continue;
        if (route.takes(method)) return Match{&route, *std::move(id)};
        if (!allow.empty()) allow += ", ";
        allow += route.method() == Method::post ? "POST" : route.takes(Method::head) ? "GET, HEAD" : "GET";
    }
    if (allow.empty()) return NoSuchPath{};
    return WrongMethod{std::move(allow)};
}

}  // namespace passerby::server
