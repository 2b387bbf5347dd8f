// The live view over a real WebSocket.
#include <gmock/gmock.h>

#include "server/test_world.h"

namespace passerby::server {

namespace {

using camera::FeedEvent;
using Kind = Client::Frame::Kind;

class LiveTest : public World {
  protected:
    void publish_init(std::string_view text) {
        FeedEvent event;
        event.init = std::make_shared<camera::StreamInit>(
            camera::StreamInit{to_bytes(text), "avc1.64001f", {768, 576}});
        door_.publish(std::move(event));
    }
    void publish_fragment(std::string_view text, bool keyframe) {
        auto fragment = std::make_shared<camera::StreamFragment>();
        fragment->bytes = to_bytes(text);
        fragment->keyframe = keyframe;
        FeedEvent event;
        event.fragment = std::move(fragment);
        door_.publish(std::move(event));
    }
    void publish_state(camera::State state, std::string error = "") {
        auto status = std::make_shared<camera::CameraStatus>();
        status->state = state;
        status->since = clock_.wall();
        status->error = std::move(error);
        FeedEvent event;
        event.status = std::move(status);
        door_.publish(std::move(event));
    }
    Client viewer(const std::string& cookie, const std::string& camera = "door", int receive_buffer = 0) {
        auto c = client(receive_buffer);
        const auto reply = c.upgrade("/api/cameras/" + camera + "/live", cookie);
        EXPECT_EQ(reply.status, 101);
        EXPECT_EQ(reply.header("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        EXPECT_EQ(reply.header("x-content-type-options"), "nosniff");
        return c;
    }
};

TEST_F(LiveTest, InitThenFragmentsInOrder) {
    start();
    publish_init("INIT-1");
    publish_fragment("old", true);
    publish_fragment("key-1", true);
    publish_fragment("next-1", false);
    auto c = viewer(own_session());
    const auto hello = c.read_media();
    EXPECT_EQ(hello.json(),
              nlohmann::json::parse(R"({"type": "init", "codec": "avc1.64001f", "size": [768, 576]})"));
    for (const auto* expected : {"INIT-1", "key-1", "next-1"}) {
        const auto frame = c.read_media();
        EXPECT_EQ(frame.kind, Kind::binary);
        EXPECT_EQ(frame.bytes, expected);
    }
    publish_fragment("next-2", false);
    EXPECT_EQ(c.read_media().bytes, "next-2");

    FeedEvent gap;
    gap.gap = std::make_shared<FeedEvent::Gap>(FeedEvent::Gap{"camera", "lost"});
    door_.publish(gap);
    publish_init("INIT-2");
    publish_fragment("not decodable", false);
    publish_fragment("key-2", true);
    EXPECT_EQ(c.read_media().json()["type"], "init");
    EXPECT_EQ(c.read_media().bytes, "INIT-2");
    EXPECT_EQ(c.read_media().bytes, "key-2");
}

TEST_F(LiveTest, LargeFragmentsComeInOnePiece) {
    start();
    auto c = viewer(own_session());
    const std::string large(3'000'000, 'x');
    publish_init("INIT");
    publish_fragment(large, true);
    EXPECT_EQ(c.read_media().json()["type"], "init");
    EXPECT_EQ(c.read_media().bytes, "INIT");
    EXPECT_EQ(c.read_media().bytes, large);
}

TEST_F(LiveTest, TellsTheStateAtOnceAndAgain) {
    start();
    auto c = viewer(own_session());
    const auto wait_for = [&](const std::string& state) {
        for (;;) {
            const auto frame = c.read_frame();
            if (frame.kind != Kind::text) return std::string{"(closed)"};
            const auto camera = frame.json()["camera"];
            if (camera["state"] == state) return camera["error"].get<std::string>();
        }
    };
    EXPECT_EQ(wait_for("starting"), "");
    publish_state(camera::State::unreachable, "no answer from the camera \xff");
    EXPECT_EQ(wait_for("unreachable"), "no answer from the camera \xef\xbf\xbd");
    EXPECT_EQ(wait_for("unreachable"), "no answer from the camera \xef\xbf\xbd");  // a second later
    publish_state(camera::State::live);
    EXPECT_EQ(wait_for("live"), "");
}

TEST_F(LiveTest, WhoDoesNotKeepUpIsCutOffAndTheOthersGoOn) {
    start({.live_messages = 20, .live_grace = std::chrono::seconds{20}});
    const auto mine = own_session();
    auto slow = viewer(mine, "door", 4096), good = viewer(mine);
    EXPECT_EQ(slow.read_frame().json()["type"], "state");
    publish_init("INIT");
    EXPECT_EQ(good.read_media().json()["type"], "init");
    EXPECT_EQ(good.read_media().bytes, "INIT");
    // 60 MB are more than any socket's buffers and 20 messages hold.
    const std::string bytes(1'000'000, 'x');
    for (int i = 0; i < 60; ++i) {
        publish_fragment(bytes, true);
        EXPECT_EQ(good.read_media().bytes.size(), bytes.size()) << i;
    }
    Client::Frame frame;
    std::size_t received = 0;
    while ((frame = slow.read_frame()).kind == Kind::text || frame.kind == Kind::binary)
        received += frame.bytes.size();
    EXPECT_EQ(frame.kind, Kind::close);
    EXPECT_EQ(frame.close_code, 1013);
    EXPECT_LT(received, 60'000'000u);
    publish_fragment("still here", true);
    EXPECT_EQ(good.read_media().bytes, "still here");
}

TEST_F(LiveTest, WhoNeverReadsIsDropped) {
    start({.max_connections = 2,
           .live_messages = 4,
           .live_silence = std::chrono::hours{1},
           .live_grace = std::chrono::milliseconds{1}});
    const auto mine = own_session();
    auto stuck = viewer(mine, "door", 4096);
    EXPECT_EQ(stuck.read_frame().json()["type"], "state");
    publish_init("INIT");
    for (int i = 0; i < 60; ++i) publish_fragment(std::string(1'000'000, 'x'), true);
    // Its place is free again while it still holds its end open.
    auto other = client();
    EXPECT_EQ(other.get("/").status, 200);
    EXPECT_EQ(wait_for_room(), 200);
}

TEST_F(LiveTest, EndsWithItsSession) {
    start();
    const auto mine = own_session(), other = session();
    auto ended = viewer(mine), goes_on = viewer(other);
    EXPECT_EQ(client().post("/api/logout", "", mine).status, 204);
    Client::Frame frame;
    while ((frame = ended.read_frame()).kind == Kind::text) {
    }
    EXPECT_EQ(frame.close_code, 1008);
    publish_init("INIT");
    EXPECT_EQ(goes_on.read_media().json()["type"], "init");
}

TEST_F(LiveTest, LeavingIsNoticed) {
    start({.max_connections = 1});
    const auto mine = own_session();
    {
        auto c = viewer(mine);
        c.send(std::string{"\x88\x82\0\0\0\0\x03\xe8", 8});  // close, 1000
        Client::Frame frame;
        while ((frame = c.read_frame()).kind == Kind::text) {
        }
        EXPECT_EQ(frame.close_code, 1000);
    }
    EXPECT_EQ(wait_for_room(), 200);
    publish_init("INIT");  // nobody is subscribed any more
}

TEST_F(LiveTest, ACameraThatIsOffHasAStateOnly) {
    start();
    auto c = viewer(own_session(), "yard");
    EXPECT_EQ(c.read_frame().json()["camera"]["state"], "off");
}

TEST_F(LiveTest, NeedsAWebSocketAndACamera) {
    start();
    const auto mine = own_session();
    const auto plain = client().get("/api/cameras/door/live", mine);
    EXPECT_EQ(plain.status, 426);
    EXPECT_EQ(plain.header("upgrade"), "websocket");
    EXPECT_EQ(client().upgrade("/api/cameras/nobody/live", mine).status, 404);
}

}  // namespace

}  // namespace passerby::server
