// Lines and zones that persons draw, and the numbers that come of them.
#include <gmock/gmock.h>

#include "server/standing_places.h"
#include "server/test_world.h"

namespace passerby::server {

namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kPath = "/api/cameras/door/places";

class ActivityTest : public World {
  protected:
    void SetUp() override {
        counting_ =
            redact::Counting{.epsilon_thousandths = 500, .visits = 2, .interval = std::chrono::minutes{15}};
        count_ = [this](const std::vector<vision::Place>& places) -> Status {
            counted_.push_back(places);
            return {};
        };
        start();
        mine_ = own_session();
    }
    Response draw(const json& places) { return client().post(kPath, json{{"places", places}}.dump(), mine_); }
    json places() { return client().get(kPath, mine_).json(); }
    json activity(const std::string& span = "from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z") {
        return client().get("/api/cameras/door/activity?" + span, mine_).json();
    }
    json on_record() {
        json found = json::array();
        const auto all = client().get("/api/ledger/entries?count=500", mine_).json();
        for (const auto& e : all["entries"])
            if (e["kind"] == "places") found.push_back(e);
        return found;
    }
    static json line(const std::string& name = "Door") {
        return {{"name", name}, {"points", "0.1,0.5 0.9,0.5"}};
    }

    std::string mine_;
    std::vector<std::vector<vision::Place>> counted_;
};

TEST_F(ActivityTest, TheRuleAndItsErrorAreTold) {
    const auto rule = places()["counting"];
    EXPECT_EQ(rule["epsilon"], 0.5);
    EXPECT_EQ(rule["interval_s"], 900);
    EXPECT_EQ(rule["counts_of_a_visit"], vision::Crossings::kMost);
    EXPECT_EQ(rule["error"], 24);
    EXPECT_EQ(client().get("/api/cameras/door", mine_).json()["counting"], rule);
    EXPECT_TRUE(client().get("/api/cameras/yard", mine_).json()["counting"].is_null());
}

TEST_F(ActivityTest, PlacesAreOnTheRecordAndReachTheCamera) {
    const auto drawn = draw({line(), {{"name", "Yard"}, {"points", "0,0 0.5,0 0.5,1"}}});
    ASSERT_EQ(drawn.status, 200) << drawn.body;
    const auto all = drawn.json()["places"];
    ASSERT_THAT(all, SizeIs(2));
    EXPECT_EQ(all[0]["kind"], "line");
    EXPECT_EQ(all[1]["kind"], "zone");
    ASSERT_THAT(counted_, SizeIs(1));
    EXPECT_EQ(counted_[0][0].id, all[0]["id"]);
    EXPECT_THAT(counted_[0][0].points, SizeIs(2));
    EXPECT_THAT(counted_[0][1].points, SizeIs(3));
    ASSERT_EQ(draw({{{"id", all[1]["id"]}}, line("Gate")}).status, 200);
    EXPECT_EQ(counted_[1][0].id, all[1]["id"]);
    const auto record = on_record();
    ASSERT_THAT(record, SizeIs(2));
    EXPECT_EQ(record[0]["drawn"], 1);
    EXPECT_EQ(record[0]["removed"], 1);
    EXPECT_EQ(record[1]["drawn"], 2);
    EXPECT_NE(record[0]["set"], record[1]["set"]);
    EXPECT_THAT(record.dump(), testing::Not(HasSubstr("Gate"))) << "names are nobody's business";
}

TEST_F(ActivityTest, WithoutTheRecordNothingIsDrawn) {
    server_.reset();
    ledger_ = {nullptr, "the disk is full"};
    start();
    EXPECT_EQ(draw(json::array({line()})).status, 503);
    EXPECT_THAT(places()["places"], IsEmpty());
    EXPECT_THAT(counted_, IsEmpty());
}

TEST_F(ActivityTest, RefusesWhatIsNoPlace) {
    const auto status = [&](const json& place) { return draw(json::array({place})).status; };
    EXPECT_EQ(status({{"points", "0,0 1,1"}}), 400);
    EXPECT_EQ(status({{"name", "  "}, {"points", "0,0 1,1"}}), 400);
    EXPECT_EQ(status({{"name", std::string(65, 'x')}, {"points", "0,0 1,1"}}), 400);
    EXPECT_EQ(status({{"name", "a\nb"}, {"points", "0,0 1,1"}}), 400);
    for (const auto* points : {"", "0,0", "0,0 0,0", "0,0 2,0", "0,0 1,0 x", "0,0  1,1"})
        EXPECT_EQ(status({{"name", "x"}, {"points", points}}), 400) << points;
    EXPECT_EQ(status("door"), 400);
    EXPECT_EQ(status({{"id", 99}}), 409);
    EXPECT_EQ(status({{"id", "1"}}), 409);
    EXPECT_EQ(draw(json(std::vector<json>(17, line()))).status, 400);
    EXPECT_EQ(client().post(kPath, "{}", mine_).status, 400);
    EXPECT_EQ(client()
                  .post("/api/cameras/yard/places", json{{"places", json::array({line()})}}.dump(), mine_)
                  .status,
              409);
    EXPECT_THAT(places()["places"], IsEmpty());
    EXPECT_THAT(on_record(), IsEmpty());
}

TEST_F(ActivityTest, NumbersComeWithTheirError) {
    draw(json::array({line()}));
    store::Activity kept{store_};
    const auto id = kept.places("door")->at(0).id;
    const auto noon = clock_.wall();
    ASSERT_TRUE(kept.add("door", {{id, noon, noon + std::chrono::minutes{15}, {7, -2}, {0, 1}, 4000, 500}}));
    draw(json::array());
    const auto told = activity();
    ASSERT_THAT(told["numbers"], SizeIs(1));
    EXPECT_EQ(told["numbers"][0], json({{"place", id},
                                        {"from", "2026-03-01T12:00:00Z"},
                                        {"to", "2026-03-01T12:15:00Z"},
                                        {"persons", {{"in", 7}, {"out", -2}}},
                                        {"vehicles", {{"in", 0}, {"out", 1}}},
                                        {"scale", 8.0},
                                        {"error", 24}}));
    ASSERT_THAT(told["places"], SizeIs(1));
    EXPECT_EQ(told["places"][0]["removed"], "2026-03-01T12:00:00Z");
    EXPECT_THAT(activity("from=2026-03-02T00:00:00Z&to=2026-03-03T00:00:00Z")["numbers"], IsEmpty());
    EXPECT_EQ(client()
                  .get("/api/cameras/door/activity?from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z", mine_)
                  .status,
              400);
}

TEST_F(ActivityTest, WhatStandsInTheStoreIsWhatTheCameraIsTold) {
    store::Activity kept{store_};
    ASSERT_TRUE(kept.draw("door", {}, {{0, "door", "a", "0.1,0.5 0.9,0.5", {}}}, {clock_.wall(), "ada"}));
    EXPECT_THAT(standing_places(kept, "door")->at(0).points, SizeIs(2));
    ASSERT_TRUE(kept.draw("door", {}, {{0, "door", "a", "nonsense", {}}}, {clock_.wall(), "ada"}));
    EXPECT_EQ(standing_places(kept, "door").error().kind, ErrorKind::corrupt);
}

}  // namespace

}  // namespace passerby::server
