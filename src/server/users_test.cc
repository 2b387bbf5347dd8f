// Accounts, tokens and sessions over the API, and what of it stands on the record.
#include "store/users.h"

#include <gmock/gmock.h>

#include "server/test_world.h"

namespace passerby::server {

namespace {

using nlohmann::json;
using store::Role;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

class UsersTest : public World {
  protected:
    void SetUp() override {
        start();
        mine_ = own_session();
    }
    Response post(const std::string& path, const json& body, const std::string& headers) {
        return client().post(path, body.dump(), headers);
    }
    Response post(const std::string& path, const json& body = json::object()) {
        return post(path, body, mine_);
    }
    json add(const std::string& name, json roles, json cameras = nullptr) {
        const auto reply = post("/api/users", {{"name", name}, {"roles", roles}, {"cameras", cameras}});
        EXPECT_EQ(reply.status, 201) << reply.body;
        return reply.json();
    }
    // A Cookie line of somebody who chose a password of their own.
    std::string log_in(const std::string& name, const std::string& one_time) {
        EXPECT_TRUE(accounts_->change_password(name, one_time, kPassword, ""));
        return "Cookie: passerby_session=" + accounts_->create_session(name).value() + "\r\n";
    }
    static std::string bearer(const std::string& token) { return "Authorization: Bearer " + token + "\r\n"; }
    int look(const std::string& headers) {
        return client().get("/api/cameras/door/playlist.m3u8" + span_, headers).status;
    }
    std::vector<json> on_record() {
        std::vector<json> found;
        const auto all = client().get("/api/ledger/entries?count=500", mine_).json();
        for (const auto& e : all["entries"])
            if (e["kind"] == "access") found.push_back(e);
        return found;
    }

