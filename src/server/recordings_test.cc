// What was recorded: cameras, timeline, segments, playlist, export; from a real store.
#include <gmock/gmock.h>

#include "media/video_reader.h"
#include "server/api.h"
#include "server/test_world.h"

namespace passerby::server {

namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;

class RecordingsTest : public World {
  protected:
    // Five seconds from 12:00:00 on, then the recorder is stopped at 12:00:05.
    void record_fake() {
        record("door", fake_stream(5, 1000), {768, 576});
        start();
        mine_ = own_session();
    }
    json get(const std::string& path) {
        const auto reply = client().get(path, mine_);
        EXPECT_EQ(reply.status, 200) << path << " " << reply.body;
        return reply.json();
    }
    int status(const std::string& path) { return client().get(path, mine_).status; }
    std::vector<std::string> files_in_data() {
        std::vector<std::string> out;
        for (const auto& entry : std::filesystem::directory_iterator{folder_ / "data"})
            out.push_back(entry.path().filename());
        std::ranges::sort(out);
        return out;
    }
    std::string mine_;
    const std::string span_ = "?from=2026-03-01T12:00:00Z&to=2026-03-01T12:00:05Z";
};

TEST_F(RecordingsTest, Cameras) {
    record_fake();
    const auto all = get("/api/cameras");
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(
        all[0],
        json::parse(
            R"({"id": "door", "name": "Front <door>", "state": "starting", "since": "1970-01-01T00:00:00Z",
        "size": null, "fps": 0.0, "covered": 1.0, "proven": 0.0, "scene": "fixed", "style": "silhouette",
        "cover": ["persons", "faces"], "approval": "none", "approved": 0.0, "dropped": 0, "pace": 1.0, "contained": null, "doubt": "", "originals": null, "audio": "dropped", "counting": null,
        "error": "", "first": "2026-03-01T12:00:00Z", "last": "2026-03-01T12:00:05Z"})"));
    EXPECT_EQ(all[1]["state"], "off");
    EXPECT_EQ(all[1]["first"], nullptr);
    EXPECT_EQ(get("/api/cameras/door"), all[0]);
    EXPECT_EQ(status("/api/cameras/nobody"), 404);

    auto live = std::make_shared<camera::CameraStatus>();
    live->state = camera::State::live;
    live->size = {768, 576};
    live->fps = 9.5;
    camera::FeedEvent event;
    event.status = live;
    door_.publish(event);
    EXPECT_EQ(get("/api/cameras/door")["size"], (json{768, 576}));
    EXPECT_EQ(get("/api/cameras/door")["fps"], 9.5);
}

TEST_F(RecordingsTest, Health) {
    record_fake();
    clock_.advance(90s);
    const auto health = get("/api/health");
    EXPECT_EQ(health["version"], "1.2.3");
    EXPECT_EQ(health["started"], "2026-03-01T12:00:00Z");
    EXPECT_EQ(health["uptime_s"], 90);
    ASSERT_EQ(health["disks"].size(), 1u);
    EXPECT_EQ(health["disks"][0]["name"], "");
    EXPECT_EQ(health["disks"][0]["error"], "");
    EXPECT_EQ(health["disks"][0]["total"], health["disk"]["total"]);
    EXPECT_GT(health["disk"]["total"].get<std::uint64_t>(), health["disk"]["free"].get<std::uint64_t>());
    EXPECT_EQ(health["cameras"], (json{{"door", "starting"}, {"yard", "off"}}));
}

TEST_F(RecordingsTest, TimelineAndDays) {
    record_fake();
    const auto line = get("/api/cameras/door/timeline?from=2026-03-01T11:00:00Z&to=2026-03-01T13:00:00Z");
    ASSERT_EQ(line["segments"].size(), 1u);
    EXPECT_EQ(line["segments"][0]["start"], "2026-03-01T12:00:00Z");
    EXPECT_EQ(line["segments"][0]["end"], "2026-03-01T12:00:05Z");
    EXPECT_DOUBLE_EQ(line["segments"][0]["covered"], 0.25);
    ASSERT_FALSE(line["gaps"].empty());
    const auto& last = line["gaps"].back();
    EXPECT_EQ(last["start"], "2026-03-01T12:00:05Z");
    EXPECT_EQ(last["end"], nullptr);
    EXPECT_EQ(last["cause"], "stop");
    EXPECT_TRUE(last["detail"].is_string());
    EXPECT_EQ(get("/api/cameras/door/days"), json::array({"2026-03-01"}));
    EXPECT_EQ(get("/api/cameras/door/hours?from=2026-03-01T00:00:00Z&to=2026-04-01T01:00:00Z"),
              json::parse(R"([{"start": "2026-03-01T12:00:00Z", "recorded_s": 5.0, "covered": 0.25}])"));
    EXPECT_EQ(status("/api/cameras/door/hours?from=2026-03-01T00:00:00Z&to=2026-04-01T01:00:01Z"), 400);
    EXPECT_EQ(get("/api/cameras/yard/days"), json::array());
    EXPECT_EQ(status("/api/cameras/nobody/days"), 404);
}

TEST_F(RecordingsTest, SpansAreChecked) {
    record_fake();
    for (const auto* path : {"timeline", "playlist.m3u8", "export"})
        for (const auto* query :
             {"", "?from=2026-03-01T12:00:00Z", "?from=2026-03-01T12:00:00Z&to=yesterday",
              "?from=2026-03-01T12:00:00Z&to=%zz", "?from=2026-03-01T12:00:00Z&to=2026-03-01T12:00:00Z",
              "?from=2026-03-01T12:00:00Z&to=2026-03-01T11:00:00Z",
              "?from=2026-03-01T12:00:00Z&to=2026-03-02T13:00:01Z",
              "?from=2026-03-01T12:00:00Z&from=2026-03-01T12:00:00Z&to=x"})
            EXPECT_EQ(status(std::string{"/api/cameras/door/"} + path + query), 400) << path << query;
    EXPECT_EQ(status("/api/cameras/door/timeline?from=2026-03-01T12:00:00Z&to=2026-03-02T13:00:00Z"), 200);
    EXPECT_EQ(status("/api/cameras/door/export?from=2026-03-01T12:00:00Z&to=2026-03-01T16:00:01Z"), 400);
    for (const auto* path : {"timeline", "hours", "playlist.m3u8", "export"})
        EXPECT_EQ(status(std::string{"/api/cameras/nobody/"} + path + span_), 404) << path;
}

TEST_F(RecordingsTest, SegmentsByRange) {
    record_fake();
    const auto id = get("/api/cameras/door/timeline" + span_)["segments"][0]["id"].get<int>();
    const auto path = "/api/segments/" + std::to_string(id) + ".mp4";
    auto c = client();
    const auto whole = c.get(path, mine_);
    ASSERT_EQ(whole.status, 200);
    const auto size = whole.body.size();  // the store adds an index to the fragments
    ASSERT_GE(size, 12u + 5 * 1000);
    EXPECT_EQ(whole.body.substr(0, 12), "INIT-SECTION");
    EXPECT_TRUE(whole.body.ends_with("eeee"));
    EXPECT_EQ(whole.header("content-type"), "video/mp4");
    EXPECT_EQ(whole.header("accept-ranges"), "bytes");
    EXPECT_EQ(whole.header("cache-control"), "no-store");

    const auto of = [&](const std::string& part) { return "bytes " + part + "/" + std::to_string(size); };
    const auto last = std::to_string(size - 1);
    const struct {
        std::string headers;
        int status;
        std::string range;
        std::size_t offset, length;
    } kTable[] = {
        {"Range: bytes=0-11\r\n", 206, of("0-11"), 0, 12},
        {"Range: bytes=12-\r\n", 206, of("12-" + last), 12, size - 12},
        {"Range: bytes=-1\r\n", 206, of(last + "-" + last), size - 1, 1},
        {"Range: bytes=0-99999\r\n", 206, of("0-" + last), 0, size},
        {"Range: bytes=0-1,4-5\r\n", 200, "", 0, size},
        {"Range: bytes=0-11\r\nIf-Range: " + whole.header("etag") + "\r\n", 206, of("0-11"), 0, 12},
        {"Range: bytes=0-11\r\nIf-Range: \"other\"\r\n", 200, "", 0, size},
    };
    for (const auto& row : kTable) {
        const auto part = c.get(path, mine_ + row.headers);
        EXPECT_EQ(part.status, row.status) << row.headers;
        EXPECT_EQ(part.header("content-range"), row.range) << row.headers;
        EXPECT_TRUE(part.body == whole.body.substr(row.offset, row.length)) << row.headers;
    }
    const auto beyond = c.get(path, mine_ + "Range: bytes=" + std::to_string(size) + "-\r\n");
    EXPECT_EQ(beyond.status, 416);
    EXPECT_EQ(beyond.header("content-range"), of("*"));
    const auto head = c.request("HEAD", path, mine_, "");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("content-length"), std::to_string(size));
    EXPECT_EQ(c.get("/api/segments/999999.mp4", mine_).status, 404);
}

