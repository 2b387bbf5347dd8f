// The API's description against the table of routes: neither has what the other has not.
#include "server/openapi.h"

#include <regex>

#include <gmock/gmock.h>

#include "server/api.h"
#include "server/test_world.h"

namespace passerby::server {

namespace {

using nlohmann::json;
using testing::IsEmpty;

std::string_view name(Right right) {
    switch (right) {
        case Right::know:
            return "know";
        case Right::look:
            return "look";
        case Right::survey:
            return "survey";
        case Right::take:
            return "take";
        case Right::keep:
            return "keep";
        case Right::follow:
            return "follow";
        case Right::open:
            return "open";
        case Right::report:
            return "report";
        case Right::maintain:
            return "maintain";
        case Right::govern:
            return "govern";
    }
    return "";
}

std::string_view name(Access access) {
    if (access.right()) return name(*access.right());
    switch (access.who()) {
        case Access::anyone:
            return "anyone";
        case Access::newcomer:
            return "newcomer";
        case Access::person:
            return "person";
        case Access::member:
            return "member";
    }
    return "";
}

// The roles that have it.
json roles_with(Access access) {
    if (!access.right()) return {};
    auto roles = json::array();
    for (const auto role : store::kRoles)
        if (gives(role, *access.right())) roles.push_back(store::name(role));
    return roles;
}

// By what one may say who one is: any of these.
json security_of(Access access) {
    const auto none = json::array(), cookie = json{{"session", none}}, token = json{{"token", none}};
    if (access.who() == Access::anyone) return none;
    if (access.who() == Access::member) return json::array({cookie, token});
    return json::array({cookie});
}

class OpenApi : public World {
  protected:
    // What a "$ref" leads to, where there is one.
    const json& resolved(const json& part) const {
        if (!part.contains("$ref")) return part;
        return document_.at(json::json_pointer{part["$ref"].get<std::string>().substr(1)});
    }
    json path(std::string_view pattern) const {
        return document_["paths"].value(std::string{pattern}, json::object());
    }
    // Empty, like path(): there is none.
    json operation(const Route& route) const {
        return path(route.pattern()).value(route.method() == Method::post ? "post" : "get", json::object());
    }
    // Examples of the parameters that the path's description declares, by name.
    std::map<std::string, std::string> parameters_in(const std::string& pattern) const {
        std::map<std::string, std::string> found;
        const auto parameters = path(pattern).value("parameters", json::array());
        for (const auto& part : parameters) {
            const auto& parameter = resolved(part);
            EXPECT_EQ(parameter.value("in", ""), "path") << pattern;
            EXPECT_EQ(parameter.value("required", false), true) << pattern;
            found[parameter.value("name", "")] = parameter.value("example", "");
        }
        return found;
    }

    const json document_ = json::parse(kOpenApi);
};

TEST_F(OpenApi, DescribesEveryRouteAndNoOther) {
    std::set<std::string> routed, described;
    for (const auto& route : routes())
        routed.insert((route.method() == Method::post ? "post " : "get ") + std::string{route.pattern()});
    for (const auto& [path, methods] : document_["paths"].items())
        for (const auto& [method, operation] : methods.items())
            if (method != "parameters") described.insert(method + " " + path);
    EXPECT_EQ(described, routed);
    EXPECT_GT(described.size(), 40u);
}

TEST_F(OpenApi, SaysWhoMayDoIt) {
    for (const auto& route : routes()) {
        const auto operation = this->operation(route);
        const auto what = std::string{route.pattern()} + " " + operation.value("summary", "");
        EXPECT_EQ(operation.value("x-right", ""), name(route.access())) << what;
        EXPECT_EQ(operation.value("x-roles", json{}), roles_with(route.access())) << what;
        EXPECT_EQ(operation.value("security", json{}), security_of(route.access())) << what;
        const auto answers = operation.value("responses", json::object());
        EXPECT_EQ(answers.contains("401"),
                  route.access().who() != Access::anyone || route.work() == Work::password)
            << what;
        EXPECT_TRUE(answers.contains("403") && answers.contains("default")) << what;
    }
}

TEST_F(OpenApi, DeclaresWhatStandsInAPath) {
    const std::regex placeholder{"\\{([a-z]+)\\}"};
    int seen = 0;
    for (const auto& route : routes()) {
        const std::string pattern{route.pattern()};
        auto declared = parameters_in(pattern);
        auto path = pattern;
        for (std::smatch match; std::regex_search(path, match, placeholder); ++seen) {
            const auto example = declared.extract(match[1]);
            EXPECT_FALSE(example.empty()) << pattern << " does not declare " << match[1];
            if (example.empty()) break;
            path = match.prefix().str() + example.mapped() + match.suffix().str();
        }
        EXPECT_THAT(declared, IsEmpty()) << pattern;
        // The example is one that the server takes.
        const auto found = find_route(route.method(), path);
        const auto* match = std::get_if<Match>(&found);
        EXPECT_TRUE(match && match->route == &route) << path;
    }
    EXPECT_GT(seen, 15);
}

TEST_F(OpenApi, IsForAnyoneAndKnowsWhoHasItAlready) {
    start();
    const auto first = client().get("/api/openapi.json");
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(first.header("content-type"), "application/json");
    EXPECT_EQ(first.body, kOpenApi);
    const auto etag = first.header("etag");
    ASSERT_GT(etag.size(), 2u);
    const auto again = client().get("/api/openapi.json", "If-None-Match: " + etag + "\r\n");
    EXPECT_EQ(again.status, 304);
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(client().get("/api/openapi.json", "If-None-Match: \"other\"\r\n").status, 200);
}

}  // namespace

}  // namespace passerby::server
