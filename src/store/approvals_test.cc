#include "store/approvals.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "crypto/digest.h"
#include "store/schema.h"
#include "store/test_world.h"

namespace passerby::store {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class ApprovalsTest : public ::testing::Test {
  protected:
    void SetUp() override { open(); }
    void open() {
        approvals_.reset();
        store_.reset();
        store_ = must(Store::open(folder_.path() / "data", clock_));
        approvals_ = std::make_unique<Approvals>(store_);
    }
    Approval approval(std::string picture, std::vector<std::string> refused = {}) {
        clock_.pass(1s);
        return {"yard", "admin", clock_.wall(), crypto::sha256_hex(picture), picture, std::move(refused)};
    }
    std::vector<std::string> standing(std::size_t most = 8) const {
        std::vector<std::string> pictures;
        for (auto& a : must(approvals_->standing("yard", most))) pictures.push_back(a.picture);
        return pictures;
    }

    TempFolder folder_;
    FakeClock clock_{at("2026-03-01T12:00:00Z")};
    std::shared_ptr<Store> store_;
    std::unique_ptr<Approvals> approvals_;
};

TEST_F(ApprovalsTest, WhatWasApprovedStandsUntilItIsWithdrawn) {
    EXPECT_THAT(standing(), SizeIs(0));
    must(approvals_->add(approval("day", {"0,0 1,0 1,1", "0.5,0.5 1,0.5 1,1"})));
    must(approvals_->add(approval("night")));
    open();
    EXPECT_EQ(standing(), (std::vector<std::string>{"day", "night"}));
    EXPECT_EQ(must(approvals_->standing("yard", 8))[0].refused,
              (std::vector<std::string>{"0,0 1,0 1,1", "0.5,0.5 1,0.5 1,1"}));
    EXPECT_EQ(standing(1), (std::vector<std::string>{"night"})) << "the newest";
    EXPECT_THAT(must(approvals_->standing("gate", 8)), SizeIs(0));

    must(approvals_->withdraw("yard", "deputy", clock_.wall()));
    EXPECT_THAT(standing(), SizeIs(0));
    must(approvals_->add(approval("anew")));
    EXPECT_EQ(standing(), (std::vector<std::string>{"anew"}));

    const auto history = must(approvals_->history("yard"));
    ASSERT_THAT(history, SizeIs(3));
    EXPECT_FALSE(history[0].withdrawn);
    ASSERT_TRUE(history[1].withdrawn);
    EXPECT_EQ(history[1].withdrawn->user, "deputy");
    EXPECT_EQ(must(approvals_->picture("yard", history[2].sha256)), "day");
    EXPECT_FALSE(approvals_->picture("gate", history[2].sha256));
}

TEST_F(ApprovalsTest, AnotherPictureThanTheOneThatWasSeenIsNotApproved) {
    auto other = approval("seen");
    other.picture = "another";
    const auto added = approvals_->add(other);
    ASSERT_FALSE(added);
    EXPECT_THAT(added.error().message, HasSubstr("look at it again"));
    EXPECT_THAT(standing(), SizeIs(0));
}

TEST_F(ApprovalsTest, ADamagedPictureCountsForNothing) {
    must(approvals_->add(approval("good")));
    must(approvals_->add(approval("damaged")));
    SQLite::Database{(folder_.path() / "data/catalogue.sqlite").string(), SQLite::OPEN_READWRITE}.exec(
        "UPDATE approval SET picture = x'00' WHERE picture = x'64616d61676564'");
    EXPECT_EQ(standing(), (std::vector<std::string>{"good"}));
    EXPECT_FALSE(approvals_->picture("yard", crypto::sha256_hex("damaged")));
}

TEST_F(ApprovalsTest, ACatalogueOfTheFirstVersionIsBroughtUpToDate) {
    approvals_.reset();
    store_.reset();
    const auto file = folder_.path() / "data/catalogue.sqlite";
    std::filesystem::remove(file);
    {
        SQLite::Database old{file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
        old.exec(kSchema[0]);
        old.exec(fmt::format("PRAGMA application_id = {}", kApplicationId));
        old.exec("PRAGMA user_version = 1");
        old.exec("INSERT INTO user VALUES ('admin', 'hash', 0)");
        old.exec("INSERT INTO camera (id) VALUES ('yard')");
        old.exec(
            "INSERT INTO segment VALUES (1, 'yard', 0, 60000000, 0, 60000000, 0, 200, 100, 640, 360, "
            "'avc1', 600, 0.5)");
    }
    open();
    must(approvals_->add(approval("day")));
    EXPECT_EQ(standing(), (std::vector<std::string>{"day"}));
    SQLite::Database now{file.string(), SQLite::OPEN_READONLY};
    EXPECT_EQ(now.execAndGet("SELECT name FROM user").getString(), "admin");
    EXPECT_EQ(now.execAndGet("PRAGMA user_version").getInt(), kSchemaVersion);
    EXPECT_TRUE(now.execAndGet("SELECT kept FROM segment").isNull());
}

}  // namespace
}  // namespace passerby::store
