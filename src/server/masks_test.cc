// Areas that persons draw: more at once, less by two, and nothing without the record.
#include <gmock/gmock.h>

#include "server/test_world.h"
#include "store/users.h"

namespace passerby::server {

namespace {

using nlohmann::json;
using store::Role;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kLeft = "0,0 0.2,0 0.2,1";
constexpr const char* kRight = "0.8,0 1,0 1,1";

class MasksTest : public World {
  protected:
    void SetUp() override {
        draw_ = [this](const std::vector<redact::Polygon>& areas) -> Status {
            drawn_.push_back(areas.size());
            return {};
        };
        start();
        mine_ = own_session();
    }
    Response save(const json& areas, const std::string& headers) {
        return client().post("/api/cameras/door/masks", json{{"areas", areas}}.dump(), headers);
    }
    Response agree(std::int64_t id, const std::string& headers) {
        return client().post("/api/cameras/door/masks/agree", json{{"id", id}}.dump(), headers);
    }
    json masks() { return client().get("/api/cameras/door/masks", mine_).json(); }
    std::string second() {
        store::Users users{store_, accounts_};
        const auto password = users.add("second", {{Role::administers}, {}}).value();
        EXPECT_TRUE(accounts_->change_password("second", password, kPassword, ""));
        return "Cookie: passerby_session=" + accounts_->create_session("second").value() + "\r\n";
    }
    std::vector<std::string> on_record() {
        std::vector<std::string> found;
        const auto all = client().get("/api/ledger/entries?count=500", mine_).json();
        for (const auto& e : all["entries"])
            if (e["kind"] == "masks") found.push_back(e["change"]);
        return found;
    }

    std::string mine_;
    std::vector<std::size_t> drawn_;
};

TEST_F(MasksTest, MoreCoverCountsAtOnceAndEachSaveIsAVersion) {
    EXPECT_THAT(masks()["areas"], IsEmpty());
    EXPECT_EQ(masks()["fixed"], json({"0.1,0.1 0.2,0.1 0.2,0.2"}));
    EXPECT_EQ(save({kLeft}, mine_).status, 200);
    EXPECT_EQ(save({kLeft, kRight}, mine_).status, 200);
    EXPECT_THAT(drawn_, testing::ElementsAre(1u, 2u));
    const auto now = masks();
    EXPECT_EQ(now["areas"], json({kLeft, kRight}));
    ASSERT_THAT(now["versions"], SizeIs(2));
    EXPECT_EQ(now["versions"][0]["by"], "admin");
    EXPECT_EQ(now["versions"][0]["agreed"]["by"], "admin");
    EXPECT_EQ(now["versions"][1]["areas"], json({kLeft}));
    EXPECT_EQ(now["waits"], nullptr);
    EXPECT_THAT(on_record(), testing::ElementsAre("raised", "raised"));
}

TEST_F(MasksTest, WhoIsAloneMayCoverLessAndTheRecordSaysSo) {
    save({kLeft, kRight}, mine_);
    EXPECT_EQ(save({kLeft}, mine_).status, 200);
    EXPECT_THAT(drawn_, testing::ElementsAre(2u, 1u));
    EXPECT_THAT(on_record(), testing::ElementsAre("lowered", "raised"));
}

TEST_F(MasksTest, LessCoverWaitsForASecondPerson) {
    const auto second_session = second();
    save({kLeft, kRight}, mine_);
    const auto proposed = save({kLeft}, mine_);
    EXPECT_EQ(proposed.status, 202);
    EXPECT_EQ(proposed.json()["areas"], json({kLeft, kRight}));  // as before
    const auto id = proposed.json()["waits"].get<std::int64_t>();
    EXPECT_THAT(drawn_, testing::ElementsAre(2u));
    EXPECT_EQ(agree(id, mine_).status, 403);  // not the same person twice
    EXPECT_EQ(agree(id + 1, second_session).status, 409);
    EXPECT_EQ(agree(id, second_session).status, 200);
    EXPECT_THAT(drawn_, testing::ElementsAre(2u, 1u));
    EXPECT_EQ(masks()["areas"], json({kLeft}));
    EXPECT_EQ(masks()["versions"][0]["agreed"]["by"], "second");
    EXPECT_EQ(agree(id, second_session).status, 409);  // it waits no more
    EXPECT_THAT(on_record(), testing::ElementsAre("agreed", "proposed", "raised"));
}

TEST_F(MasksTest, AProposalEndsWithTheNextVersionThatCounts) {
    const auto second_session = second();
    save({kLeft}, mine_);
    const auto id = save(json::array(), mine_).json()["waits"].get<std::int64_t>();
    EXPECT_EQ(save({kLeft, kRight}, second_session).status, 200);
    EXPECT_EQ(masks()["waits"], nullptr);
    EXPECT_EQ(agree(id, second_session).status, 409);
    EXPECT_EQ(masks()["areas"], json({kLeft, kRight}));
}

TEST_F(MasksTest, BadAreasAreNamedAndChangeNothing) {
    const auto refused = [&](const std::string& body, const char* says) {
        const auto reply = client().post("/api/cameras/door/masks", body, mine_);
        EXPECT_EQ(reply.status, 400) << body;
        EXPECT_THAT(reply.body, HasSubstr(says)) << body;
    };
    refused("[]", "JSON object");
    refused("{}", "areas");
    refused(R"({"areas": [7]})", "area 1");
    refused(R"({"areas": ["0,0 1,0"]})", "three points");
    refused(R"({"areas": ["0,0 1,0 2,2"]})", "area 1");
    refused(json{{"areas", std::vector<std::string>(129, kLeft)}}.dump(), "128 are the most");
    EXPECT_EQ(client().post("/api/cameras/cellar/masks", R"({"areas": []})", mine_).status, 404);
    EXPECT_THAT(masks()["versions"], IsEmpty());
    EXPECT_THAT(drawn_, IsEmpty());
    EXPECT_THAT(on_record(), IsEmpty());
}

TEST_F(MasksTest, WithoutALedgerMoreIsCoveredAndNeverLess) {
    save({kLeft}, mine_);
    server_.reset();
    ledger_ = {nullptr, "the disk is full"};
    start();
    EXPECT_EQ(save(json::array(), mine_).status, 503);
    EXPECT_EQ(save({kLeft, kRight}, mine_).status, 200);
    EXPECT_EQ(masks()["areas"], json({kLeft, kRight}));
}

}  // namespace

}  // namespace passerby::server