TEST_F(RecordingsTest, LargeSegmentsAreStreamed) {
    record("door", fake_stream(3, 2'000'000), {768, 576});
    start();
    const auto reply = client().get("/api/segments/1.mp4", own_session());
    ASSERT_EQ(reply.status, 200);
    EXPECT_TRUE(reply.body.starts_with("INIT-SECTION"));
    EXPECT_NE(reply.body.find(std::string(2'000'000, 'b')), std::string::npos);
    EXPECT_TRUE(reply.body.ends_with(std::string(2'000'000, 'c')));
}

TEST_F(RecordingsTest, Playlist) {
    record_fake();
    const auto size = client().get("/api/segments/1.mp4", mine_).body.size();
    const auto reply = client().get("/api/cameras/door/playlist.m3u8" + span_, mine_);
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.header("content-type"), "application/vnd.apple.mpegurl");
    EXPECT_THAT(reply.body,
                HasSubstr("#EXT-X-MAP:URI=\"/api/segments/1.mp4\",BYTERANGE=\"12@0\"\n"
                          "#EXT-X-PROGRAM-DATE-TIME:2026-03-01T12:00:00Z\n#EXTINF:5.000000,\n"
                          "#EXT-X-BYTERANGE:" +
                          std::to_string(size - 12) + "@12\n/api/segments/1.mp4\n#EXT-X-ENDLIST\n"));
}

