#include "server/playlist.h"

#include <algorithm>
#include <cmath>

namespace passerby::server {

namespace {

double seconds(Micros time) {
    return static_cast<double>(time.count()) / 1e6;
}

}  // namespace

std::string hls_playlist(const std::vector<store::Segment>& segments) {
    double longest = 1;
    for (const auto& s : segments) longest = std::max(longest, seconds(s.media_duration));
    std::string out = fmt::format(
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{}\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:"
        "VOD\n"
        "#EXT-X-INDEPENDENT-SEGMENTS\n",
        std::ceil(longest));
    bool first = true;
    for (const auto& s : segments) {
        if (s.bytes <= s.init_bytes || s.media_duration <= Micros{0}) continue;
        if (!first) out += "#EXT-X-DISCONTINUITY\n";
        first = false;
        out += fmt::format(
            "#EXT-X-MAP:URI=\"/api/segments/{0}.mp4\",BYTERANGE=\"{1}@0\"\n#EXT-X-PROGRAM-DATE-TIME:{2}\n"
            "#EXTINF:{3:.6f},\n#EXT-X-BYTERANGE:{4}@{1}\n/api/segments/{0}.mp4\n",
            s.id, s.init_bytes, to_iso8601(s.start), seconds(s.media_duration), s.bytes - s.init_bytes);
    }
    return out += "#EXT-X-ENDLIST\n";
}

}  // namespace passerby::server
