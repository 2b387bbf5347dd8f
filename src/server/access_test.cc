// Who may do what: every route of the table is tried with every kind of right and from every kind of page.
#include <gmock/gmock.h>

#include "server/routes.h"
#include "server/test_world.h"

namespace passerby::server {

namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

std::string path_of(const Route& route) {
    std::string path{route.pattern()};
    for (const auto& [name, value] :
         {std::pair{"{camera}", "door"}, std::pair{"{segment}", "1"}, std::pair{"{export}", "1"},
          std::pair{"{opening}", "0123456789abcdef0123456789abcdef"}, std::pair{"{file}", "key"},
          std::pair{"{user}", "nobody"}})
        if (const auto at = path.find(name); at != std::string::npos)
            path.replace(at, std::strlen(name), value);
    return path;
}

class AccessTest : public World {
  protected:
    Response use(const Route& route, const std::string& headers) {
        auto c = client();
        if (route.method() == Method::post) return c.post(path_of(route), "{}", headers);
        if (route.work() == Work::live) return c.upgrade(path_of(route), headers);
        return c.get(path_of(route), headers);
    }
};

TEST_F(AccessTest, EveryRouteAsksForItsRight) {
    start();
    ASSERT_EQ(routes().size(), 67u) << "a new route belongs into doc/api.md too";
    int refused = 0;
    for (const auto& route : routes()) {
        const std::string what{route.pattern()};
        for (const std::string none :
             {"", "Cookie: passerby_session=\r\n",
              "Cookie: passerby_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n"}) {
            const auto reply = use(route, none);
            if (route.access().who() == Access::anyone) {
                // The right is there; the body is wrong.
                EXPECT_EQ(reply.status, route.method() == Method::post ? 400 : 200) << what;
                continue;
            }
            EXPECT_EQ(reply.status, 401) << what;
            EXPECT_THAT(reply.body, HasSubstr("\"error\":\"")) << what;
            ++refused;
        }
        const auto handed_out = use(route, session());
        const auto who = route.access().who();
        EXPECT_EQ(handed_out.status == 403, who == Access::person || who == Access::member) << what;
        EXPECT_NE(handed_out.status, 401) << what;
    }
    EXPECT_EQ(refused, 177);
    for (const auto& route : routes())
        EXPECT_THAT(use(route, own_session()).status, Not(AnyOf(401, 403, 0))) << route.pattern();
}

TEST_F(AccessTest, OtherPagesAreRefused) {
    start();
    for (const auto& route : routes()) {
        const std::string what{route.pattern()};
        const auto own = "http://localhost:" + std::to_string(server_->port());
        const bool for_anyone = route.access().who() == Access::anyone && route.method() == Method::get;
        for (const auto* site : {"cross-site", "same-site"})
            EXPECT_EQ(use(route, own_session() + "Sec-Fetch-Site: " + site + "\r\n").status == 403,
                      !for_anyone)
                << what;
        const bool strict = route.method() == Method::post || route.work() == Work::live;
        for (const std::string origin : {"http://evil.example", "http://localhost:1", "null"})
            EXPECT_EQ(use(route, own_session() + "Origin: " + origin + "\r\n").status == 403, strict)
                << what << " " << origin;
        EXPECT_NE(use(route, own_session() + "Origin: " + own + "\r\nSec-Fetch-Site: same-origin\r\n").status,
                  403)
            << what;
    }
}

TEST_F(AccessTest, OtherHostsAreRefused) {
    start();
    for (const auto* host : {"evil.example", "192.168.1.5", ""}) {
        auto c = client();
        c.send(Client::head("GET", "/", host));
        EXPECT_EQ(c.read_response().status, 421) << host;
    }
    auto c = client();
    c.send("GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n");
    EXPECT_EQ(c.read_response().status, 421);
}

TEST_F(AccessTest, LoginGivesACookieThatEndsWithLogout) {
    start();
    auto c = client();
    const auto wrong = c.post("/api/login", R"({"user": "admin", "password": "wrong"})");
    EXPECT_EQ(wrong.status, 401);
    EXPECT_EQ(wrong.header("set-cookie"), "");

    const auto body = nlohmann::json{{"user", first_.user}, {"password", first_.password}}.dump();
    const auto right = c.post("/api/login", body);
    ASSERT_EQ(right.status, 200);
    EXPECT_EQ(right.json()["user"], "admin");
    EXPECT_EQ(right.json()["must_change_password"], true);
    EXPECT_EQ(right.json()["roles"], (nlohmann::json{"operator", "administrator"}));
    const auto set = right.header("set-cookie");
    EXPECT_THAT(
        set, testing::MatchesRegex("passerby_session=[A-Za-z0-9_-]{43}; HttpOnly; SameSite=Strict; Path=/"));
    const auto cookie = "Cookie: " + set.substr(0, set.find(';')) + "\r\n";
    EXPECT_EQ(c.get("/api/session", cookie).json(), right.json());

    const auto out = c.post("/api/logout", "", cookie);
    EXPECT_EQ(out.status, 204);
    EXPECT_THAT(out.header("set-cookie"), HasSubstr("Max-Age=0"));
    EXPECT_EQ(c.get("/api/session", cookie).status, 401);
}

TEST_F(AccessTest, PasswordChangeOpensTheRestAndEndsOtherSessions) {
    start();
    auto c = client();
    const auto mine = session(), other = session();
    const auto change = [&](std::string old_password, std::string new_password) {
        return c.post("/api/password", nlohmann::json{{"old", old_password}, {"new", new_password}}.dump(),
                      mine);
    };
    EXPECT_EQ(c.get("/api/cameras", mine).status, 403);
    EXPECT_EQ(change("wrong", kPassword).status, 403);
    EXPECT_EQ(change(first_.password, "short").status, 400);
    EXPECT_EQ(change(first_.password, first_.password).status, 400);
    EXPECT_EQ(change(first_.password, kPassword).status, 204);
    EXPECT_EQ(c.get("/api/cameras", mine).status, 200);
    EXPECT_EQ(c.get("/api/session", other).status, 401);
}

TEST_F(AccessTest, TooManyFailuresAreThrottled) {
    start();
    auto c = client();
    for (int i = 0; i < store::Accounts::kFailures; ++i)
        ASSERT_EQ(c.post("/api/login", R"({"user": "admin", "password": "guess"})").status, 401);
    const auto reply = c.post("/api/login", R"({"user": "admin", "password": "guess"})");
    EXPECT_EQ(reply.status, 429);
    EXPECT_THAT(reply.header("retry-after"), testing::MatchesRegex("[1-9][0-9]*"));
}

TEST_F(AccessTest, SessionsExpire) {
    start();
    const auto mine = own_session();
    EXPECT_EQ(client().get("/api/cameras", mine).status, 200);
    clock_.advance(store::Accounts::kIdle + std::chrono::minutes{1});
    EXPECT_EQ(client().get("/api/cameras", mine).status, 401);
}

}  // namespace

}  // namespace passerby::server
