// The longest that there may be stays within its bounds: two hours, sixteen keyholders.
#include <gtest/gtest.h>

#include "seal/test_keys.h"

namespace passerby::seal {
namespace {

TEST(Limits, TheLongestRequestAndAnswerFit) {
    const TestKeys keys{16, 16};
    TestRequest t{keys, 1};
    const auto part = t.request.parts.front();
    EXPECT_LT(look_at(t.files.front(), keys.keyholders)->header.size, std::size_t{64} << 10);
    t.request.parts.clear();
    for (std::size_t i = 0; i < Request::kMostParts; ++i) t.request.parts.push_back(part);
    const auto text = t.request.to_json();
    EXPECT_LE(text.size(), Request::kLongestFile);
    const auto request = Request::parse(text);
    ASSERT_TRUE(request) << request.error().message;
    const auto answer = approve(*request, keys.only(16));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_LE(answer->to_json().size(), Answer::kLongestFile);
    EXPECT_TRUE(Answer::parse(answer->to_json()));
}

}  // namespace
}  // namespace passerby::seal
