#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seal/test_keys.h"

namespace passerby::seal {
namespace {

using testing::HasSubstr;

Request again(const Request& request) {
    auto parsed = Request::parse(request.to_json());
    EXPECT_TRUE(parsed) << parsed.error().message;
    return parsed.value();
}

std::span<const age::Identity> only(const age::Identity& identity) {
    return {&identity, 1};
}

TEST(Request, TwoOfThreeOpenIt) {
    const TestKeys keys{2, 3};
    TestRequest t{keys};
    const auto request = again(t.request);
    std::vector<std::vector<std::string>> shares;
    for (const int holder : {1, 3}) {
        const auto made = approve(request, keys.only(holder));
        ASSERT_TRUE(made) << made.error().message;
        const auto answer = Answer::parse(made->to_json()).value();
        EXPECT_EQ(answer.keyholder, holder);
        EXPECT_TRUE(answer.approved);
        EXPECT_EQ(answer.token, t.tokens[static_cast<std::size_t>(holder) - 1]);
        shares.push_back(shares_in(answer, request, only(t.requester)).value());
    }
    for (std::size_t i = 0; i < request.parts.size(); ++i)
        EXPECT_EQ(open_part(t.files[i], request.keyholders, request.parts[i].span,
                            std::array{shares[0][i], shares[1][i]})
                      .value_or(""),
                  t.plain[i]);
    EXPECT_FALSE(open_part(t.files[0], request.keyholders, request.parts[0].span, std::array{shares[0][0]}));
}

TEST(Request, OneKeyholderOpensIt) {
    const TestKeys keys{1, 2};
    TestRequest t{keys};
    const auto request = again(t.request);
    const auto answer = approve(request, keys.only(2)).value();
    const auto shares = shares_in(answer, request, only(t.requester)).value();
    for (std::size_t i = 0; i < request.parts.size(); ++i)
        EXPECT_EQ(open_part(t.files[i], KeyText::parse(shares[i]).value()).value_or(""), t.plain[i]);
    EXPECT_FALSE(open_part(t.files[0], KeyText::parse(shares[1]).value()));
}

TEST(Request, ARefusalCarriesNoShare) {
    const TestKeys keys{2, 3};
    const TestRequest t{keys};
    const auto answer = Answer::parse(refuse(t.request, keys.only(2)).value().to_json()).value();
    EXPECT_FALSE(answer.approved);
    EXPECT_EQ(answer.shares, "");
    EXPECT_EQ(answer.token, t.tokens[1]);
}

TEST(Request, AStrangerCannotAnswer) {
    const TestRequest t{TestKeys{2, 3}};
    const auto stranger = age::Identity::generate();
    const auto answer = approve(t.request, only(stranger));
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().message, HasSubstr("not one of the 3 keyholders"));
}

// A request that names harmless seconds, and carries the shares of others.
TEST(Request, SharesOfOtherSecondsThanItSaysAreNotGiven) {
    const TestKeys keys{2, 3};
    TestRequest t{keys};
    t.request.parts[1].span.from.since_epoch += std::chrono::hours{1};
    t.request.parts[1].span.to.since_epoch += std::chrono::hours{1};
    const auto answer = approve(t.request, keys.only(1));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::denied);
    EXPECT_THAT(answer.error().message, HasSubstr("it would open something else, so nothing was approved"));
}

TEST(Request, PartsOutsideOfTheAskedTimeAreNotGiven) {
    const TestKeys keys{2, 3};
    TestRequest t{keys};
    t.request.span.to = {t.request.span.from.since_epoch + std::chrono::seconds{30}};
    const auto answer = approve(t.request, keys.only(1));
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().message, HasSubstr("outside of the time"));
}

TEST(Request, SharesOfAnotherKeyholderAreNotGiven) {
    const TestKeys keys{2, 3};
    TestRequest t{keys};
    std::swap(t.request.parts[0].shares[0], t.request.parts[0].shares[1]);
    EXPECT_FALSE(approve(t.request, keys.only(1)));
}

TEST(Request, AnAnswerToAnotherRequestIsRefused) {
    const TestKeys keys{2, 3};
    TestRequest first{keys}, second{keys};
    second.request.key = first.request.key;  // even to the same requester
    const auto answer = approve(first.request, keys.only(1)).value();
    const auto shares = shares_in(answer, second.request, only(first.requester));
    ASSERT_FALSE(shares);
    EXPECT_THAT(shares.error().message, HasSubstr("keyholder 1 is to another request"));
    EXPECT_FALSE(shares_in(answer, first.request, only(second.requester))) << "another requester's key";
}

// Whatever is cut off or left out, the error says which field.
TEST(Request, WhatIsNoneIsRefused) {
    const TestKeys keys{2, 3};
    const TestRequest t{keys};
    const auto text = t.request.to_json();
    for (std::size_t size = 0; size + 2 < text.size(); size += 101)
        EXPECT_FALSE(Request::parse(text.substr(0, size)));
    int fields = 0;
    for (const char* name :
         {"passerby-request", "id",     "recorder", "camera", "from",    "to",    "purpose",
          "reason",           "case",   "by",       "made",   "expires", "key",   "needed",
          "keyholders",       "tokens", "parts",    "number", "sha256",  "shares"}) {
        auto other = text;
        const auto at = other.find(fmt::format("\"{}\":", name));
        ASSERT_NE(at, std::string::npos) << name;
        other[at + 1] = '_';
        EXPECT_FALSE(Request::parse(other)) << name;
        ++fields;
    }
    EXPECT_EQ(fields, 20);
}

TEST(Answer, WhatIsNoneIsRefused) {
    const TestKeys keys{2, 3};
    const TestRequest t{keys};
    const auto text = approve(t.request, keys.only(1)).value().to_json();
    ASSERT_TRUE(Answer::parse(text));
    for (const char* name : {"passerby-answer", "request", "keyholder", "answer", "token", "shares"}) {
        auto other = text;
        other[other.find(fmt::format("\"{}\":", name)) + 1] = '_';
        EXPECT_FALSE(Answer::parse(other)) << name;
    }
    for (std::size_t size = 0; size + 2 < text.size(); size += 37)
        EXPECT_FALSE(Answer::parse(text.substr(0, size)));
}

}  // namespace
}  // namespace passerby::seal
