// The server as a server: bad and slow clients, the app's files, start and stop.
#include "server/server.h"

#include <thread>

#include <gmock/gmock.h>

#include "server/test_world.h"

namespace passerby::server {

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class ServerTest : public World {};

TEST_F(ServerTest, ServesTheAppWithoutASession) {
    start();
    auto c = client();  // all over one connection
    const auto index = c.get("/");
    EXPECT_EQ(index.status, 200);
    EXPECT_THAT(index.body, HasSubstr("<title>passerby</title>"));
    EXPECT_EQ(index.header("content-type"), "text/html; charset=utf-8");
    EXPECT_EQ(index.header("cache-control"), "no-cache");
    EXPECT_THAT(index.header("content-security-policy"), HasSubstr("frame-ancestors 'none'"));
    EXPECT_EQ(c.get("/index.html").body, index.body);
    EXPECT_EQ(c.get("/", "If-None-Match: " + index.header("etag") + "\r\n").status, 304);

    const auto script = c.get("/assets/app-1a2b.js?v=1");
    EXPECT_EQ(script.body, "export {}");
    EXPECT_EQ(script.header("content-type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(script.header("cache-control"), "public, max-age=31536000, immutable");
    const auto head = c.request("HEAD", "/assets/app-1a2b.js", "", "");
    EXPECT_EQ(head.header("content-length"), "9");
    EXPECT_EQ(c.request("DELETE", "/", "", "").status, 405);
}

TEST_F(ServerTest, NoPathLeadsOutOfTheFolder) {
    start();
    const auto mine = own_session();
    for (const auto* path : {"/../secret.txt",
                             "/%2e%2e/secret.txt",
                             "/..%2fsecret.txt",
                             "/assets/../../secret.txt",
                             "/assets/..%2f..%2fsecret.txt",
                             "//etc/passwd",
                             "///etc/passwd",
                             "/..;/secret.txt",
                             "/.%00./secret.txt",
                             "/assets/..\\..\\secret.txt",
                             "/assets/",
                             "/assets",
                             "/./index.html",
                             "/assets/../index.html",
                             "/%69ndex.html",
                             "/index.html/",
                             "/index.html%00.js",
                             "/api/../secret.txt",
                             "/api/%2e%2e/secret.txt",
                             "/api//cameras",
                             "/api/cameras/",
                             "/api/cameras/..%2fdoor",
                             "/api/cameras/door%00",
                             "/api/segments/../../secret.txt",
                             "/api/segments/..%2f..%2fsecret.mp4",
                             "/API/cameras",
                             "/api/segments/99999999999999999999.mp4",
                             "/api",
                             "/api/nothing",
                             "/data/catalogue.sqlite",
                             "/favicon.ico"}) {
        const auto reply = client().get(path, mine);
        EXPECT_EQ(reply.status, 404) << path;
        EXPECT_THAT(reply.body, HasSubstr("\"error\"")) << path;
        EXPECT_THAT(reply.body, Not(HasSubstr("SECRET"))) << path;
    }
}

TEST_F(ServerTest, RefusesWhatIsNoRequest) {
    start();
    const struct {
        std::string bytes;
        int status;
    } kTable[] = {
        {"nonsense\r\n\r\n", 400},
        {"GET  / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/9.9\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: localhost\r\nBad Header: x\r\n\r\n", 400},
        {"GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 404},
        {"GET * HTTP/1.1\r\nHost: localhost\r\n\r\n", 404},
        {"GET / HTTP/1.1\r\n\r\n", 421},
        {"POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
         400},
        {"POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(17'000, 'x') + "\r\n\r\n", 431},
        {"POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65537\r\n\r\n" +
             std::string(65'537, ' '),
         413},
        {"POST /api/login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n" +
             std::string(65'537, ' ') + "\r\n0\r\n\r\n",
         413},
    };
    for (const auto& row : kTable) {
        auto c = client();
        c.send(row.bytes);
        const auto reply = c.read_response();
        EXPECT_EQ(reply.status, row.status) << row.bytes.substr(0, 80);
        EXPECT_TRUE(reply.json().contains("error")) << row.bytes.substr(0, 80);
        EXPECT_NE(reply.header("x-content-type-options"), "");
    }
}

TEST_F(ServerTest, ReadsBodiesAsJsonOnly) {
    start();
    auto c = client();
    const std::string body = R"({"user": "a", "password": "b"})";
    const auto with_type = [&](const std::string& type) {
        return c
            .request("POST", "/api/login",
                     "Content-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n",
                     body)
            .status;
    };
    EXPECT_EQ(with_type("application/json; charset=utf-8"), 401);
    EXPECT_EQ(with_type("text/plain"), 415);
    EXPECT_EQ(with_type("application/x-www-form-urlencoded"), 415);
    for (const auto* bad :
         {"", "[]", "null", "{", R"({"user": "a"})", R"({"user": "a", "password": 1})", "\xff\xfe"})
        EXPECT_EQ(c.post("/api/login", bad).status, 400) << bad;
    EXPECT_EQ(c.post("/api/login", std::string(60'000, '[')).status, 400);
    const auto expecting =
        c.request("POST", "/api/login",
                  "Expect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 2\r\n", "{}");
    EXPECT_EQ(expecting.status, 100);
    EXPECT_EQ(c.read_response().status, 400);
}

TEST_F(ServerTest, SlowClientsHoldNobodyUp) {
    start();
    std::vector<Client> slow;
    for (int i = 0; i < 50; ++i) {
        slow.push_back(client());
        slow.back().send("GET / HTTP/1.1\r\nHost: loc");
    }
    for (int i = 0; i < 20; ++i) EXPECT_EQ(client().get("/").status, 200);
    for (auto& c : slow) {
        c.send("alhost\r\n\r\n");
        EXPECT_EQ(c.read_response().status, 200);
    }
}

TEST_F(ServerTest, WhoNeverFinishesIsCutOff) {
    start({.header_time = 50ms, .idle_time = 50ms, .body_time = 50ms});
    auto silent = client(), in_header = client(), in_body = client(), idle = client();
    in_header.send("GET / HTTP/1.1\r\nHost: loc");
    in_body.send("POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{");
    EXPECT_EQ(idle.get("/").status, 200);
    for (auto* c : {&silent, &in_header, &in_body, &idle}) EXPECT_TRUE(c->closed_by_server());
}

TEST_F(ServerTest, ConnectionsAreLimited) {
    start({.max_connections = 2});
    auto first = client(), second = client();
    EXPECT_EQ(first.get("/api/session", own_session()).status, 200);
    EXPECT_EQ(second.get("/api/session", own_session()).status, 200);
    auto third = client();
    EXPECT_EQ(third.read_response().status, 503);
    EXPECT_TRUE(third.closed_by_server());
    EXPECT_EQ(first.get("/").status, 200);
    // Room again once one of them was seen to be closed.
    first.close_sending();
    EXPECT_TRUE(first.closed_by_server());
    EXPECT_EQ(wait_for_room(), 200);
}

TEST_F(ServerTest, WhoHasShownNothingGivesWay) {
    start({.max_connections = 3});
    auto known = client(), first = client(), second = client();
    EXPECT_EQ(known.get("/api/session", own_session()).status, 200);
    EXPECT_EQ(first.get("/").status, 200);
    second.send("GET / HTTP/1.1\r\nHost");
    auto third = client();
    EXPECT_EQ(third.get("/").status, 200);
    EXPECT_TRUE(first.closed_by_server()) << "the oldest";
    auto fourth = client();
    EXPECT_EQ(fourth.get("/").status, 200);
    EXPECT_TRUE(second.closed_by_server());
    EXPECT_EQ(known.get("/api/session", own_session()).status, 200);
    EXPECT_EQ(third.get("/").status, 200);
}

TEST_F(ServerTest, OneAddressTakesNoMoreThanItsShare) {
    start({.max_connections = 100, .max_of_one = 2});
    auto known = client(), first = client();
    EXPECT_EQ(known.get("/api/session", own_session()).status, 200);
    EXPECT_EQ(first.get("/").status, 200);
    auto second = client();
    EXPECT_EQ(second.get("/api/session", own_session()).status, 200);
    EXPECT_TRUE(first.closed_by_server());
    EXPECT_EQ(client().read_response().status, 503) << "both are of people with an account";
}

TEST_F(ServerTest, BehindAProxyAreMany) {
    ServerSettings settings{.max_connections = 100, .max_of_one = 1};
    settings.proxies = {*Network::parse("127.0.0.0/8")};
    start(settings);
    auto first = client(), second = client();
    EXPECT_EQ(first.get("/").status, 200);
    EXPECT_EQ(second.get("/").status, 200);
    EXPECT_EQ(first.get("/").status, 200);
}

TEST_F(ServerTest, KeepsAliveAndClosesAsAsked) {
    start();
    auto c = client();
    c.send(Client::head("GET", "/", "localhost") +
           Client::head("GET", "/nothing", "localhost"));  // pipelined
    EXPECT_EQ(c.read_response().status, 200);
    EXPECT_EQ(c.read_response().status, 404);
    EXPECT_EQ(c.get("/", "Connection: close\r\n").header("connection"), "close");
    EXPECT_TRUE(c.closed_by_server());
}

TEST_F(ServerTest, StopEndsEverything) {
    start();
    auto idle = client(), busy = client(), viewer = client();
    EXPECT_EQ(idle.get("/").status, 200);
    busy.send("POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{");
    ASSERT_EQ(viewer.upgrade("/api/cameras/door/live", own_session()).status, 101);
    EXPECT_EQ(viewer.read_frame().json()["type"], "state");
    std::jthread stopper{[&] { server_->stop(); }};
    Client::Frame last;
    do last = viewer.read_frame();
    while (last.kind == Client::Frame::Kind::text);
    EXPECT_EQ(last.close_code, 1001);
    EXPECT_TRUE(idle.closed_by_server());
    EXPECT_TRUE(busy.closed_by_server());
    stopper.join();
    EXPECT_FALSE(client().connected());
    server_->stop();
}

TEST_F(ServerTest, StartSaysWhatIsWrong) {
    start();
    const auto error = [&](ServerSettings settings, std::vector<CameraEntry> entries) {
        auto server = Server::start(settings, std::make_shared<CameraList>(std::move(entries)), store_,
                                    accounts_, ledger_, clock_, "1");
        return server ? "" : server.error().message;
    };
    EXPECT_THAT(error({.port = server_->port()}, {}), HasSubstr("another program listens on port"));
    EXPECT_THAT(error({.address = "localhost", .port = 0}, {}), HasSubstr("is not an IP address"));
    EXPECT_THAT(error({.port = 0, .web_folder = folder_ / "data"}, {}), HasSubstr("there is no index.html"));
    EXPECT_THAT(error({.port = 0, .web_folder = folder_ / "nowhere"}, {}),
                HasSubstr("cannot read the web folder"));
    EXPECT_THAT(error({.port = 0}, {{"Front Door", "", "", "", {}, nullptr}}), HasSubstr("is no camera id"));
    EXPECT_EQ(server_->address(), "http://127.0.0.1:" + std::to_string(server_->port()));
}

}  // namespace

}  // namespace passerby::server
