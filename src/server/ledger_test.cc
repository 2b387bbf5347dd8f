// Every use is on the record before it happens, and nothing happens that cannot be put there.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "crypto/digest.h"
#include "ledger/audit.h"
#include "ledger/proof.h"
#include "server/test_world.h"

namespace passerby::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr image::Size kSize{64, 48};

class UsesTest : public World {
  protected:
    void SetUp() override {
        stream_ = covered_stream(kSize, 50);
        record("door", stream_, kSize);
        start();
        mine_ = own_session();
    }
    std::vector<ledger::Fields> entries() const {
        std::vector<ledger::Fields> found;
        EXPECT_TRUE(ledger_.ledger->each([&](auto, const ledger::Fields& e) { found.push_back(e); }));
        return found;
    }
    std::vector<std::string> kinds() const {
        std::vector<std::string> found;
        for (const auto& e : entries()) found.push_back(e["kind"]);
        return found;
    }
    static constexpr const char* kSpan = "?from=2026-03-01T12:00:00Z&to=2026-03-01T12:00:05Z";

    Stream stream_;
    std::string mine_;
};

TEST_F(UsesTest, LookingIsNotedOnceALoginAndHour) {
    EXPECT_THAT(kinds(), IsEmpty());
    client().get("/api/cameras/door/timeline?from=2026-03-01T12:00:00Z&to=2026-03-01T13:00:00Z", mine_);
    client().get("/api/cameras/door/playlist.m3u8?from=2026-03-01T12:00:00Z&to=2026-03-01T13:00:00Z", mine_);
    EXPECT_THAT(kinds(), IsEmpty()) << "nothing was seen yet";
    for (int i = 0; i < 3; ++i) EXPECT_EQ(client().get("/api/segments/1.mp4", mine_).status, 200);
    ASSERT_THAT(kinds(), ElementsAre("view"));
    const auto entry = entries()[0];
    EXPECT_EQ(entry["camera"], "door");
    EXPECT_EQ(entry["who"], ledger_.ledger->pseudonym(first_.user));
    EXPECT_THAT(entry.dump(), testing::Not(HasSubstr(first_.user + "\""))) << "no name";
    EXPECT_EQ(entry["from"], "2026-03-01T12:00:00Z");
    EXPECT_EQ(entry["purpose"], "unstated");

    EXPECT_EQ(client().post("/api/purpose", R"({"purpose":"incident"})", mine_).status, 204);
    EXPECT_EQ(client().get("/api/segments/1.mp4", mine_).status, 200);
    ASSERT_THAT(kinds(), ElementsAre("view", "view"));
    EXPECT_EQ(entries()[1]["purpose"], "incident");
    // Another login is another look.
    EXPECT_EQ(client().get("/api/segments/1.mp4", own_session()).status, 200);
    EXPECT_THAT(kinds(), SizeIs(3));
    EXPECT_EQ(client().post("/api/purpose", R"({"purpose":"curiosity"})", mine_).status, 400);
}

TEST_F(UsesTest, LookingLiveIsNoted) {
    EXPECT_EQ(client().upgrade("/api/cameras/door/live", mine_).status, 101);
    EXPECT_EQ(client().upgrade("/api/cameras/door/live", mine_).status, 101);
    EXPECT_THAT(kinds(), ElementsAre("live"));
    clock_.advance(std::chrono::hours{1});
    EXPECT_EQ(client().upgrade("/api/cameras/door/live", own_session()).status, 101);
    EXPECT_THAT(kinds(), ElementsAre("live", "live"));
}

