// Every mix of roles and cameras against every route and object. What each role may do is written down here a
// second time, by hand: a table that was checked against itself would prove nothing.
#include <gmock/gmock.h>

#include "server/api.h"
#include "server/test_world.h"
#include "store/users.h"

namespace passerby::server {

namespace {

using nlohmann::json;
using store::Role;
using testing::HasSubstr;

// V viewer, K keyholder, A auditor, O operator, M administrator; * everyone with an account, - anyone at all.
const std::map<std::string, std::string> kMay{
    {"POST /api/login", "-"},
    {"POST /api/logout", "*"},
    {"GET /api/session", "*"},
    {"POST /api/password", "*"},
    {"GET /api/cameras", "*"},
    {"GET /api/cameras/{camera}", "*"},
    {"GET /api/cameras/{camera}/live", "VO"},
    {"GET /api/cameras/{camera}/timeline", "VOA"},
    {"GET /api/cameras/{camera}/days", "VOA"},
    {"GET /api/cameras/{camera}/hours", "VOA"},
    {"GET /api/cameras/{camera}/playlist.m3u8", "VO"},
    {"GET /api/segments/{segment}.mp4", "VO"},
    {"GET /api/cameras/{camera}/export", "O"},
    {"GET /api/exports/{export}.proof", "O"},
    {"GET /api/cameras/{camera}/scene", "M"},
    {"GET /api/cameras/{camera}/scene.png", "M"},
    {"POST /api/cameras/{camera}/scene/approve", "M"},
    {"POST /api/cameras/{camera}/scene/withdraw", "M"},
    {"POST /api/cameras/{camera}/protect", "O"},
    {"POST /api/cameras/{camera}/unprotect", "O"},
    {"POST /api/purpose", "*"},
    {"GET /api/openings", "OKA"},
    {"POST /api/openings", "O"},
    {"GET /api/openings/{opening}", "OKA"},
    {"GET /api/openings/{opening}/request.json", "OKA"},
    {"POST /api/openings/{opening}/answer", "-"},
    {"POST /api/openings/{opening}/open", "O"},
    {"GET /api/openings/{opening}/part", "O"},
    {"GET /api/ledger", "*"},
    {"GET /api/ledger/entries", "*"},
    {"GET /api/use", "AM"},
    {"GET /ledger/{file}", "-"},
    {"GET /api/cameras/{camera}/masks", "M"},
    {"POST /api/cameras/{camera}/masks", "M"},
    {"POST /api/cameras/{camera}/masks/agree", "M"},
    {"GET /api/cameras/{camera}/places", "*"},
    {"POST /api/cameras/{camera}/places", "M"},
    {"GET /api/cameras/{camera}/activity", "*"},
    {"GET /api/sessions", "*"},
    {"POST /api/sessions/end", "*"},
    {"GET /api/tokens", "*"},
    {"POST /api/tokens", "*"},
    {"POST /api/tokens/end", "*"},
    {"GET /api/second-factor", "*"},
    {"POST /api/second-factor", "*"},
    {"POST /api/second-factor/end", "*"},
    {"POST /api/users/{user}/second-factor/end", "M"},
    {"GET /api/users", "M"},
    {"POST /api/users", "M"},
    {"POST /api/users/{user}", "M"},
    {"POST /api/users/{user}/reset", "M"},
    {"POST /api/users/{user}/remove", "M"},
    {"GET /api/health", "OM"},
    {"GET /api/settings", "M"},
    {"GET /api/settings/backup", "M"},
    {"POST /api/settings/discover", "M"},
    {"POST /api/settings/streams", "M"},
    {"POST /api/settings/retention", "M"},
    {"POST /api/settings/agree", "M"},
    {"POST /api/settings/cameras/{camera}", "M"},
    {"POST /api/settings/cameras/{camera}/remove", "M"},
    {"POST /api/settings/cameras/{camera}/test", "M"},
    {"GET /api/about", "-"},
    {"GET /about-this-camera", "-"},
    {"GET /about-this-camera/sign", "-"},
    {"GET /about-this-camera/style.css", "-"},
    {"GET /api/openapi.json", "-"},
};

char letter(Role role) {
    switch (role) {
        case Role::views:
            return 'V';
        case Role::holds_key:
            return 'K';
        case Role::audits:
            return 'A';
        case Role::operates:
            return 'O';
        case Role::administers:
            return 'M';
    }
    return '?';
}

bool may(const std::string& route, store::Roles roles) {
    const auto& who = kMay.at(route);
    return who == "*" || std::ranges::any_of(store::kRoles, [&](Role r) {
               return roles.has(r) && who.find(letter(r)) != std::string::npos;
           });
}

class AccessMatrix : public World {
  protected:
    static constexpr std::array<const char*, 3> kCameras{"door", "yard", "roof"};

    AccessMatrix() {
        std::vector<CameraEntry> cameras;
        for (const auto* id : kCameras) {
            cameras.push_back({id, id, "fixed", "silhouette", {"persons"}, nullptr});
            record(id, fake_stream(2, 100), {64, 64});
        }
        api_ = std::make_unique<Api>(Api::World{std::make_shared<CameraList>(std::move(cameras)), store_,
                                                accounts_, clock_, "1", ledger_.ledger, "", HostRule{},
                                                WebFiles::load(folder_ / "web").value()});
        users_ = std::make_unique<store::Users>(store_, accounts_);
    }

