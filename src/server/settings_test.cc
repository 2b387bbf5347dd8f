// Who may set what, in which order, and with whom: the settings themselves are app's.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "server/camera_settings.h"
#include "server/test_world.h"
#include "store/users.h"

namespace passerby::server {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Takes whatever is wanted; "less" in it makes it so.
class FakeSettings final : public CameraSettings {
  public:
    json describe() const override {
        return {{"cameras", json::array({{{"id", "door"}}, {{"id", "yard"}}})},
                {"retention", json::object()}};
    }
    Result<SettingsChange> camera(const std::string& id, const json& wanted) const override {
        if (wanted.contains("wrong")) return fail(ErrorKind::invalid, "that is wrong");
        return SettingsChange{id, "changed", {"name", "cover"}, wanted.contains("less"), wanted};
    }
    Result<SettingsChange> without(const std::string& id) const override {
        return SettingsChange{id, "removed", {}, false, nullptr};
    }
    Result<SettingsChange> retention(const json& wanted) const override {
        return SettingsChange{{}, "changed", {"retention"}, wanted.contains("less"), wanted};
    }
    Status make(const SettingsChange& change) override {
        entries_then = on_record();
        made.push_back(change.camera + " " + change.change);
        return {};
    }
    Result<json> test(const std::string&, const json&, const std::atomic<bool>&) override {
        return json{{"ok", false}, {"trouble", "refused"}, {"error", "…"}};
    }
    Result<json> discover() override { return json{{"devices", json::array()}}; }
    Result<json> streams(const json&) override { return json{{"streams", json::array()}}; }
    std::string backup() const override { return "{}\n"; }

    std::function<std::size_t()> on_record;
    std::size_t entries_then = 0;
    std::vector<std::string> made;
};

class SettingsApi : public World {
  protected:
    SettingsApi() {
        settings_ = std::make_shared<FakeSettings>();
        settings_->on_record = [this] { return entries().size(); };
        ServerSettings server;
        server.settings = settings_;
        start(server);
        admin_ = own_session();
    }
    std::vector<json> entries() {
        std::vector<json> all;
        EXPECT_TRUE(ledger_.ledger->each([&](std::uint64_t, const ledger::Fields& entry) {
            if (entry["kind"] == "settings") all.push_back(json::parse(entry.dump()));
        }));
        return all;
    }
    Response post(const std::string& path, const json& body, const std::string& who) {
        return client().post("/api/settings" + path, body.dump(), who);
    }
    std::string second(const store::Grant& grant) {
        store::Users users{store_, accounts_};
        const auto once = users.add("second", grant).value();
        EXPECT_TRUE(accounts_->change_password("second", once, "another password of mine", ""));
        return "Cookie: passerby_session=" + accounts_->create_session("second").value() + "\r\n";
    }
    static store::Grant administrator() {
        store::Grant grant;
        grant.roles.add(store::Role::administers);
        return grant;
    }