TEST_F(UsesTest, AnExportCarriesItsProof) {
    const auto reply = client().get(std::string{"/api/cameras/door/export"} + kSpan, mine_);
    ASSERT_EQ(reply.status, 200);
    EXPECT_THAT(kinds(), ElementsAre("segments", "export"));
    const auto where = reply.header("x-passerby-proof");
    ASSERT_EQ(where, "/api/exports/1.proof");
    const auto proof_reply = client().get(where, mine_);
    ASSERT_EQ(proof_reply.status, 200);
    const auto proof = ledger::ClipProof::parse(proof_reply.body);
    ASSERT_TRUE(proof) << proof.error().message;
    const auto verifier = ledger_.ledger->verifier();
    const auto hash = crypto::sha256_hex(reply.body);
    const auto proven = ledger::verify_clip(*proof, hash, verifier);
    ASSERT_TRUE(proven) << proven.error().message;
    EXPECT_EQ(proven->exported["camera"], "door");
    EXPECT_EQ(proven->manifests.size(), 1u);
    EXPECT_EQ(proven->unfinished, 0u);

    // Another file, and each part of the proof changed.
    EXPECT_FALSE(ledger::verify_clip(*proof, crypto::sha256_hex(reply.body + "x"), verifier));
    const auto refused = [&](auto change) {
        auto bad = *proof;
        change(bad);
        return !ledger::verify_clip(bad, hash, verifier);
    };
    EXPECT_TRUE(refused([](auto& p) { p.exported.text[60] ^= 1; }));
    EXPECT_TRUE(refused([](auto& p) { p.exported.index = 0; }));
    EXPECT_TRUE(refused([](auto& p) { p.exported.inclusion.clear(); }));
    EXPECT_TRUE(refused([](auto& p) { p.batches[0].text[60] ^= 1; }));
    EXPECT_TRUE(refused([](auto& p) { p.manifests[0].manifest[20] ^= 1; }));
    EXPECT_TRUE(refused([](auto& p) { p.manifests[0].batch = 1; }));
    EXPECT_TRUE(refused([](auto& p) { p.manifests.push_back(p.manifests[0]); }));
    EXPECT_TRUE(refused([](auto& p) { p.checkpoint[20] ^= 1; }));
    EXPECT_EQ(ledger::ClipProof::parse(proof->to_text())->to_text(), proof->to_text());
    for (std::size_t cut = 0; cut < proof_reply.body.size() - 2; cut += 7)
        EXPECT_FALSE(ledger::ClipProof::parse(proof_reply.body.substr(0, cut)));
}

TEST_F(UsesTest, TheLedgerIsPublicAndVerifies) {
    EXPECT_EQ(client().get("/api/segments/1.mp4", mine_).status, 200);
    ASSERT_TRUE(ledger_.ledger->close_batches());
    const auto audited = ledger::audit(
        [&](const std::string& path) -> Result<std::string> {
            const auto reply = client().get("/ledger/" + path);  // without any login
            if (reply.status == 404) return fail(ErrorKind::not_found, "{}", path);
            EXPECT_EQ(reply.status, 200);
            EXPECT_EQ(reply.header("access-control-allow-origin"), "*");
            return reply.body;
        },
        {.verifier = ledger_.ledger->verifier()}, [](auto, const auto&) {});
    ASSERT_TRUE(audited) << audited.error().message;
    EXPECT_THAT(audited->findings, IsEmpty());
    EXPECT_EQ(audited->checkpoint.size, 2u);
    for (const char* path :
         {"/ledger/", "/ledger/..", "/ledger/../catalogue.sqlite", "/ledger/tile/../../ledger.key",
          "/ledger/tile/0/000/../../../../ledger.key", "/ledger/tile//0", "/ledger/%2e%2e/ledger.key",
          "/ledger/tile/a/000", "/ledger/.passerby", "/ledger/tile/0/0000"})
        EXPECT_EQ(client().get(path).status, 404) << path;
}

TEST_F(UsesTest, TheReportCountsTheUses) {
    EXPECT_EQ(client().get("/api/segments/1.mp4", mine_).status, 200);
    client().get(std::string{"/api/cameras/door/export"} + kSpan, mine_);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(client().post("/api/login", R"({"user":"admin","password":"wrong"})").status, 401);
    ASSERT_TRUE(server_->put_sums_on_record());
    const std::string span = "?from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z";
    const auto report = client().get("/api/use" + span, mine_).json();
    EXPECT_EQ(report["by_what"]["view"], 1);
    EXPECT_EQ(report["by_what"]["export"], 1);
    EXPECT_EQ(report["failed_logins"], 3);
    EXPECT_EQ(report["by_hour_utc"][12], 2);
    EXPECT_EQ(report["persons_identified"], 0);
    EXPECT_THAT(client().get("/api/use" + span + "&format=text", mine_).body,
                HasSubstr("and on whom: nobody"));
    EXPECT_THAT(client().get("/api/use" + span + "&format=csv", mine_).body, HasSubstr("exported,door,u-"));
    EXPECT_EQ(client().get("/api/use" + span + "&format=pdf", mine_).status, 400);
    EXPECT_EQ(client().get("/api/use?from=2020-03-01T00:00:00Z&to=2026-03-02T00:00:00Z", mine_).status, 400);
}

