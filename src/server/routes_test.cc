#include "server/routes.h"

#include <random>

#include <gtest/gtest.h>

namespace passerby::server {

namespace {

std::string found(Method method, std::string_view path) {
    const auto result = find_route(method, path);
    if (const auto* match = std::get_if<Match>(&result))
        return std::string{match->route->pattern()} + (match->id.empty() ? "" : " " + match->id);
    if (const auto* wrong = std::get_if<WrongMethod>(&result)) return "405 " + wrong->allow;
    return "404";
}

}  // namespace

TEST(Routes, FindsByMethodAndSegments) {
    EXPECT_EQ(found(Method::post, "/api/login"), "/api/login");
    EXPECT_EQ(found(Method::get, "/api/cameras"), "/api/cameras");
    EXPECT_EQ(found(Method::get, "/api/cameras/door-2"), "/api/cameras/{camera} door-2");
    EXPECT_EQ(found(Method::get, "/api/cameras/live"), "/api/cameras/{camera} live");
    EXPECT_EQ(found(Method::get, "/api/cameras/live/live"), "/api/cameras/{camera}/live live");
    EXPECT_EQ(found(Method::get, "/api/segments/42.mp4"), "/api/segments/{segment}.mp4 42");
    EXPECT_EQ(found(Method::head, "/api/segments/42.mp4"), "/api/segments/{segment}.mp4 42");
}

TEST(Routes, WrongMethodNamesTheRightOnes) {
    EXPECT_EQ(found(Method::get, "/api/login"), "405 POST");
    EXPECT_EQ(found(Method::post, "/api/cameras"), "405 GET, HEAD");
    EXPECT_EQ(found(Method::other, "/api/cameras/door"), "405 GET, HEAD");
    EXPECT_EQ(found(Method::head, "/api/cameras/door/live"), "405 GET");
    EXPECT_EQ(found(Method::head, "/api/cameras/door/export"), "405 GET");
}

TEST(Routes, NothingElseMatches) {
    for (const auto* path : {"",
                             "/",
                             "api/login",
                             "/api",
                             "/api/",
                             "/api/login/",
                             "//api/login",
                             "/api//login",
                             "/API/login",
                             "/api/login;x",
                             "/api/cameras/",
                             "/api/cameras/Door",
                             "/api/cameras/d%6For",
                             "/api/cameras/..",
                             "/api/cameras/door/",
                             "/api/cameras/door/../door",
                             "/api/cameras/abcdefghijklmnopqrstuvwxyz0123456",
                             "/api/segments/",
                             "/api/segments/1",
                             "/api/segments/.mp4",
                             "/api/segments/1.mp4.mp4",
                             "/api/segments/-1.mp4",
                             "/api/segments/+1.mp4",
                             "/api/segments/0x1.mp4",
                             "/api/segments/01.mp4",
                             "/api/segments/1%2e.mp4",
                             "/api/segments/../1.mp4",
                             "/api/segments/1234567890123456789.mp4",
                             "/api/segments/1.mp4/",
                             "/api/segments/ 1.mp4"})
        EXPECT_EQ(found(Method::get, path), "404") << path;
}

// Ten thousand paths made of the pieces that traversal is made of.
TEST(Routes, NoStrangePathReachesASegment) {
    const std::vector<std::string> pieces{"..", ".",    "/",   "%2e", "%2f", "\\", ";", "1",
                                          "12", ".mp4", "%00", "~",   "etc", "\n", "%"};
    std::mt19937 random{1};
    int numbers = 0;
    for (int i = 0; i < 10'000; ++i) {
        std::string id;
        for (auto n = random() % 4; n-- > 0;) id += pieces[random() % pieces.size()];
        const bool is_number = !id.empty() && id.find_first_not_of("0123456789") == std::string::npos;
        numbers += is_number;
        EXPECT_EQ(found(Method::get, "/api/segments/" + id + ".mp4") != "404", is_number) << id;
    }
    EXPECT_GT(numbers, 100);
}

}  // namespace passerby::server