    std::shared_ptr<FakeSettings> settings_;
    std::string admin_;
};

TEST_F(SettingsApi, AChangeIsOnTheRecordBeforeItIsMade) {
    const auto reply = post("/cameras/door", {{"name", "Tür"}, {"password", "s3cret"}}, admin_);
    EXPECT_EQ(reply.status, 200) << reply.body;
    EXPECT_THAT(settings_->made, ElementsAre("door changed"));
    EXPECT_EQ(settings_->entries_then, 1u);
    const auto entry = entries().at(0);
    EXPECT_EQ(entry["subject"], "camera.door");
    EXPECT_EQ(entry["change"], "changed");
    EXPECT_EQ(entry["what"], (json{{"change", "changed"}, {"fields", "name cover"}}));
    EXPECT_EQ(entry.dump().find("s3cret"), std::string::npos);
}

TEST_F(SettingsApi, WithoutALedgerNothingIsChanged) {
    server_.reset();
    ledger_ = {nullptr, "the disk is full"};
    ServerSettings server;
    server.settings = settings_;
    start(server);
    EXPECT_EQ(post("/cameras/door", {{"name", "Door"}}, admin_).status, 503);
    EXPECT_EQ(post("/cameras/door/test", {{"url", "rtsp://10.0.0.5"}}, admin_).status, 503);
    EXPECT_THAT(settings_->made, IsEmpty());
}

TEST_F(SettingsApi, LessProtectionByOneWhoIsAloneIsCalledSo) {
    EXPECT_EQ(post("/cameras/door", {{"less", true}}, admin_).status, 200);
    EXPECT_EQ(entries().at(0)["change"], "lowered");
}

TEST_F(SettingsApi, LessProtectionWaitsForASecondPerson) {
    const auto other = second(administrator());
    const auto reply = post("/cameras/door", {{"less", true}}, admin_);
    EXPECT_EQ(reply.status, 202);
    EXPECT_THAT(settings_->made, IsEmpty());
    const auto id = reply.json()["waits"][0]["id"];
    EXPECT_EQ(reply.json()["waits"][0]["yours"], true);
    EXPECT_EQ(post("/agree", {{"id", id}}, admin_).status, 403);
    EXPECT_EQ(post("/agree", {{"id", 99}}, other).status, 409);
    EXPECT_EQ(post("/agree", {{"id", "1"}}, other).status, 400);
    EXPECT_EQ(post("/agree", {{"id", id}}, other).status, 200);
    EXPECT_THAT(settings_->made, ElementsAre("door changed"));
    EXPECT_EQ(post("/agree", {{"id", id}}, other).status, 409);
    std::vector<std::string> changes;
    for (const auto& e : entries()) changes.push_back(e["change"]);
    EXPECT_THAT(changes, ElementsAre("proposed", "agreed"));
}

TEST_F(SettingsApi, ANewerChangeTakesTheProposalsPlace) {
    const auto other = second(administrator());
    const auto id = post("/cameras/door", {{"less", true}}, admin_).json()["waits"][0]["id"];
    EXPECT_EQ(post("/cameras/door", {{"name", "Door"}}, other).status, 200);
    EXPECT_EQ(post("/agree", {{"id", id}}, other).status, 409);
    EXPECT_THAT(settings_->made, ElementsAre("door changed"));
}

TEST_F(SettingsApi, WhoAdministersSomeCamerasSetsThoseAlone) {
    auto grant = administrator();
    grant.cameras = {"yard"};
    const auto some = second(grant);
    EXPECT_EQ(post("/cameras/door", {{"name", "Door"}}, some).status, 404);
    EXPECT_EQ(post("/cameras/new-one", {{"name", "New"}}, some).status, 404);
    EXPECT_EQ(post("/cameras/yard", {{"name", "Yard"}}, some).status, 200);
    EXPECT_EQ(post("/retention", {{"days", 1}}, some).status, 403);
    EXPECT_EQ(client().get("/api/settings/backup", some).status, 403);
    const auto seen = client().get("/api/settings", some).json()["cameras"];
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0]["id"], "yard");
    // They are no second person for a camera that is not theirs, nor for all of them.
    EXPECT_EQ(post("/cameras/door", {{"less", true}}, admin_).status, 200);
    EXPECT_EQ(post("/retention", {{"less", true}}, admin_).status, 200);
}

TEST_F(SettingsApi, WhatIsWrongIsNotOnTheRecord) {
    EXPECT_EQ(post("/cameras/door", {{"wrong", true}}, admin_).status, 400);
    EXPECT_THAT(entries(), IsEmpty());
}

TEST_F(SettingsApi, ATestIsOnTheRecord) {
    const auto reply = post("/cameras/door/test", {{"url", "rtsp://10.0.0.5"}}, admin_);
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(entries().at(0)["change"], "tested");
}

}  // namespace
}  // namespace passerby::server