    std::string session_of(const std::string& user, const store::Grant& grant) {
        const auto first = users_->add(user, grant).value();
        EXPECT_TRUE(accounts_->change_password(user, first, kPassword, ""));
        return accounts_->create_session(user).value();
    }
    Reply ask(const std::string& route, const std::string& token, const std::string& camera) {
        Request request;
        request.method_name = route.substr(0, route.find(' '));
        request.method = request.method_name == "POST" ? Method::post : Method::get;
        request.path = route.substr(route.find(' ') + 1);
        const auto segment = store_->segments(camera, {}, {Micros::max() / 2});
        for (const auto& [name, value] :
             {std::pair<std::string, std::string>{"{camera}", camera},
              {"{segment}", segment && !segment->empty() ? std::to_string(segment->front().id) : "99"},
              {"{export}", "99"},
              {"{opening}", "0123456789abcdef0123456789abcdef"},
              {"{user}", "nobody"},
              {"{file}", "key"}})
            if (const auto at = request.path.find(name); at != std::string::npos)
                request.path.replace(at, name.size(), value);
        request.query = "from=2026-03-01T12:00:00Z&to=2026-03-01T12:00:01Z";
        request.host = "localhost";
        request.cookie = "passerby_session=" + token;
        if (request.method == Method::post) {
            request.body = "{}";
            request.content_type = "application/json";
        }
        auto plan = api_->plan(request);
        if (plan.reply) return std::move(*plan.reply);
        return api_->run(plan, request, gone_);
    }
    static std::string text(const Reply& reply) {
        const auto* body = std::get_if<std::string>(&reply.body);
        return body ? *body : "";
    }

    std::atomic<bool> gone_ = false;
    std::unique_ptr<Api> api_;
    std::unique_ptr<store::Users> users_;
};

TEST_F(AccessMatrix, EveryRouteIsInTheTable) {
    std::set<std::string> known, written;
    for (const auto& route : routes())
        known.insert((route.method() == Method::post ? "POST " : "GET ") + std::string{route.pattern()});
    for (const auto& [route, who] : kMay) written.insert(route);
    EXPECT_EQ(known, written);
}

TEST_F(AccessMatrix, EveryMixOfRolesAndCamerasOnEveryRouteAndObject) {
    const auto all_powerful = session_of(
        "root", {{Role::views, Role::holds_key, Role::audits, Role::operates, Role::administers}, {}});
    const std::vector<std::optional<std::set<std::string>>> cameras{std::nullopt, std::set<std::string>{},
                                                                    std::set<std::string>{"door"},
                                                                    std::set<std::string>{"yard", "roof"}};
    int pairs = 0, refused = 0, hidden = 0, number = 0;
    for (unsigned mix = 1; mix < 32; ++mix) {
        for (const auto& mine : cameras) {
            store::Grant grant{{}, mine};
            for (const auto role : store::kRoles)
                if ((mix >> static_cast<unsigned>(role) & 1) != 0) grant.roles.add(role);
            const auto token = session_of(fmt::format("user-{}", number++), grant);
            for (const auto& [route, who] : kMay) {
                if (who == "-" || route == "POST /api/logout" || route == "POST /api/password") continue;
                for (const std::string camera : kCameras) {
                    const bool about_camera = route.find("{camera}") != std::string::npos ||
                                              route.find("{segment}") != std::string::npos;
                    if (!about_camera && camera != kCameras[0]) continue;
                    const auto reply = ask(route, token, camera);
                    const auto what = fmt::format("{} of {} by {} {}", route, camera, grant.roles.text(),
                                                  mine ? fmt::format("{}", fmt::join(*mine, ",")) : "all");
                    ++pairs;
                    if (!may(route, grant.roles)) {
                        ASSERT_EQ(reply.status, 403) << what;
                        ++refused;
                    } else if (about_camera && mine && !mine->contains(camera)) {
                        // As if there were none.
                        ASSERT_EQ(reply.status, 404) << what;
                        ASSERT_EQ(text(reply).find("mdat"), std::string::npos);
                        ++hidden;
                    } else {
                        ASSERT_EQ(reply.status, ask(route, all_powerful, camera).status) << what;
                    }
                }
            }
            // What is listed is theirs.
            const auto listed = json::parse(text(ask("GET /api/cameras", token, "door")));
            for (const auto& camera : listed) ASSERT_TRUE(grant.covers(camera["id"]));
        }
    }
    EXPECT_GT(pairs, 7'000);
    EXPECT_GT(refused, 2'000);
    EXPECT_GT(hidden, 800);
    std::printf("%d pairs of user and object: %d refused for the role, %d hidden for the camera\n", pairs,
                refused, hidden);
}

TEST_F(AccessMatrix, ACameraThatIsNotTheirsLooksLikeNone) {
    const auto token = session_of("one", {{Role::operates}, std::set<std::string>{"door"}});
    for (const std::string route : {"GET /api/cameras/{camera}", "GET /api/cameras/{camera}/export"}) {
        const auto theirs = ask(route, token, "yard"), none = ask(route, token, "nowhere");
        EXPECT_EQ(theirs.status, none.status);
        auto words = text(theirs);
        words.replace(words.find("yard"), 4, "nowhere");
        EXPECT_EQ(words, text(none));
    }
}

TEST_F(AccessMatrix, ALiveViewEndsWithItsRight) {
    const auto token = session_of("one", {{Role::views}, std::set<std::string>{"door"}});
    EXPECT_TRUE(api_->may_look(token, "door"));
    EXPECT_FALSE(api_->may_look(token, "yard"));
    ASSERT_TRUE(users_->set_grant("one", {{Role::audits}, {}}));
    EXPECT_FALSE(api_->may_look(token, "door"));
    ASSERT_TRUE(users_->set_grant("one", {{Role::views}, {}}));
    EXPECT_TRUE(api_->may_look(token, "yard"));
    ASSERT_TRUE(users_->remove("one"));
    EXPECT_FALSE(api_->may_look(token, "yard"));
}

}  // namespace

}  // namespace passerby::server
