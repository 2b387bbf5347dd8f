#include "store/manifest.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "crypto/digest.h"

namespace passerby::store {

namespace {

using Json = nlohmann::ordered_json;
constexpr double kMillion = 1e6;

std::string line(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string manifest_of(const Segment& s, const std::string& policy) {
    Json json{{"camera", s.camera},
              {"from", to_iso8601(s.start)},
              {"to", to_iso8601(s.end)},
              {"bytes", s.bytes},
              {"sha256", crypto::to_hex(s.sha256)},
              {"frames", s.frames},
              {"width", s.size.width},
              {"height", s.size.height},
              {"codec", s.codec},
              {"covered_ppm", static_cast<std::int64_t>(std::lround(s.covered * kMillion))},
              {"clock_error_us", s.clock_error.count()},
              {"policy", policy.empty() ? std::string{} : crypto::sha256_hex(policy)}};
    // What is said of a segment stays as it was said.
    if (s.kept) json["kept"] = *s.kept;
    return line(json);
}

std::string manifest_of(const SealedFile& s) {
    return line({{"camera", s.camera},
                 {"from", to_iso8601(s.start)},
                 {"to", to_iso8601(s.end)},
                 {"bytes", s.bytes},
                 {"sha256", crypto::to_hex(s.sha256)},
                 {"sealed", crypto::sha256_hex(s.keyholders)}});
}

std::string manifest_of(const Gap& g) {
    return line({{"camera", g.camera},
                 {"from", to_iso8601(g.start)},
                 {"to", to_iso8601(*g.end)},
                 {"gap", name(g.cause)}});
}

}  // namespace passerby::store