    std::string mine_;
    const std::string span_ = "?from=2026-03-01T12:00:00Z&to=2026-03-01T12:00:05Z";
};

TEST_F(UsersTest, ANewUserChoosesAPasswordAndMayWhatTheyMay) {
    const auto made = add("eve", {"viewer"}, {"door"});
    EXPECT_EQ(made["roles"], json({"viewer"}));
    EXPECT_EQ(made["cameras"], json({"door"}));
    EXPECT_EQ(made["must_change_password"], true);
    const auto first =
        client().post("/api/login", json{{"user", "eve"}, {"password", made["password"]}}.dump());
    ASSERT_EQ(first.status, 200);
    const auto handed_out =
        "Cookie: " + first.header("set-cookie").substr(0, first.header("set-cookie").find(';')) + "\r\n";
    EXPECT_EQ(look(handed_out), 403);
    const auto eve = log_in("eve", made["password"]);
    EXPECT_EQ(look(eve), 200);
    EXPECT_EQ(client().get("/api/session", eve).json()["roles"], json({"viewer"}));
    EXPECT_EQ(client().get("/api/cameras", eve).json().size(), 1u);
    EXPECT_EQ(client().get("/api/users", eve).status, 403);
    EXPECT_THAT(client().get("/api/users", eve).body,
                HasSubstr("that is for administrators; you are viewer"));

    // The one-time password is in no list, and the ledger names nobody.
    EXPECT_THAT(client().get("/api/users", mine_).body, Not(HasSubstr(made["password"].get<std::string>())));
    ASSERT_THAT(on_record(), SizeIs(1));
    EXPECT_EQ(on_record()[0]["change"], "added");
    EXPECT_THAT(on_record()[0]["whom"].get<std::string>(), StartsWith("u-"));
    EXPECT_EQ(on_record()[0]["rights"]["roles"], "viewer");
}

TEST_F(UsersTest, RightsChangeAtOnce) {
    const auto eve = log_in("eve", add("eve", {"viewer"})["password"]);
    EXPECT_EQ(look(eve), 200);
    EXPECT_EQ(post("/api/users/eve", {{"roles", {"auditor"}}, {"cameras", nullptr}}).status, 200);
    EXPECT_EQ(look(eve), 403);
    EXPECT_EQ(client().get("/api/use" + span_, eve).status, 200);
    const auto reset = post("/api/users/eve/reset");
    ASSERT_EQ(reset.status, 200);
    EXPECT_EQ(client().get("/api/session", eve).status, 401);
    EXPECT_EQ(client()
                  .post("/api/login", json{{"user", "eve"}, {"password", reset.json()["password"]}}.dump())
                  .status,
              200);
    EXPECT_EQ(post("/api/users/eve/remove").status, 204);
    EXPECT_EQ(client().post("/api/login", json{{"user", "eve"}, {"password", kPassword}}.dump()).status, 401);
    EXPECT_THAT(on_record(), SizeIs(4));
}

TEST_F(UsersTest, SomebodyAlwaysAdministers) {
    EXPECT_EQ(post("/api/users/admin/remove").status, 403);
    EXPECT_EQ(post("/api/users/admin", {{"roles", {"viewer"}}, {"cameras", nullptr}}).status, 403);
    EXPECT_THAT(on_record(), SizeIs(0));  // what was refused did not happen
    add("second", {"administrator"});
    EXPECT_EQ(post("/api/users/admin", {{"roles", {"viewer"}}, {"cameras", nullptr}}).status, 200);
    EXPECT_EQ(client().get("/api/users", mine_).status, 403);
}

TEST_F(UsersTest, BadInputIsNamedAndChangesNothing) {
    const auto refused = [&](const json& body, const char* says, int status = 400) {
        const auto reply = post("/api/users", body);
        EXPECT_EQ(reply.status, status) << body;
        EXPECT_THAT(reply.body, HasSubstr(says)) << body;
    };
    const json all = nullptr;
    refused({{"name", "Eve!"}, {"roles", {"viewer"}}, {"cameras", all}}, "cannot be the name of a user");
    refused({{"name", ""}, {"roles", {"viewer"}}, {"cameras", all}}, "1 to 32 bytes");
    refused({{"name", "eve"}, {"roles", {"owner"}}, {"cameras", all}}, "is no role");
    refused({{"name", "eve"}, {"roles", json::array()}, {"cameras", all}}, "at least one");
    refused({{"name", "eve"}, {"roles", "viewer"}, {"cameras", all}}, "list of texts");
    refused({{"name", "eve"}, {"roles", {"viewer"}}}, "\\\"cameras\\\" is missing");
    refused({{"name", "eve"}, {"roles", {"viewer"}}, {"cameras", {"cellar"}}}, "no camera");
    refused({{"name", "admin"}, {"roles", {"viewer"}}, {"cameras", all}}, "already", 409);
    EXPECT_EQ(client().get("/api/users", mine_).json().size(), 1u);
    for (const auto* path :
         {"/api/users/nobody/reset", "/api/users/nobody/remove", "/api/users/..", "/api/users/A"})
        EXPECT_EQ(post(path).status, 404) << path;
    EXPECT_THAT(on_record(), SizeIs(0));
}

TEST_F(UsersTest, ATokenDoesNoMoreThanItsOwnerAndEnds) {
    const auto eve = log_in("eve", add("eve", {"viewer", "auditor"}, {"door"})["password"]);
    const json token{{"name", "dashboard"},
                     {"roles", {"viewer"}},
                     {"cameras", nullptr},
                     {"expires", to_iso8601(clock_.wall() + std::chrono::hours{48})}};
    auto more = token;
    more["roles"] = {"operator"};
    EXPECT_EQ(post("/api/tokens", more, eve).status, 403);
    auto longer = token;
    longer["expires"] = to_iso8601(clock_.wall() + std::chrono::days{400});
    EXPECT_EQ(post("/api/tokens", longer, eve).status, 400);
    const auto made = post("/api/tokens", token, eve);
    ASSERT_EQ(made.status, 201) << made.body;
    const auto script = bearer(made.json()["token"]);
    EXPECT_EQ(look(script), 200);
    EXPECT_EQ(client().get("/api/cameras/yard", script).status, 404);  // not its owner's
    EXPECT_EQ(client().get("/api/use" + span_, script).status, 403);   // its owner's, and not its own
    // What is for persons.
    EXPECT_EQ(post("/api/tokens", token, script).status, 403);
    EXPECT_EQ(post("/api/password", {{"old", kPassword}, {"new", "another long one"}}, script).status, 403);
    EXPECT_EQ(client().get("/api/session", bearer("passerby_" + std::string(43, 'A'))).status, 401);
    EXPECT_EQ(client().get("/api/session", bearer("x")).status, 401);

    const auto listed = client().get("/api/tokens", eve).json();
    ASSERT_EQ(listed.size(), 1u);
    EXPECT_EQ(listed[0]["name"], "dashboard");
    EXPECT_FALSE(listed[0].contains("token"));
    // Nobody else's.
    EXPECT_EQ(client().get("/api/tokens", mine_).json().size(), 0u);
    EXPECT_EQ(post("/api/tokens/end", {{"id", listed[0]["id"]}}).status, 404);
    EXPECT_EQ(post("/api/users/eve", {{"roles", {"auditor"}}, {"cameras", nullptr}}).status, 200);
    EXPECT_EQ(look(script), 403);
    EXPECT_EQ(post("/api/users/eve", {{"roles", {"viewer"}}, {"cameras", nullptr}}).status, 200);
    EXPECT_EQ(look(script), 200);
    clock_.advance(std::chrono::hours{49});
    EXPECT_EQ(look(script), 401);
}

TEST_F(UsersTest, ATokenThatIsEndedIsNone) {
    const auto made = post("/api/tokens", {{"name", "x"},
                                           {"roles", {"operator"}},
                                           {"cameras", nullptr},
                                           {"expires", to_iso8601(clock_.wall() + std::chrono::hours{1})}});
    ASSERT_EQ(made.status, 201);
    const auto script = bearer(made.json()["token"]);
    EXPECT_EQ(look(script), 200);
    EXPECT_EQ(post("/api/tokens/end", {{"id", client().get("/api/tokens", mine_).json()[0]["id"]}}).status,
              204);
    EXPECT_EQ(look(script), 401);
}

TEST_F(UsersTest, SessionsAreListedAndEndedByTheirOwner) {
    const auto other = session();
    auto listed = client().get("/api/sessions", mine_).json();
    ASSERT_EQ(listed.size(), 2u);
    const auto id = listed[0]["current"].get<bool>() ? listed[1]["id"] : listed[0]["id"];
    const auto eve = log_in("eve", add("eve", {"administrator"})["password"]);
    EXPECT_EQ(client().get("/api/sessions", eve).json().size(), 1u);
    EXPECT_EQ(post("/api/sessions/end", {{"id", id}}, eve).status, 404);
    EXPECT_EQ(client().get("/api/session", other).status, 200);
    EXPECT_EQ(post("/api/sessions/end", {{"id", id}}).status, 204);
    EXPECT_EQ(client().get("/api/session", other).status, 401);
    EXPECT_EQ(client().get("/api/session", mine_).status, 200);
}

}  // namespace

}  // namespace passerby::server
