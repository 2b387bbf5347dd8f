// Openings over HTTP: each step in its order, on the record before it takes effect, and refused otherwise.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "crypto/digest.h"
#include "seal/test_keys.h"
#include "server/test_world.h"
#include "store/sealed.h"

namespace passerby::server {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kParts = 3;

class OpeningsTest : public World {
  protected:
    void SetUp() override {
        for (int i = 0; i < kParts; ++i) keep(keys_, "door", i);
        start();
        mine_ = own_session();
    }
    WallTime second(int s) const { return begin_ + std::chrono::seconds{s}; }
    void keep(const seal::TestKeys& keys, const std::string& camera, int i) {
        const seal::Span span{camera, second(10 * i), second(10 * i + 10)};
        const auto file = seal::seal_part(keys.keyholders, span, fmt::format("part {}", i));
        ASSERT_TRUE(store::Sealed{store_}.keep(camera, span.from, span.to, keys.keyholders.to_text(),
                                               std::as_bytes(std::span{file})));
    }
    Response ask(json more = json::object()) {
        json body{{"camera", "door"},
                  {"from", to_iso8601(second(0))},
                  {"to", to_iso8601(second(10 * kParts))},
                  {"purpose", "incident"},
                  {"reason", "a bicycle was stolen"},
                  {"case", "2026-17"},
                  {"key", requester_.recipient().to_string()}};
        body.update(more);
        return client().post("/api/openings", body.dump(), mine_);
    }
    seal::Request request(const std::string& id) {
        const auto file = client().get("/api/openings/" + id + "/request.json", mine_);
        EXPECT_EQ(file.status, 200);
        return seal::Request::parse(file.body).value();
    }
    Response answer(const std::string& id, int keyholder, bool approve = true) {
        const auto r = request(id);
        const auto made =
            approve ? seal::approve(r, keys_.only(keyholder)) : seal::refuse(r, keys_.only(keyholder));
        return client().post("/api/openings/" + id + "/answer",
                             made.value().to_json());  // without an account
    }
    Response open(const std::string& id) {
        return client().post("/api/openings/" + id + "/open", "{}", mine_);
    }
    Response part(const std::string& id, std::int64_t number) {
        return client().get(fmt::format("/api/openings/{}/part?number={}", id, number), mine_);
    }
    std::string made() {
        const auto reply = ask();
        EXPECT_EQ(reply.status, 201) << reply.body;
        return reply.json().value("id", "");
    }
    std::string state(const std::string& id) {
        return client().get("/api/openings/" + id, mine_).json().value("state", "");
    }
    std::vector<std::string> kinds() const {
        std::vector<std::string> found;
        EXPECT_TRUE(ledger_.ledger->each([&](auto, const ledger::Fields& e) { found.push_back(e["kind"]); }));
        return found;
    }

