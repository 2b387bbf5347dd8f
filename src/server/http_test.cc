#include "server/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace passerby::server {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

TEST(Http, QueryIsDecodedOnce) {
    EXPECT_THAT(*parse_query("from=2026-03-01T12%3A00%3a00Z&to=x%2541&&flag"),
                ElementsAre(Pair("flag", ""), Pair("from", "2026-03-01T12:00:00Z"), Pair("to", "x%41")));
    EXPECT_TRUE(parse_query("")->empty());
    for (const auto* bad : {"a=%", "a=%4", "a=%zz", "%g0=1", "a=1&a=2", "a=1&%61=2"})
        EXPECT_FALSE(parse_query(bad)) << bad;
}

TEST(Http, CookieIsFoundByItsWholeName) {
    const auto find = [](const char* header) {
        return cookie(header, "passerby_session").value_or("(none)");
    };
    EXPECT_EQ(find("passerby_session=abc"), "abc");
    EXPECT_EQ(find("a=b; passerby_session=abc ;c=d"), "abc");
    EXPECT_EQ(find("passerby_session="), "");
    EXPECT_EQ(find("xpasserby_session=abc"), "(none)");
    EXPECT_EQ(find("passerby_sessions=abc"), "(none)");
    EXPECT_EQ(find("passerby_session"), "(none)");
    EXPECT_EQ(find(""), "(none)");
    EXPECT_EQ(find("passerby_session=abc; passerby_session=def"), "(none)");
}

TEST(Http, ErrorsAreJsonSentences) {
    EXPECT_EQ(std::get<std::string>(error_reply(404, "there is nothing here").body),
              R"({"error":"there is nothing here"})");
    EXPECT_EQ(error_reply(Error{ErrorKind::full, "x"}).status, 507);
    // What came from outside may be no UTF-8; that must not throw.
    EXPECT_THAT(std::get<std::string>(error_reply(400, "\xff<script>").body),
                HasSubstr("\xef\xbf\xbd<script>"));
}

TEST(Http, EveryReplyCarriesTheSecurityHeaders) {
    const auto head = response_head(error_reply(404, "no"), true, {std::chrono::seconds{1772366400}});
    EXPECT_THAT(head, HasSubstr("HTTP/1.1 404 Not Found\r\nDate: Sun, 01 Mar 2026 12:00:00 GMT\r\n"));
    EXPECT_THAT(head, HasSubstr("\r\nContent-Length: 14\r\n"));
    EXPECT_THAT(head, HasSubstr("\r\nCache-Control: no-store\r\n"));
    for (const auto* header :
         {"Content-Security-Policy: default-src 'self'; ", "X-Content-Type-Options: nosniff",
          "Referrer-Policy: no-referrer", "Cross-Origin-Opener-Policy: same-origin",
          "Cross-Origin-Resource-Policy: same-origin", "Permissions-Policy: "})
        EXPECT_THAT(head, HasSubstr(std::string{"\r\n"} + header));
    EXPECT_THAT(head, Not(HasSubstr("unsafe-")));

    Reply cached{304};
    cached.headers.emplace_back("Cache-Control", "no-cache");
    const auto cached_head = response_head(cached, false, {});
    EXPECT_THAT(cached_head, Not(HasSubstr("no-store")));
    EXPECT_THAT(cached_head, Not(HasSubstr("Content-Length")));
    EXPECT_THAT(cached_head, HasSubstr("\r\nConnection: close\r\n"));
}

TEST(Http, LogTextHasOneLine) {
    EXPECT_EQ(printable("/a\r\nb\x1b[0m\xc3\xa4\\"), R"(/a\x0d\x0ab\x1b[0m\xc3\xa4\x5c)");
    EXPECT_EQ(printable(std::string(1000, 'x')).size(), 200u);
}

}  // namespace passerby::server
