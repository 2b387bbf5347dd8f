// What stands in a request's body. ErrorKind::invalid says which part is not as it must be.
//
// Pure functions, any thread.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "base/time.h"
#include "server/http.h"

namespace passerby::server {

inline Result<nlohmann::json> json_body(const Request& request) {
    auto body = nlohmann::json::parse(request.body, nullptr, false);
    if (!body.is_object()) return fail(ErrorKind::invalid, "the body must be a JSON object");
    return body;
}

// A text of `least` to `most` bytes.
inline Result<std::string> text_in(const nlohmann::json& body, const char* name, std::size_t least,
                                   std::size_t most) {
    const auto it = body.is_object() ? body.find(name) : body.end();
    if (!body.is_object() || it == body.end() || !it->is_string())
        return fail(ErrorKind::invalid, "the body must have the text \"{}\"", name);
    auto text = it->get<std::string>();
    if (text.size() < least || text.size() > most)
        return fail(ErrorKind::invalid, "\"{}\" must have {} to {} bytes", name, least, most);
    return text;
}

inline Result<WallTime> time_in(const nlohmann::json& body, const char* name) {
    const auto text = TRY(text_in(body, name, 1, 40));
    auto time = wall_time_from_iso8601(text);
    if (!time) return fail(ErrorKind::invalid, "\"{}\" is not a time like 2026-03-01T12:00:00Z", name);
    return time;
}

}  // namespace passerby::server