    const WallTime begin_{Micros{1'772'362'800'000'000}};  // an hour before the clock
    const seal::TestKeys keys_{2, 3};
    const age::Identity requester_ = age::Identity::generate();
    std::string mine_;
};

TEST_F(OpeningsTest, TwoOfThreeOpenIt) {
    const auto id = made();
    const auto r = request(id);
    EXPECT_EQ(r.by, first_.user);
    EXPECT_EQ(r.recorder, "example.org/test");
    EXPECT_EQ(r.expires - r.made, std::chrono::hours{72});
    ASSERT_EQ(r.parts.size(), static_cast<std::size_t>(kParts));
    EXPECT_THAT(kinds(), ElementsAre("request"));
    EXPECT_EQ(open(id).status, 409);
    EXPECT_EQ(part(id, r.parts[0].number).status, 409);
    EXPECT_EQ(answer(id, 2).json(), (json{{"state", "waiting"}, {"needed", 2}, {"approvals", 1}}));
    EXPECT_EQ(open(id).status, 409);
    EXPECT_EQ(answer(id, 3).json(), (json{{"state", "approved"}, {"needed", 2}, {"approvals", 2}}));
    EXPECT_EQ(part(id, r.parts[0].number).status, 409) << "before it is on the record";
    EXPECT_THAT(kinds(), ElementsAre("request", "answer", "answer"));

    const auto opened = open(id);
    ASSERT_EQ(opened.status, 200);
    EXPECT_THAT(kinds(), ElementsAre("request", "answer", "answer", "opening"));
    EXPECT_EQ(state(id), "opened");
    std::vector<std::vector<std::string>> shares;
    const auto answers = opened.json()["answers"];
    for (const auto& a : answers) {
        seal::Answer given;
        given.keyholder = a["keyholder"];
        given.shares = a["shares"];
        shares.push_back(seal::shares_in(given, r, std::span{&requester_, 1}).value());
    }
    for (std::size_t i = 0; i < r.parts.size(); ++i) {
        const auto sealed = part(id, r.parts[i].number);
        ASSERT_EQ(sealed.status, 200);
        EXPECT_EQ(crypto::sha256_hex(sealed.body), r.parts[i].sha256);
        EXPECT_EQ(seal::open_part(sealed.body, r.keyholders, r.parts[i].span,
                                  std::array{shares[0][i], shares[1][i]})
                      .value_or(""),
                  fmt::format("part {}", i));
    }
    EXPECT_EQ(open(id).status, 200) << "again, and on the record again";
    EXPECT_THAT(kinds(), ElementsAre("request", "answer", "answer", "opening", "opening"));
}

TEST_F(OpeningsTest, AnAnswerNeedsItsToken) {
    const auto id = made();
    seal::Answer forged;
    forged.request = id;
    forged.keyholder = 1;
    forged.token = std::string(32, '0');
    const auto give = [&](const std::string& to, const seal::Answer& a) {
        return client().post("/api/openings/" + to + "/answer", a.to_json()).status;
    };
    EXPECT_EQ(give(id, forged), 403);
    // The token of another keyholder, a keyholder that is none, another request's.
    forged.token = seal::refuse(request(id), keys_.only(2)).value().token;
    EXPECT_EQ(give(id, forged), 403);
    forged.keyholder = 4;
    EXPECT_EQ(give(id, forged), 403);
    const auto other = made();
    EXPECT_EQ(give(other, seal::approve(request(id), keys_.only(1)).value()), 403);
    EXPECT_EQ(give(std::string(32, 'a'), seal::approve(request(id), keys_.only(1)).value()), 404);
    EXPECT_EQ(client().post("/api/openings/" + id + "/answer", "{}").status, 400);
    EXPECT_THAT(kinds(), ElementsAre("request", "request"));
    EXPECT_EQ(state(id), "waiting");
}

TEST_F(OpeningsTest, NobodyAnswersTwice) {
    const auto id = made();
    EXPECT_EQ(answer(id, 1).status, 200);
    EXPECT_EQ(answer(id, 1).status, 409);
    EXPECT_EQ(answer(id, 1, false).status, 409);
    EXPECT_THAT(kinds(), ElementsAre("request", "answer"));
    EXPECT_EQ(state(id), "waiting");
}

TEST_F(OpeningsTest, TooManyRefusalsEndIt) {
    const auto id = made();
    EXPECT_EQ(answer(id, 1, false).json()["state"], "waiting");
    EXPECT_EQ(answer(id, 2, false).json()["state"], "refused");
    EXPECT_EQ(answer(id, 3).status, 409);
    EXPECT_EQ(open(id).status, 409);
    EXPECT_THAT(kinds(), ElementsAre("request", "answer", "answer"));
}

TEST_F(OpeningsTest, ItExpiresAtEveryStep) {
    const auto waiting = made(), approved = made(), opened = made();
    for (const auto& id : {approved, opened})
        for (const int keyholder : {1, 2}) EXPECT_EQ(answer(id, keyholder).status, 200);
    EXPECT_EQ(open(opened).status, 200);
    const auto number = request(opened).parts[0].number;
    EXPECT_EQ(part(opened, number).status, 200);
    clock_.advance(std::chrono::hours{72});
    mine_ = own_session();
    const auto before = kinds().size();
    EXPECT_EQ(answer(waiting, 1).status, 410);
    EXPECT_EQ(open(approved).status, 410);
    EXPECT_EQ(open(opened).status, 410);
    EXPECT_EQ(part(opened, number).status, 410);
    EXPECT_EQ(kinds().size(), before);
}

TEST_F(OpeningsTest, PartsOfOtherTimesAndCamerasAreNotGiven) {
    keep(keys_, "door", 50);
    keep(keys_, "yard", 0);
    const auto id = made();
    for (const int keyholder : {1, 2}) EXPECT_EQ(answer(id, keyholder).status, 200);
    EXPECT_EQ(open(id).status, 200);
    const auto mine = request(id).parts;
    for (std::int64_t number = 0; number < 10; ++number) {
        const bool asked = std::ranges::count(mine, number, &seal::RequestPart::number) > 0;
        EXPECT_EQ(part(id, number).status, asked ? 200 : 404) << number;
    }
    EXPECT_EQ(part(id, -1).status, 404);
    EXPECT_EQ(client().get("/api/openings/" + id + "/part?number=1;DROP", mine_).status, 400);
    EXPECT_EQ(client().get("/api/openings/" + id + "/part", mine_).status, 400);
}

TEST_F(OpeningsTest, WhatCannotBeAskedFor) {
    EXPECT_EQ(ask({{"camera", "../x"}}).status, 404);
    EXPECT_EQ(ask({{"camera", "yard"}}).status, 404);
    EXPECT_EQ(ask({{"to", to_iso8601(second(0))}}).status, 400);
    EXPECT_EQ(ask({{"from", "yesterday"}}).status, 400);
    EXPECT_EQ(ask({{"purpose", "curiosity"}}).status, 400);
    EXPECT_EQ(ask({{"purpose", "unstated"}}).status, 400);
    EXPECT_EQ(ask({{"reason", ""}}).status, 400);
    EXPECT_EQ(ask({{"reason", std::string(2001, 'x')}}).status, 400);
    EXPECT_EQ(ask({{"case", 17}}).status, 400);
    EXPECT_THAT(ask({{"key", "age1nonsense"}}).body, HasSubstr("no key of age"));
    EXPECT_EQ(client().post("/api/openings", "[]", mine_).status, 400);
    keep(seal::TestKeys{1, 1}, "door", kParts);
    const auto both = ask({{"to", to_iso8601(second(10 * kParts + 10))}});
    EXPECT_EQ(both.status, 400);
    EXPECT_THAT(both.body, HasSubstr("sealed to other keyholders"));
    EXPECT_THAT(kinds(), IsEmpty());
    EXPECT_EQ(client().get("/api/openings", mine_).json(), json::array());
}

TEST_F(OpeningsTest, FiftyAtOnceAreEnough) {
    for (int i = 0; i < 50; ++i) ASSERT_EQ(ask().status, 201);
    EXPECT_EQ(ask().status, 403);
    clock_.advance(std::chrono::hours{72});
    mine_ = own_session();
    EXPECT_EQ(ask().status, 201);
}

class WithoutLedger : public OpeningsTest {
    void SetUp() override {
        ledger_ = {nullptr, "the disk is full"};
        OpeningsTest::SetUp();
    }
};
TEST_F(WithoutLedger, NothingIsAskedFor) {
    const auto reply = ask();
    EXPECT_EQ(reply.status, 503);
    EXPECT_THAT(reply.body, HasSubstr("the disk is full"));
    EXPECT_EQ(client().get("/api/openings", mine_).json(), json::array());
}

// The ledger fails between one step and the next: the step does not happen.
TEST_F(OpeningsTest, WhatCannotBePutOnTheRecordDoesNotHappen) {
    const auto id = made();
    for (const int keyholder : {1, 2}) EXPECT_EQ(answer(id, keyholder).status, 200);
    const auto r = request(id);
    const auto third = seal::approve(r, keys_.only(3)).value().to_json();
    // Its files cannot be written any more.
    std::filesystem::remove_all(folder_ / "data/ledger");
    std::ofstream{folder_ / "data/ledger"} << "in the way";
    EXPECT_NE(open(id).status, 200);
    EXPECT_EQ(state(id), "approved");
    EXPECT_EQ(part(id, r.parts[0].number).status, 409);
    EXPECT_NE(client().post("/api/openings/" + id + "/answer", third).status, 200);
    EXPECT_EQ(client().get("/api/openings/" + id, mine_).json()["answers"].size(), 2u);
    EXPECT_NE(ask().status, 201);
    EXPECT_EQ(client().get("/api/openings", mine_).json().size(), 1u);
}

}  // namespace
}  // namespace passerby::server
