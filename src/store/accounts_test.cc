#include "store/accounts.h"

#include <fstream>
#include <thread>

#include "store/catalogue.h"
#include "store/passwords.h"
#include "store/sql.h"
#include "store/test_world.h"

namespace passerby::store {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using Outcome = Login::Outcome;

constexpr PasswordCost kCheap{1, 8192};
constexpr const char* kGood = "a long enough one";

class AccountsTest : public ::testing::Test {
  protected:
    void start() {
        accounts_.reset();
        store_.reset();
        store_ = must(Store::open(folder_.path() / "data", clock_));
        accounts_ = must(Accounts::open(store_, kCheap));
        first_ = accounts_->take_first_login();
    }
    void SetUp() override { start(); }
    Outcome try_login(std::string_view user, std::string_view password) {
        return must(accounts_->verify(user, password)).outcome;
    }
    Outcome change(std::string_view old_password, std::string_view new_password,
                   std::string_view token = "") {
        return must(accounts_->change_password("admin", old_password, new_password, token)).outcome;
    }

    TempFolder folder_;
    FakeClock clock_{at("2026-03-01T12:00:00Z")};
    std::shared_ptr<Store> store_;
    std::unique_ptr<Accounts> accounts_;
    std::optional<FirstLogin> first_;
};

TEST_F(AccountsTest, TheFirstStartMakesAOneTimePassword) {
    ASSERT_TRUE(first_);
    EXPECT_EQ(first_->user, "admin");
    EXPECT_EQ(first_->password.size(), 23u);
    EXPECT_FALSE(accounts_->take_first_login());  // given once
    const auto login = must(accounts_->verify("admin", first_->password));
    EXPECT_EQ(login.outcome, Outcome::ok);
    EXPECT_TRUE(login.must_change_password);
    EXPECT_EQ(try_login("admin", "wrong"), Outcome::wrong);
    EXPECT_EQ(try_login("nobody", first_->password), Outcome::wrong);
}

TEST_F(AccountsTest, AnUnusedOneTimePasswordIsReplacedAtEachStartUntilItIsChanged) {
    const auto before = *first_;
    const auto token = must(accounts_->create_session("admin"));
    start();
    ASSERT_TRUE(first_);
    EXPECT_NE(first_->password, before.password);
    EXPECT_EQ(try_login("admin", before.password), Outcome::wrong);
    EXPECT_FALSE(must(accounts_->session(token)));
    EXPECT_EQ(change(first_->password, kGood), Outcome::ok);
    start();
    EXPECT_FALSE(first_);
    const auto login = must(accounts_->verify("admin", kGood));
    EXPECT_EQ(login.outcome, Outcome::ok);
    EXPECT_FALSE(login.must_change_password);
}

TEST_F(AccountsTest, ChangingThePasswordEndsOtherSessions) {
    const auto mine = must(accounts_->create_session("admin"));
    const auto other = must(accounts_->create_session("admin"));
    EXPECT_EQ(change("not it", kGood, mine), Outcome::wrong);
    EXPECT_TRUE(must(accounts_->session(other)));
    EXPECT_EQ(change(first_->password, kGood, mine), Outcome::ok);
    EXPECT_TRUE(must(accounts_->session(mine)));
    EXPECT_FALSE(must(accounts_->session(mine))->must_change_password);
    EXPECT_FALSE(must(accounts_->session(other)));
    EXPECT_EQ(try_login("admin", first_->password), Outcome::wrong);
}

TEST_F(AccountsTest, PasswordsHaveRules) {
    const auto refused = [&](std::string_view password) {
        const auto changed = accounts_->change_password("admin", first_->password, password, "");
        return changed ? "" : changed.error().message;
    };
    EXPECT_THAT(refused("123456789"), HasSubstr("at least 10 characters"));
    EXPECT_THAT(refused("äöüäöü"), HasSubstr("at least 10 characters"));  // twelve bytes
    EXPECT_THAT(refused(std::string(1025, 'x')), HasSubstr("at most 1024 bytes"));
    EXPECT_THAT(refused(first_->password), HasSubstr("choose another"));
    EXPECT_EQ(try_login("admin", first_->password), Outcome::ok);
    EXPECT_EQ(change(first_->password, "äöüäöüäöüä"), Outcome::ok);
    EXPECT_EQ(try_login("admin", "äöüäöüäöüä"), Outcome::ok);
}

TEST_F(AccountsTest, TenFailuresInAQuarterOfAnHour) {
    for (const char* user : {"admin", "nobody"}) {
        SCOPED_TRACE(user);
        for (int i = 0; i < 10; ++i) {
            EXPECT_EQ(try_login(user, "wrong"), Outcome::wrong);
            clock_.pass(30s);
        }
        const auto login = must(accounts_->verify(user, first_->password));
        EXPECT_EQ(login.outcome, Outcome::throttled);
        EXPECT_EQ(login.retry_after, 10min);
        clock_.pass(10min);
        EXPECT_EQ(try_login(user, "wrong"), Outcome::wrong);
        EXPECT_EQ(try_login(user, "wrong"), Outcome::throttled);
    }
    clock_.pass(15min);
    EXPECT_EQ(try_login("admin", first_->password), Outcome::ok);
}

TEST_F(AccountsTest, SuccessesAreNotCounted) {
    for (int i = 0; i < 30; ++i) EXPECT_EQ(try_login("admin", first_->password), Outcome::ok);
    // Changing a password is no way round the limit.
    for (int i = 0; i < 10; ++i) EXPECT_EQ(change("wrong", kGood), Outcome::wrong);
    EXPECT_EQ(change(first_->password, kGood), Outcome::throttled);
}

TEST_F(AccountsTest, ManyTriesAtOnceDoNotSlipThrough) {
    std::atomic<int> looked_at = 0;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 8; ++t)
            threads.emplace_back([&] {
                for (int i = 0; i < 5; ++i)
                    if (try_login("admin", "wrong") == Outcome::wrong) ++looked_at;
            });
    }
    EXPECT_EQ(looked_at, 10);
}

