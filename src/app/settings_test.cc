#include "app/settings.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/temporary_folder.h"

namespace passerby::app {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const json kDoor{{"name", "Door"}, {"url", "rtsp://10.0.0.5/1"}, {"user", "viewer"}, {"password", "s3cret"}};

class SettingsTest : public testing::Test {
  protected:
    Config config(const std::string& more = {}) {
        auto result = parse_config("data: " + folder_.string() + "\n" + more, folder_,
                                   [](const std::string&) { return std::optional<std::string>{"EXPANDED"}; });
        EXPECT_TRUE(result) << result.errors.front().what;
        return result.config;
    }
    std::unique_ptr<Settings> load(const std::string& more = {}) {
        auto settings = Settings::load(config(more));
        EXPECT_TRUE(settings) << settings.error().message;
        return *std::move(settings);
    }
    static void set(Settings& settings, const std::string& id, const json& wanted) {
        const auto change = settings.camera(id, wanted);
        ASSERT_TRUE(change) << change.error().message;
        const auto made = settings.make(*change);
        ASSERT_TRUE(made) << made.error().message;
    }
    std::filesystem::path file() const { return folder_ / "settings.yaml"; }

    TemporaryFolder temporary_ = TemporaryFolder::create().value();
    const std::filesystem::path folder_ = std::filesystem::path{temporary_.file("x")}.parent_path();
};

TEST_F(SettingsTest, AreKeptAndReadAgain) {
    set(*load(), "door", kDoor);
    struct stat about {};
    ASSERT_EQ(::stat(file().c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600u);
    const auto all = load()->together();
    ASSERT_EQ(all.cameras.size(), 1u);
    EXPECT_EQ(all.cameras[0].id, "door");
    EXPECT_EQ(all.cameras[0].password, "s3cret");
    EXPECT_TRUE(all.cameras[0].set_in_app);
    EXPECT_EQ(all.cameras[0].retention.age, std::chrono::days{7});
}

TEST_F(SettingsTest, APasswordComesOutNowhere) {
    const auto settings = load();
    set(*settings, "door", kDoor);
    EXPECT_THAT(settings->describe().dump(),
                AllOf(HasSubstr("\"has_password\":true"), Not(HasSubstr("s3cret"))));
    EXPECT_THAT(settings->backup(), AllOf(HasSubstr("rtsp://10.0.0.5/1"), Not(HasSubstr("s3cret"))));
}

TEST_F(SettingsTest, APasswordStaysButDoesNotGoElsewhere) {
    const auto settings = load();
    set(*settings, "door", kDoor);
    auto wanted = kDoor;
    wanted.erase("password");
    wanted["name"] = "Front door";
    set(*settings, "door", wanted);
    EXPECT_EQ(settings->together().cameras[0].password, "s3cret");
    for (const auto& [key, value] : {std::pair{"url", "rtsp://10.0.0.66/1"}, std::pair{"user", "other"}}) {
        auto elsewhere = wanted;
        elsewhere[key] = value;
        EXPECT_THAT(settings->camera("door", elsewhere).error().message, HasSubstr("give it again"));
    }
}

TEST_F(SettingsTest, NobodyReadsTheEnvironment) {
    const auto settings = load();
    auto wanted = kDoor;
    for (const std::string text : {"${SECRET}", "$${SECRET}", "a$b{c}", "$", "${"}) {
        wanted["password"] = text;
        set(*settings, "door", wanted);
        EXPECT_EQ(settings->together().cameras[0].password, text);
    }
}

TEST_F(SettingsTest, TheConfigFileWins) {
    set(*load(), "door", kDoor);
    const auto settings =
        load("retention: { days: 3 }\ncameras: { door: { url: \"rtsp://10.0.0.9/own\" } }\n");
    EXPECT_EQ(settings->together().cameras.size(), 1u);
    EXPECT_EQ(settings->together().cameras[0].url, "rtsp://10.0.0.9/own");
    EXPECT_EQ(settings->describe()["cameras"][0]["fixed"], true);
    EXPECT_EQ(settings->describe()["retention"]["fixed"], true);
    EXPECT_EQ(settings->camera("door", kDoor).error().kind, ErrorKind::denied);
    EXPECT_EQ(settings->without("door").error().kind, ErrorKind::denied);
    EXPECT_EQ(settings->retention({{"days", 2}, {"size", nullptr}}).error().kind, ErrorKind::denied);
}

TEST_F(SettingsTest, WhatIsWrongIsSaidAndNotKept) {
    const auto settings = load();
    const auto error = [&](const json& more, const std::string& id = "door") {
        auto wanted = kDoor;
        if (more.is_object()) wanted.update(more);
        const auto change = settings->camera(id, wanted);
        return change ? std::string{} : change.error().message;
    };
    EXPECT_THAT(error({{"url", "file:/etc/passwd"}}), HasSubstr("only the config file may name one"));
    EXPECT_THAT(error({{"url", "rtsp://127.0.0.1/"}}), Not(IsEmpty()));
    EXPECT_THAT(error({{"url", "rtsp://admin:pw@10.0.0.5/"}}), HasSubstr("cameras.door.url: has a user"));
    EXPECT_THAT(error({{"url", 7}}), HasSubstr("\"url\" is missing"));
    EXPECT_THAT(error({{"masks", json::array({"0,0 1,0 1,1"})}}), HasSubstr("\"masks\" cannot be set here"));
    EXPECT_THAT(error({{"originals", json::object()}}), HasSubstr("cannot be set here"));
    EXPECT_THAT(error({{"scene", "sometimes"}}), HasSubstr("cameras.door.scene"));
    EXPECT_THAT(error({{"cover", {"persons"}}}), HasSubstr("cameras.door.cover"));
    EXPECT_THAT(error({{"name", std::string(3000, 'a')}}), HasSubstr("\"name\" is not as it must be"));
    EXPECT_THAT(error({{"retention", {{"days", "none"}}}}), HasSubstr("cameras.door.retention.days"));
    EXPECT_THAT(error({{"retention", {{"days", json::array()}}}}),
                HasSubstr("\"retention\" is not as it must be"));
    EXPECT_THAT(error({}, "Front Door"), HasSubstr("is not a name for a camera"));
    EXPECT_THAT(error({{"name", "a\", \"url\": \"file:/x"}}), IsEmpty());  // a name like any other
    EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(SettingsTest, ADamagedFileIsNotTakenForAnEmptyOne) {
    ASSERT_TRUE(write_file_atomically(file(), "{\"cameras\": {\"door\"", 0600));
    EXPECT_EQ(Settings::load(config()).error().kind, ErrorKind::corrupt);
    for (const auto* text :
         {"[]", "", R"({"cameras": []})", R"({"cameras": null})", R"({"retention": 7})", R"({"users": {}})",
          R"({"cameras": {"door": {"url": "gopher://x"}}})", R"({"cameras": {"door": 7}})",
          R"({"cameras": {"../x": {"url": "rtsp://10.0.0.5"}}})"}) {
        ASSERT_TRUE(write_file_atomically(file(), text, 0600));
        const auto error = Settings::load(config()).error();
        EXPECT_EQ(error.kind, ErrorKind::corrupt) << text;
        EXPECT_THAT(error.message, AllOf(HasSubstr(file().string()), HasSubstr("damaged"))) << text;
    }
}

TEST_F(SettingsTest, RetentionOfTheAppIsForAllThatSayNothingThemselves) {
    const auto settings = load(
        "cameras: { own: { url: \"rtsp://10.0.0.9/\", retention: { days: 1 } }, other: { "
        "url: \"rtsp://10.0.0.8/\" } }\n");
    const auto change = settings->retention({{"days", 14}, {"size", "200 GB"}});
    ASSERT_TRUE(change) << change.error().message;
    EXPECT_TRUE(change->less);
    ASSERT_TRUE(settings->make(*change));
    const auto plan = settings->together().retention_plan();
    EXPECT_EQ(plan.cameras.at("own").age, std::chrono::days{1});
    EXPECT_EQ(plan.cameras.at("other").age, std::chrono::days{14});
    EXPECT_EQ(plan.total_bytes, 200'000'000'000u);
    EXPECT_FALSE(settings->retention({{"days", 2}, {"size", "200 GB"}})->less);
    EXPECT_FALSE(settings->retention({{"days", nullptr}, {"size", nullptr}}));
    EXPECT_FALSE(settings->retention({{"days", 2}}));
}

TEST_F(SettingsTest, RemovedIsRemoved) {
    const auto settings = load();
    set(*settings, "door", kDoor);
    const auto change = settings->without("door");
    ASSERT_TRUE(change);
    ASSERT_TRUE(settings->make(*change));
    EXPECT_THAT(load()->together().cameras, IsEmpty());
    EXPECT_EQ(settings->without("door").error().kind, ErrorKind::not_found);
    EXPECT_FALSE(change->less);
    // What is stricter than a new camera would be is not got rid of by removing it.
    auto strict = kDoor;
    strict["approval"] = "required";
    set(*settings, "door", strict);
    EXPECT_TRUE(settings->without("door")->less);
}

TEST_F(SettingsTest, LessProtectionIsKnown) {
    const auto settings = load();
    const auto less = [&](const json& more) {
        auto wanted = kDoor;
        if (more.is_object()) wanted.update(more);
        const auto change = settings->camera("door", wanted);
        EXPECT_TRUE(change) << change.error().message;
        return change && change->less;
    };
    // A new camera, against what a camera is without a word.
    EXPECT_FALSE(less({}));
    EXPECT_TRUE(less({{"scene", "moving"}}));
    EXPECT_TRUE(less({{"cover", {"faces"}}}));
    EXPECT_TRUE(less({{"audio", "keep"}}));
    EXPECT_TRUE(less({{"retention", {{"days", 8}}}}));
    EXPECT_FALSE(less({{"retention", {{"days", 6}}}, {"approval", "required"}}));
    // One that is there, against what it is.
    set(*settings, "door", [] {
        auto strict = kDoor;
        strict.update({{"approval", "required"}, {"retention", {{"days", 2}, {"size", "1 GB"}}}});
        return strict;
    }());
    EXPECT_TRUE(less({{"retention", {{"days", 2}, {"size", "1 GB"}}}}));  // no approval
    EXPECT_TRUE(less({{"approval", "required"}, {"retention", {{"days", 3}, {"size", "1 GB"}}}}));
    EXPECT_TRUE(less({{"approval", "required"}, {"retention", {{"days", 2}}}}));
    EXPECT_FALSE(less({{"approval", "required"}, {"retention", {{"days", 1}, {"size", "1 GB"}}}}));
    EXPECT_THAT(settings->camera("door", kDoor)->fields, ElementsAre("approval", "retention"));
}

}  // namespace
}  // namespace passerby::app
