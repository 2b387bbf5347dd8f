// A camera's address tried out: a contained process connects as it would to record, and what it says is told
// in words. Nothing is recorded. The picture is the first of a scene of which nothing is proven, so all of it
// is covered, whatever is wanted of the camera, and there is no sound: less cover takes two persons, and a
// test takes one.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "camera/protocol.h"

namespace passerby::app {

// What kind of failure the words of a camera's process are about: "name", "refused", "unreachable",
// "password", "path", "silent", "no_stream", "no_video", "codec", "address", or "other".
std::string_view trouble_named(std::string_view error);

// {"ok": true, "size", "codec", "covered", "picture": base64 of an MP4 with one wholly covered picture or a
// few} or
// {"ok": false, "trouble", "error"}. Takes up to kPatience. cancelled: `gone`.
inline constexpr std::chrono::seconds kPatience{15};
Result<nlohmann::json> try_camera(camera::Start, const std::atomic<bool>& gone);

}  // namespace passerby::app
