#include "server/playlist.h"

#include <gtest/gtest.h>

namespace passerby::server {

using namespace std::chrono_literals;

TEST(Playlist, OfTwoSegments) {
    store::Segment a, b, torn;
    a.id = 7;
    a.start = {Micros{1772366400s}};
    a.media_duration = 59'900ms;
    a.bytes = 5000;
    a.init_bytes = 800;
    torn.id = 8;
    torn.bytes = torn.init_bytes = 800;
    b.id = 9;
    b.start = {Micros{1772366460s} + 250ms};
    b.media_duration = 1500ms;
    b.bytes = 901;
    b.init_bytes = 801;
    EXPECT_EQ(hls_playlist({a, torn, b}),
              "#EXTM3U\n"
              "#EXT-X-VERSION:7\n"
              "#EXT-X-TARGETDURATION:60\n"
              "#EXT-X-MEDIA-SEQUENCE:0\n"
              "#EXT-X-PLAYLIST-TYPE:VOD\n"
              "#EXT-X-INDEPENDENT-SEGMENTS\n"
              "#EXT-X-MAP:URI=\"/api/segments/7.mp4\",BYTERANGE=\"800@0\"\n"
              "#EXT-X-PROGRAM-DATE-TIME:2026-03-01T12:00:00Z\n"
              "#EXTINF:59.900000,\n"
              "#EXT-X-BYTERANGE:4200@800\n"
              "/api/segments/7.mp4\n"
              "#EXT-X-DISCONTINUITY\n"
              "#EXT-X-MAP:URI=\"/api/segments/9.mp4\",BYTERANGE=\"801@0\"\n"
              "#EXT-X-PROGRAM-DATE-TIME:2026-03-01T12:01:00.250000Z\n"
              "#EXTINF:1.500000,\n"
              "#EXT-X-BYTERANGE:100@801\n"
              "/api/segments/9.mp4\n"
              "#EXT-X-ENDLIST\n");
}

TEST(Playlist, OfNothingIsValid) {
    EXPECT_EQ(hls_playlist({}),
              "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-"
              "TYPE:VOD\n"
              "#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-ENDLIST\n");
}

}  // namespace passerby::server