TEST_F(UsesTest, TheEntriesCanBeLeafedThrough) {
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(ledger_.ledger->append("stop", {}));
    const auto page = client().get("/api/ledger/entries?count=2", mine_).json();
    EXPECT_EQ(page["size"], 5);
    ASSERT_EQ(page["entries"].size(), 2u);
    EXPECT_EQ(page["entries"][0]["index"], 4);
    EXPECT_EQ(page["entries"][0]["words"], "the recorder was stopped");
    EXPECT_EQ(client().get("/api/ledger/entries?before=1", mine_).json()["entries"].size(), 1u);
    EXPECT_EQ(client().get("/api/ledger/entries?before=x", mine_).status, 400);
    const auto state = client().get("/api/ledger", mine_).json();
    EXPECT_EQ(state["key"], ledger_.ledger->verifier().to_string());
    EXPECT_EQ(state["error"], "");
}

TEST_F(UsesTest, ProtectingIsNotedAndShown) {
    const std::string body =
        R"({"from":"2026-03-01T12:00:00Z","to":"2026-03-01T12:00:05Z","reason":"accident","until":"2026-04-01T00:00:00Z"})";
    const auto made = client().post("/api/cameras/door/protect", body, mine_);
    ASSERT_EQ(made.status, 200) << made.body;
    EXPECT_THAT(kinds(), ElementsAre("protect"));
    EXPECT_THAT(entries()[0].dump(), testing::Not(HasSubstr("accident")))
        << "a reason in words may name somebody";
    const std::string timeline =
        "/api/cameras/door/timeline?from=2026-03-01T12:00:00Z&to=2026-03-01T13:00:00Z";
    const auto shown = client().get(timeline, mine_).json()["protected"];
    ASSERT_EQ(shown.size(), 1u);
    EXPECT_EQ(shown[0]["reason"], "accident");
    EXPECT_EQ(client().post("/api/cameras/door/protect", R"({"from":"2026-03-01T12:00:00Z"})", mine_).status,
              400);
    EXPECT_EQ(client().post("/api/cameras/yard/unprotect", R"({"id":1})", mine_).status, 404);
    EXPECT_EQ(client().post("/api/cameras/door/unprotect", R"({"id":"1"})", mine_).status, 400);
    EXPECT_THAT(kinds(), SizeIs(1)) << "what was refused is not on the record";
    EXPECT_EQ(client().post("/api/cameras/door/unprotect", R"({"id":1})", mine_).status, 204);
    EXPECT_THAT(kinds(), ElementsAre("protect", "unprotect"));
}

class NoLedgerTest : public World {};

TEST_F(NoLedgerTest, NothingIsSeenThatCannotBePutOnRecord) {
    record("door", covered_stream(kSize, 20), kSize);
    ledger_ = {nullptr, "the disk is full"};
    start();
    const auto mine = own_session();
    for (const char* path : {"/api/segments/1.mp4",
                             "/api/cameras/door/export?from=2026-03-01T12:00:00Z&to=2026-03-01T12:00:02Z"}) {
        const auto reply = client().get(path, mine);
        EXPECT_EQ(reply.status, 503) << path;
        EXPECT_THAT(reply.body, HasSubstr("the disk is full"));
    }
    EXPECT_EQ(client().upgrade("/api/cameras/door/live", mine).status, 503);
    EXPECT_EQ(client().get("/ledger/checkpoint").status, 503);
    EXPECT_EQ(client().get("/api/cameras", mine).status, 200) << "what shows nobody goes on";
    EXPECT_EQ(client().get("/api/ledger", mine).json()["error"], "the disk is full");
}

}  // namespace
}  // namespace passerby::server
