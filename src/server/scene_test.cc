// Strict mode, as the API has it.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "crypto/digest.h"
#include "server/scenes_seen.h"
#include "server/test_world.h"
#include "store/approvals.h"

namespace passerby::server {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::string kPng{"\x89PNG\r\n\x1a\n of the scene"}, kOther{"\x89PNG\r\n\x1a\n of the scene at night"};

class SceneTest : public World {
  protected:
    void SetUp() override {
        door_approval_ = "required";
        approve_ = [this](const camera::Approvals& a) -> Status {
            told_.push_back(a);
            return {};
        };
        start();
        cookie_ = own_session();
    }
    void show(const std::string& png) {
        auto status = std::make_shared<camera::CameraStatus>(door_.status());
        status->proven = 0.75;
        status->scene = std::make_shared<const camera::ProvenScene>(
            camera::ProvenScene{png, crypto::sha256_hex(png), clock_.wall()});
        door_.publish({.status = status});
    }
    json get(const std::string& path, int status = 200) {
        const auto reply = client().get(path, cookie_);
        EXPECT_EQ(reply.status, status) << reply.body;
        return json::parse(reply.body);
    }
    Response post(const std::string& path, const json& body) {
        return client().post(path, body.dump(), cookie_);
    }
    void look(const std::string& png) {
        const auto picture =
            client().get("/api/cameras/door/scene.png?sha256=" + crypto::sha256_hex(png), cookie_);
        EXPECT_EQ(picture.body, png);
    }
    Response approve(const std::string& png, const json& refused = json::array()) {
        return post("/api/cameras/door/scene/approve",
                    {{"picture", crypto::sha256_hex(png)}, {"refused", refused}});
    }

    std::string cookie_;
    std::vector<camera::Approvals> told_;
};

TEST_F(SceneTest, NothingIsThereToApproveAtFirst) {
    const auto scene = get("/api/cameras/door/scene");
    EXPECT_EQ(scene["approval"], "required");
    EXPECT_EQ(scene["picture"], nullptr);
    EXPECT_EQ(scene["approvals"], json::array());
    EXPECT_THAT(get("/api/cameras/door/scene.png", 404)["error"].get<std::string>(), HasSubstr("proven"));
    EXPECT_EQ(approve(kPng).status, 409);
    EXPECT_TRUE(told_.empty());
}

TEST_F(SceneTest, WhatWasLookedAtIsApproved) {
    show(kPng);
    const auto scene = get("/api/cameras/door/scene");
    EXPECT_EQ(scene["picture"]["sha256"], crypto::sha256_hex(kPng));
    EXPECT_EQ(scene["proven"], 0.75);
    const auto picture = client().get("/api/cameras/door/scene.png", cookie_);
    EXPECT_EQ(picture.body, kPng);
    EXPECT_EQ(picture.header("content-type"), "image/png");

    const auto reply = approve(kPng, {"0,0 1,0 1,0.5"});
    ASSERT_EQ(reply.status, 200) << reply.body;
    const auto approvals = json::parse(reply.body)["approvals"];
    ASSERT_EQ(approvals.size(), 1U);
    EXPECT_EQ(approvals[0]["by"], "admin");
    EXPECT_EQ(approvals[0]["refused"], json::array({"0,0 1,0 1,0.5"}));
    EXPECT_EQ(approvals[0]["withdrawn"], nullptr);
    ASSERT_EQ(told_.size(), 1U);
    ASSERT_EQ(told_[0].pictures.size(), 1U);
    EXPECT_EQ(told_[0].pictures[0].png, kPng);
    EXPECT_EQ(told_[0].pictures[0].refused[0][2].y, 0.5F);
}

// The page hears of a picture, and asks for it when the scene has another one already.
TEST_F(SceneTest, WhatWasNamedCanStillBeLookedAtAndApproved) {
    show(kPng);
    get("/api/cameras/door/scene");
    show(std::string{kPng} + "newer");
    look(kPng);
    EXPECT_EQ(approve(kPng).status, 200);
}

TEST_F(SceneTest, OnlyWhatWasHandedOutIsApproved) {
    show(kPng);
    const auto reply = approve(kPng);
    EXPECT_EQ(reply.status, 409);
    EXPECT_THAT(reply.body, HasSubstr("look at the scene"));
    EXPECT_TRUE(told_.empty());
    EXPECT_TRUE(store::Approvals{store_}.standing("door", 8)->empty());

    // The scene changes while somebody looks.
    look(kPng);
    show(kOther);
    EXPECT_EQ(approve(kOther).status, 409);
    EXPECT_EQ(approve(kPng).status, 200);
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_EQ(told_[0].pictures[0].png, kPng);
}

TEST(ScenesSeen, ForgetsTheOldest) {
    ScenesSeen seen;
    const auto name = [](std::size_t i) { return fmt::format("{}", i); };
    for (std::size_t i = 0; i <= ScenesSeen::kMost; ++i)
        seen.add("door",
                 std::make_shared<const camera::ProvenScene>(camera::ProvenScene{"png", name(i), {}}));
    EXPECT_EQ(seen.find("door", name(0)), nullptr);
    EXPECT_NE(seen.find("door", name(1)), nullptr);
    EXPECT_NE(seen.find("door", name(ScenesSeen::kMost)), nullptr);
    EXPECT_EQ(seen.find("yard", name(1)), nullptr);
}

TEST_F(SceneTest, WithdrawingCoversAndIsRemembered) {
    show(kPng);
    look(kPng);
    ASSERT_EQ(approve(kPng).status, 200);
    show(kOther);
    look(kOther);
    ASSERT_EQ(approve(kOther).status, 200);
    EXPECT_EQ(told_.back().pictures.size(), 2U);
    const auto reply = post("/api/cameras/door/scene/withdraw", json::object());
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_TRUE(told_.back().pictures.empty());
    const auto approvals = json::parse(reply.body)["approvals"];
    ASSERT_EQ(approvals.size(), 2U);
    for (const auto& a : approvals) EXPECT_EQ(a["withdrawn"]["by"], "admin");
    const auto old = client().get("/api/cameras/door/scene.png?sha256=" + crypto::sha256_hex(kPng), cookie_);
    EXPECT_EQ(old.body, kPng);
}

TEST_F(SceneTest, MalformedJudgementsAreRefused) {
    show(kPng);
    const auto hash = crypto::sha256_hex(kPng);
    for (const json& body :
         {json::object(), json::array(), json{{"picture", 7}},
          json{{"picture", hash}, {"refused", "0,0 1,0 1,1"}}, json{{"picture", hash}, {"refused", {7}}},
          json{{"picture", hash}, {"refused", {"0,0 1,1"}}},
          json{{"picture", hash}, {"refused", {"0,0 1,1 3,0"}}}}) {
        const auto reply = post("/api/cameras/door/scene/approve", body);
        EXPECT_EQ(reply.status, 400) << body;
    }
    EXPECT_TRUE(told_.empty());
}

TEST_F(SceneTest, WhereItIsNotRequiredThereIsNothingToApprove) {
    EXPECT_EQ(get("/api/cameras/yard/scene")["approval"], "none");
    const auto reply = post("/api/cameras/yard/scene/approve", {{"picture", "x"}});
    EXPECT_EQ(reply.status, 400);
    EXPECT_THAT(reply.body, HasSubstr("approval: required"));
}

}  // namespace
}  // namespace passerby::server