class ExportTest : public RecordingsTest {
  protected:
    void SetUp() override {
        record("door", covered_stream({64, 48}, 50), {64, 48});
        start();
        mine_ = own_session();
    }
};

TEST_F(ExportTest, IsOneVideoCutAtKeyframes) {
    const auto before = files_in_data();
    auto c = client();
    const auto reply =
        c.get("/api/cameras/door/export?from=2026-03-01T12:00:01.5Z&to=2026-03-01T12:00:03Z", mine_);
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.header("content-type"), "video/mp4");
    EXPECT_EQ(reply.header("content-disposition"),
              "attachment; filename=\"door_20260301T120001Z_20260301T120003Z.mp4\"");
    auto after = before;
    after.insert(after.end(), {"manifests", "proofs"});
    std::ranges::sort(after);
    EXPECT_EQ(files_in_data(), after) << "the proof stays, the clip does not";

    const auto path = folder_ / "export.mp4";
    std::ofstream{path, std::ios::binary} << reply.body;
    auto reader = media::VideoReader::open(path, {});
    ASSERT_TRUE(reader) << reader.error().message;
    int frames = 0;
    for (auto frame = (*reader)->read(); frame && *frame; frame = (*reader)->read()) ++frames;
    EXPECT_EQ(frames, 20);  // from the keyframe at 1.0 s to 3.0 s
}

TEST_F(ExportTest, OfNothingIsNotFound) {
    const auto reply =
        client().get("/api/cameras/door/export?from=2026-03-01T09:00:00Z&to=2026-03-01T10:00:00Z", mine_);
    EXPECT_EQ(reply.status, 404);
    EXPECT_EQ(reply.json()["error"], "nothing was recorded in that span");
}

TEST_F(ExportTest, AtMostTwoAtOnceUntilTheyAreSent) {
    Api api{{std::make_shared<CameraList>(cameras()),
             store_,
             accounts_,
             clock_,
             "1",
             ledger_.ledger,
             {},
             {},
             {}}};
    const store::Session somebody{first_.user, false, {}, {}, {}};
    Request request;
    request.query = span_.substr(1);
    const std::string id = "door", token;
    std::atomic<bool> gone{false};
    const auto ask = [&] { return api.export_span({request, id, &somebody, token, gone}); };
    auto first = std::make_unique<Reply>(ask()), second = std::make_unique<Reply>(ask());
    EXPECT_EQ(first->status, 200);
    EXPECT_EQ(second->status, 200);
    EXPECT_EQ(ask().status, 503);
    first.reset();
    EXPECT_EQ(ask().status, 200);
}

TEST_F(ExportTest, IsGivenUpWhenTheClientLeaves) {
    Api api{{std::make_shared<CameraList>(cameras()),
             store_,
             accounts_,
             clock_,
             "1",
             ledger_.ledger,
             {},
             {},
             {}}};
    const store::Session somebody{first_.user, false, {}, {}, {}};
    Request request;
    request.query = span_.substr(1);
    const std::string id = "door", token;
    std::atomic<bool> gone{true};
    const auto before = files_in_data();
    EXPECT_EQ(api.export_span({request, id, &somebody, token, gone}).status, 503);
    EXPECT_EQ(files_in_data(), before);
    gone = false;
    EXPECT_EQ(api.export_span({request, id, &somebody, token, gone}).status, 200);  // its place is free again
}

}  // namespace

}  // namespace passerby::server