TEST_F(AccountsTest, SessionsExpire) {
    const auto token = must(accounts_->create_session("admin"));
    EXPECT_EQ(token.size(), 43u);
    EXPECT_EQ(must(accounts_->session(token))->user, "admin");
    EXPECT_EQ(must(accounts_->session(token))->expires, clock_.wall() + 12h);
    EXPECT_FALSE(must(accounts_->session(token + "x")));
    EXPECT_FALSE(must(accounts_->session("")));

    for (int i = 0; i < 24; ++i) {  // used all the time: until the absolute end
        clock_.pass(29min);
        ASSERT_TRUE(must(accounts_->session(token))) << i;
    }
    clock_.pass(24min);
    EXPECT_FALSE(must(accounts_->session(token)));

    const auto idle = must(accounts_->create_session("admin"));
    clock_.pass(30min);
    EXPECT_FALSE(must(accounts_->session(idle)));
}

// On a full disk nothing can be written: who is logged in can still look, and is logged out in time.
TEST_F(AccountsTest, ASessionGoesOnWhereItsUseCannotBeNoted) {
    const auto token = must(accounts_->create_session("admin"));
    must(store_->catalogue().changes().run([](SQLite::Database& db) {
        db.exec("CREATE TRIGGER full BEFORE UPDATE ON session BEGIN SELECT RAISE(FAIL, 'disk is full'); END");
    }));
    clock_.pass(std::chrono::minutes{20});
    EXPECT_TRUE(must(accounts_->session(token)));
    clock_.pass(std::chrono::minutes{20});
    EXPECT_FALSE(must(accounts_->session(token))) << "as if it had not been used";
}

TEST_F(AccountsTest, ASessionSurvivesARestartButNotItsEnd) {
    change(first_->password, kGood);
    const auto token = must(accounts_->create_session("admin"));
    start();
    EXPECT_TRUE(must(accounts_->session(token)));
    must(accounts_->end_session(token));
    EXPECT_FALSE(must(accounts_->session(token)));
    must(accounts_->end_session(token));
    EXPECT_FALSE(accounts_->create_session("nobody"));
}

TEST_F(AccountsTest, NeitherPasswordNorTokenIsOnDisk) {
    const auto token = must(accounts_->create_session("admin"));
    change(first_->password, kGood, token);
    for (const char* name : {"catalogue.sqlite", "catalogue.sqlite-wal"}) {
        const auto content = must(read_file(folder_.path() / "data" / name));
        for (const std::string& secret : {token, first_->password, std::string{kGood}})
            EXPECT_EQ(content.find(secret), std::string::npos) << name;
    }
}

TEST_F(AccountsTest, TheRealCostIsArgon2idWith64MiB) {
    Passwords passwords{PasswordCost{}};
    const auto hash = must(passwords.hash(kGood));
    EXPECT_THAT(hash, HasSubstr("$argon2id$v=19$m=65536,t=2,p=1$"));
    EXPECT_TRUE(passwords.fits(hash, kGood));
    EXPECT_FALSE(passwords.fits(hash, "another"));
}

}  // namespace
}  // namespace passerby::store
