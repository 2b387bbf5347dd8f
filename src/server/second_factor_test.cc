// A code beside the password: set, asked for, spent, lost, and required.
#include "store/second_factor.h"

#include <gmock/gmock.h>

#include "crypto/totp.h"
#include "server/test_world.h"

namespace passerby::server {

namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class SecondFactorTest : public World {
  protected:
    void begin(store::SecondFactorRule rule = store::SecondFactorRule::optional) {
        ServerSettings settings;
        settings.second_factor = rule;
        start(settings);
        mine_ = own_session();
    }
    Response post(const std::string& path, const json& body, const std::string& headers = "") {
        return client().post(path, body.dump(), headers);
    }
    Response log_in(const json& code = nullptr) {
        json body{{"user", "admin"}, {"password", kPassword}};
        if (!code.is_null()) body["code"] = code;
        return post("/api/login", body);
    }
    std::string code(int steps = 0) const {
        return crypto::totp(secret_, crypto::totp_step(clock_.wall()) + steps);
    }
    json proposal() const { return crypto::to_base32(secret_); }
    json wish(const json& more = json::object()) const {
        json body{{"password", kPassword}, {"secret", proposal()}, {"first_code", code()}};
        body.update(more);
        return body;
    }
    std::vector<std::string> set() {
        const auto reply = post("/api/second-factor", wish(), mine_);
        EXPECT_EQ(reply.status, 200) << reply.body;
        return reply.json()["recovery_codes"];
    }
    std::vector<std::string> on_record() {
        std::vector<std::string> found;
        const auto all = client().get("/api/ledger/entries?count=500", own_session_again()).json();
        for (const auto& e : all["entries"])
            if (e["kind"] == "access") found.push_back(e["change"]);
        return found;
    }
    std::string own_session_again() {
        return "Cookie: passerby_session=" + accounts_->create_session("admin").value() + "\r\n";
    }
    void next_step() { clock_.advance(crypto::kTotpStep); }

    std::string mine_;
    std::string secret_ = crypto::random_totp_secret();
};

TEST_F(SecondFactorTest, IsAskedForFromThenOn) {
    begin();
    EXPECT_EQ(log_in().status, 200);
    const auto before = client().get("/api/second-factor", mine_).json();
    EXPECT_EQ(before["on"], false);
    EXPECT_EQ(before["required"], false);
    EXPECT_EQ(crypto::from_base32(before["secret"].get<std::string>())->size(), crypto::kTotpSecret);
    EXPECT_NE(before["secret"], client().get("/api/second-factor", mine_).json()["secret"]);
    const auto elsewhere = own_session_again();
    EXPECT_EQ(client().get("/api/session", elsewhere).status, 200);
    EXPECT_THAT(set(), SizeIs(8));
    EXPECT_EQ(client().get("/api/session", elsewhere).status, 401) << "all other logins end";
    EXPECT_EQ(client().get("/api/second-factor", mine_).json()["on"], true);
    EXPECT_EQ(client().get("/api/session", mine_).status, 200) << "who is logged in stays so";

    const auto without = log_in();
    EXPECT_EQ(without.status, 401);
    EXPECT_EQ(without.json()["second_factor"], true);
    EXPECT_EQ(without.header("set-cookie"), "");
    EXPECT_EQ(log_in("000000").status, 401);
    EXPECT_EQ(log_in(code()).status, 401) << "the code that set it is spent";
    next_step();
    EXPECT_EQ(log_in(code()).status, 200);
    EXPECT_EQ(log_in(code()).status, 401) << "twice";
    next_step();
    EXPECT_EQ(log_in(code(-1)).status, 401) << "that one was used";
    EXPECT_EQ(log_in(code(+1)).status, 200) << "a phone that is fast";
    EXPECT_EQ(log_in(code()).status, 401) << "older than one that was used";
    EXPECT_THAT(on_record(), testing::ElementsAre("second-factor"));
    // A wrong password does not say whether a code is missing.
    EXPECT_FALSE(
        post("/api/login", {{"user", "admin"}, {"password", "wrong"}}).json().contains("second_factor"));
}

TEST_F(SecondFactorTest, GuessesAreLimited) {
    begin();
    set();
    next_step();
    for (int i = 0; i < store::Accounts::kFailures; ++i)
        EXPECT_EQ(log_in("00000" + std::to_string(i)).status, 401);
    const auto refused = log_in(code());
    EXPECT_EQ(refused.status, 429);
    EXPECT_NE(refused.header("retry-after"), "");
    clock_.advance(store::Accounts::kFailureWindow);
    EXPECT_EQ(log_in(code()).status, 200);
}

TEST_F(SecondFactorTest, AskingForTheCodeIsNoFailure) {
    begin();
    set();
    next_step();
    for (int i = 0; i < 2 * store::Accounts::kFailures; ++i) EXPECT_EQ(log_in().status, 401);
    EXPECT_EQ(log_in(code()).status, 200);
}

TEST_F(SecondFactorTest, ARecoveryCodeIsGoodOnce) {
    begin();
    const auto codes = set();
    EXPECT_EQ(log_in(codes[3]).status, 200);
    EXPECT_EQ(log_in(codes[3]).status, 401);
    EXPECT_EQ(log_in(codes[0]).status, 200);
    EXPECT_EQ(client().get("/api/second-factor", mine_).json()["recovery_codes"], 6);
    // They are nowhere: only what they are compared with.
    std::ifstream catalogue{folder_ / "data/catalogue.sqlite", std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{catalogue}, {}};
    for (const auto& code : codes) EXPECT_THAT(bytes, Not(HasSubstr(code)));
}

TEST_F(SecondFactorTest, ChangingItTakesPasswordAndCode) {
    begin();
    set();
    next_step();
    const std::pair<const char*, json> bad[] = {
        {"no code", wish()},
        {"a wrong code", wish({{"code", "000000"}})},
        {"a wrong password", wish({{"password", "wrong"}, {"code", code()}})},
    };
    for (const auto& [what, body] : bad) {
        EXPECT_EQ(post("/api/second-factor", body, mine_).status, 403) << what;
        EXPECT_EQ(post("/api/second-factor/end",
                       {{"password", body["password"]}, {"code", body.value("code", "")}}, mine_)
                          .status == 204,
                  false)
            << what;
    }
    for (const json& body :
         {wish({{"secret", "AAAA"}}), wish({{"secret", "not base32!"}}), wish({{"first_code", "12345"}}),
          wish({{"secret", 7}}), json::object(), json::array()})
        EXPECT_EQ(post("/api/second-factor", body, mine_).status, 400) << body;
    const auto wrong_first = wish({{"first_code", code(5)}, {"code", code()}});
    EXPECT_EQ(post("/api/second-factor", wrong_first, mine_).status, 400);
    next_step();
    const auto old = code();
    secret_ = crypto::random_totp_secret();
    EXPECT_EQ(post("/api/second-factor", wish({{"code", old}}), mine_).status, 200);
    next_step();
    EXPECT_EQ(post("/api/second-factor/end", {{"password", kPassword}, {"code", code()}}, mine_).status, 204);
    EXPECT_EQ(log_in().status, 200);
    EXPECT_THAT(on_record(), testing::ElementsAre("no-second-factor", "second-factor", "second-factor"));
}

TEST_F(SecondFactorTest, WhereItIsRequiredNothingGoesWithout) {
    begin(store::SecondFactorRule::administrators);
    EXPECT_EQ(client().get("/api/session", mine_).json()["must_set_second_factor"], true);
    const auto refused = client().get("/api/cameras", mine_);
    EXPECT_EQ(refused.status, 403);
    EXPECT_THAT(refused.body, HasSubstr("set up a second factor first"));
    EXPECT_EQ(
        post(
            "/api/tokens",
            {{"name", "x"}, {"roles", {"viewer"}}, {"cameras", nullptr}, {"expires", "2026-03-02T00:00:00Z"}},
            mine_)
            .status,
        403);
    EXPECT_EQ(post("/api/users/admin/second-factor/end", json::object(), mine_).status, 403);
    set();
    EXPECT_EQ(client().get("/api/cameras", mine_).status, 200);
    EXPECT_EQ(client().get("/api/session", mine_).json()["must_set_second_factor"], false);
    next_step();
    const auto kept = post("/api/second-factor/end", {{"password", kPassword}, {"code", code()}}, mine_);
    EXPECT_EQ(kept.status, 403);
    EXPECT_THAT(kept.body, HasSubstr("required"));
    // Not of viewers.
    const auto eve =
        post("/api/users", {{"name", "eve"}, {"roles", {"viewer"}}, {"cameras", nullptr}}, mine_);
    EXPECT_TRUE(accounts_->change_password("eve", eve.json()["password"].get<std::string>(), kPassword, ""));
    const auto hers = "Cookie: passerby_session=" + accounts_->create_session("eve").value() + "\r\n";
    EXPECT_EQ(client().get("/api/cameras", hers).status, 200);
}

TEST_F(SecondFactorTest, AnAdministratorEndsThatOfSomebodyElse) {
    begin();
    const auto eve =
        post("/api/users", {{"name", "eve"}, {"roles", {"viewer"}}, {"cameras", nullptr}}, mine_);
    EXPECT_TRUE(accounts_->change_password("eve", eve.json()["password"].get<std::string>(), kPassword, ""));
    const auto hers = "Cookie: passerby_session=" + accounts_->create_session("eve").value() + "\r\n";
    EXPECT_EQ(post("/api/second-factor", wish(), hers).status, 200);
    EXPECT_EQ(post("/api/users/eve/second-factor/end", json::object(), hers).status, 403);
    EXPECT_EQ(post("/api/users/nobody/second-factor/end", json::object(), mine_).status, 404);
    EXPECT_EQ(post("/api/users/eve/second-factor/end", json::object(), mine_).status, 204);
    EXPECT_EQ(client().get("/api/session", hers).status, 401) << "their logins end";
    EXPECT_EQ(post("/api/login", {{"user", "eve"}, {"password", kPassword}}).status, 200);
    EXPECT_EQ(on_record().front(), "no-second-factor");
}

TEST(SecondFactorRule, SaysOfWhom) {
    using enum store::SecondFactorRule;
    using enum store::Role;
    for (const auto role : store::kRoles) {
        EXPECT_FALSE(store::requires_second_factor(optional, {role}));
        EXPECT_TRUE(store::requires_second_factor(everybody, {role}));
        EXPECT_EQ(store::requires_second_factor(administrators, {role}),
                  role == administers || role == holds_key);
    }
}

}  // namespace

}  // namespace passerby::server
