#include "server/routes.h"

#include <algorithm>
#include <array>
#include <optional>

#include "server/api.h"

namespace passerby::server {

namespace {

using enum Access;

constexpr std::array kRoutes{
    Route{Method::post, "/api/login", anyone, Work::password, &Api::log_in},
    Route{Method::post, "/api/logout", session, Work::query, &Api::log_out},
    Route{Method::get, "/api/session", session, Work::query, &Api::session},
    Route{Method::post, "/api/password", session, Work::password, &Api::change_password},
    Route{Method::get, "/api/cameras", session_with_own_password, Work::query, &Api::cameras},
    Route{Method::get, "/api/cameras/{camera}", session_with_own_password, Work::query, &Api::camera},
    Route{Method::get, "/api/cameras/{camera}/live", session_with_own_password, Work::live, &Api::live},
    Route{Method::get, "/api/cameras/{camera}/timeline", session_with_own_password, Work::query,
          &Api::timeline},
    Route{Method::get, "/api/cameras/{camera}/days", session_with_own_password, Work::query, &Api::days},
    Route{Method::get, "/api/cameras/{camera}/playlist.m3u8", session_with_own_password, Work::query,
          &Api::playlist},
    Route{Method::get, "/api/segments/{segment}.mp4", session_with_own_password, Work::query, &Api::segment},
    Route{Method::get, "/api/cameras/{camera}/export", session_with_own_password, Work::joining,
          &Api::export_span},
    Route{Method::get, "/api/cameras/{camera}/scene", session_with_own_password, Work::query, &Api::scene},
    Route{Method::get, "/api/cameras/{camera}/scene.png", session_with_own_password, Work::query,
          &Api::scene_picture},
    Route{Method::post, "/api/cameras/{camera}/scene/approve", session_with_own_password, Work::query,
          &Api::approve_scene},
    Route{Method::post, "/api/cameras/{camera}/scene/withdraw", session_with_own_password, Work::query,
          &Api::withdraw_scene},
    Route{Method::post, "/api/cameras/{camera}/protect", session_with_own_password, Work::query,
          &Api::protect},
    Route{Method::post, "/api/cameras/{camera}/unprotect", session_with_own_password, Work::query,
          &Api::unprotect},
    Route{Method::get, "/api/exports/{export}.proof", session_with_own_password, Work::query,
          &Api::export_proof},
    Route{Method::get, "/api/openings", session_with_own_password, Work::query, &Api::openings},
    Route{Method::post, "/api/openings", session_with_own_password, Work::query, &Api::request_opening},
    Route{Method::get, "/api/openings/{opening}", session_with_own_password, Work::query, &Api::opening},
    Route{Method::get, "/api/openings/{opening}/request.json", session_with_own_password, Work::query,
          &Api::opening_request},
    // A keyholder needs no account: the token in their answer is the right to give it.
    Route{Method::post, "/api/openings/{opening}/answer", anyone, Work::query, &Api::answer_opening},
    Route{Method::post, "/api/openings/{opening}/open", session_with_own_password, Work::query,
          &Api::open_originals},
    Route{Method::get, "/api/openings/{opening}/part", session_with_own_password, Work::query,
          &Api::opening_part},
    Route{Method::get, "/api/ledger", session_with_own_password, Work::query, &Api::ledger_state},
    Route{Method::get, "/api/ledger/entries", session_with_own_password, Work::query, &Api::ledger_entries},
    Route{Method::get, "/api/use", session_with_own_password, Work::query, &Api::use_report},
    Route{Method::post, "/api/purpose", session_with_own_password, Work::query, &Api::state_purpose},
    Route{Method::get, "/ledger/{file}", anyone, Work::query, &Api::ledger_file},
    Route{Method::get, "/api/health", session_with_own_password, Work::query, &Api::health},
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
