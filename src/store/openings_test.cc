#include "store/openings.h"

#include "store/test_world.h"

namespace passerby::store {
namespace {

using namespace testing;
using State = Opening::State;

class OpeningsTest : public ::testing::Test {
  protected:
    static constexpr std::chrono::hours kExpiry{72};

    Opening request(int needed, int keyholders) {
        Opening o;
        o.id = "0123", o.camera = "yard", o.user = "admin", o.request = "{}";
        o.start = at("2026-03-01T12:00:00Z"), o.end = at("2026-03-01T12:01:00Z");
        o.made = clock_.wall(), o.expires = o.made + kExpiry;
        o.needed = needed;
        for (int i = 0; i < keyholders; ++i) o.tokens.push_back(fmt::format("token {}", i + 1));
        must(openings_.add(o));
        return o;
    }
    Status answer(int keyholder, bool approved) {
        return openings_.answer("0123", {keyholder, approved, clock_.wall(), approved ? "shares" : ""});
    }
    State state() { return must(openings_.with_id("0123")).state(clock_.wall()); }

    TempFolder folder_;
    FakeClock clock_{at("2026-03-01T13:00:00Z")};
    std::shared_ptr<Store> store_ = must(Store::open(folder_.path() / "data", clock_));
    Openings openings_{store_};
};

TEST_F(OpeningsTest, IsKeptAsItWasAsked) {
    const auto o = request(2, 3);
    const auto back = must(openings_.with_id("0123"));
    EXPECT_EQ(back.request, o.request);
    EXPECT_EQ(back.tokens, o.tokens);
    EXPECT_EQ(back.expires, o.expires);
    EXPECT_EQ(must(openings_.all(10)).size(), 1u);
    EXPECT_EQ(openings_.with_id("0124").error().kind, ErrorKind::not_found);
}

TEST_F(OpeningsTest, TwoOfThreeApproveIt) {
    request(2, 3);
    EXPECT_EQ(state(), State::waiting);
    must(answer(3, true));
    EXPECT_EQ(state(), State::waiting);
    must(answer(2, false));
    EXPECT_EQ(state(), State::waiting);
    must(answer(1, true));
    EXPECT_EQ(state(), State::approved);
    must(openings_.set_opened("0123", clock_.wall()));
    EXPECT_EQ(state(), State::opened);
    EXPECT_EQ(must(openings_.with_id("0123")).answers[1].keyholder, 2);
}

TEST_F(OpeningsTest, NobodyAnswersTwice) {
    request(2, 3);
    must(answer(1, true));
    for (const bool approved : {true, false}) {
        const auto again = answer(1, approved);
        ASSERT_FALSE(again);
        EXPECT_EQ(again.error().kind, ErrorKind::exists);
    }
    EXPECT_FALSE(answer(4, true)) << "there is no fourth keyholder";
    EXPECT_EQ(must(openings_.with_id("0123")).answers.size(), 1u);
}

TEST_F(OpeningsTest, TooManyRefusalsEndIt) {
    request(2, 3);
    must(answer(1, false));
    EXPECT_EQ(state(), State::waiting);
    must(answer(2, false));
    EXPECT_EQ(state(), State::refused);
    must(answer(3, true));
    EXPECT_EQ(state(), State::refused);
}

TEST_F(OpeningsTest, WhereAllAreNeededOneRefusalEndsIt) {
    request(3, 3);
    must(answer(2, false));
    EXPECT_EQ(state(), State::refused);
}

TEST_F(OpeningsTest, ItExpires) {
    request(1, 1);
    clock_.pass(kExpiry - std::chrono::seconds{1});
    EXPECT_EQ(state(), State::waiting);
    must(answer(1, true));
    EXPECT_EQ(state(), State::approved);
    clock_.pass(std::chrono::seconds{1});
    EXPECT_EQ(state(), State::expired);
}

}  // namespace
}  // namespace passerby::store
