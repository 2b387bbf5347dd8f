#include <regex>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "server/about_page.h"
#include "server/qr_code.h"
#include "server/test_world.h"

namespace passerby::server {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(Language, IsTheOneAskedForOrTheBrowsers) {
    EXPECT_EQ(language_for("de", "en"), Language::german);
    EXPECT_EQ(language_for("en", "de"), Language::english);
    EXPECT_EQ(language_for("fr", "de-AT, en;q=0.5"), Language::german);
    EXPECT_EQ(language_for("", "en;q=0.4, DE;q=0.8"), Language::german);
    EXPECT_EQ(language_for("", "de;q=0, en;q=0.1"), Language::english);
    EXPECT_EQ(language_for("", "den, fr"), Language::english);
    EXPECT_EQ(language_for("", ",;q=,de;q=x"), Language::english);
}

TEST(SiteText, IsShownInTheOtherLanguageWhereThereIsNone) {
    EXPECT_EQ((SiteText{"street", "Straße"}.in(Language::german)), "Straße");
    EXPECT_EQ((SiteText{"street", ""}.in(Language::german)), "street");
    EXPECT_EQ((SiteText{"", "Straße"}.in(Language::english)), "Straße");
}

// A module of the picture: what the path draws.
bool dark(const QrCode& code, int x, int y) {
    static const std::regex kRun{"M(\\d+) (\\d+)h(\\d+)v1h-(\\d+)z"};
    for (std::sregex_iterator i{code.path.begin(), code.path.end(), kRun}; i != std::sregex_iterator{}; ++i) {
        const int from = std::stoi((*i)[1]), row = std::stoi((*i)[2]), length = std::stoi((*i)[3]);
        if (row == y && x >= from && x < from + length) return true;
    }
    return false;
}

TEST(QrCode, HasItsThreeEyes) {
    const auto code = qr_code("https://cctv.example.org/about-this-camera");
    ASSERT_TRUE(code) << code.error().message;
    const int last = code->width - 7;
    for (const auto& [left, top] : {std::pair{0, 0}, {last, 0}, {0, last}}) {
        for (int i = 0; i < 7; ++i) EXPECT_TRUE(dark(*code, left + i, top)) << left << ' ' << top << ' ' << i;
        EXPECT_FALSE(dark(*code, left + 1, top + 1));
        EXPECT_TRUE(dark(*code, left + 3, top + 3));
    }
}

TEST(QrCode, RefusesWhatDoesNotFit) {
    EXPECT_EQ(qr_code(std::string(3000, 'a')).error().kind, ErrorKind::invalid);
    EXPECT_EQ(qr_code("").error().kind, ErrorKind::invalid);
}

class AboutPage : public World {
  protected:
    const ledger::Fields kView{
        {"who", "u-0123456789"},          {"role", "operator"},           {"camera", "door"},
        {"from", "2026-03-01T11:00:00Z"}, {"to", "2026-03-01T12:00:00Z"}, {"purpose", "audit"}};
    static ServerSettings site() {
        ServerSettings settings;
        settings.about = {.operated_by = {"Town of <Example>", "Stadt <Beispiel>"},
                          .contact = {"privacy@example.org", "privacy@example.org"},
                          .purpose = {"Safety & order", "Sicherheit & Ordnung"},
                          .legal_basis = {"Art. 6(1)(e) GDPR", ""},
                          .address = "https://cctv.example.org"};
        return settings;
    }
    json asked() { return json::parse(client().get("/api/about").body); }
};

TEST_F(AboutPage, SaysWhatIsRecordedWhyAndByWhom) {
    start(site());
    const auto page = client().get("/about-this-camera");
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(page.header("content-type"), HasSubstr("text/html"));
    EXPECT_THAT(
        page.body,
        AllOf(HasSubstr("<html lang=\"en\">"), HasSubstr("Town of &lt;Example&gt;"),
              HasSubstr("privacy@example.org"), HasSubstr("Safety &amp; order"),
              HasSubstr("Front &lt;door&gt;"), HasSubstr("Persons and faces are covered by flat shapes"),
              HasSubstr("Yard <small>(switched off)</small>"), HasSubstr("not recorded"),
              HasSubstr("recorded; voices identify people"),
              HasSubstr("passerby-verify https://cctv.example.org --key example.org/test+")));
    EXPECT_THAT(page.body, Not(HasSubstr("<Example>")));
    EXPECT_THAT(page.body, Not(HasSubstr("<script")));
    EXPECT_THAT(page.body, Not(HasSubstr("style=")));
    const auto german = client().get("/about-this-camera", "Accept-Language: de-DE,en;q=0.5\r\n");
    EXPECT_THAT(german.body, AllOf(HasSubstr("<html lang=\"de\">"), HasSubstr("Stadt &lt;Beispiel&gt;"),
                                   HasSubstr("<span lang=\"en\">Art. 6(1)(e) GDPR</span>")));
    EXPECT_THAT(client().get("/about-this-camera?language=en", "Accept-Language: de\r\n").body,
                HasSubstr("<html lang=\"en\">"));
    EXPECT_EQ(client().get("/about-this-camera?language=%").status, 400);
}

TEST_F(AboutPage, SaysWhatIsMissing) {
    start();
    EXPECT_EQ(asked()["missing"], (json{"operator", "contact", "purpose", "legal_basis"}));
    EXPECT_EQ(asked()["operator"], nullptr);
    EXPECT_THAT(client().get("/about-this-camera").body,
                HasSubstr("still has to say: operator, contact, purpose, legal_basis."));
    EXPECT_EQ(client().get("/about-this-camera/sign").status, 200);
}

TEST_F(AboutPage, CountsTheUsesThatAreOnTheRecord) {
    start(site());
    EXPECT_THAT(asked()["use"], IsEmpty());
    EXPECT_THAT(client().get("/about-this-camera").body, HasSubstr("Nobody has looked at anything so far."));
    for (int i = 0; i < 300; ++i) ASSERT_TRUE(ledger_.ledger->append("view", kView));
    const auto entry = [](int views) {
        return json{{"month", "2026-03"}, {"live", 0}, {"view", views}, {"export", 0}, {"opening", 0}};
    };
    EXPECT_THAT(asked()["use"], ElementsAre(entry(300)));
    // Asked again, nothing is counted twice, and what is new is.
    ASSERT_TRUE(ledger_.ledger->append("view", kView));
    EXPECT_THAT(asked()["use"], ElementsAre(entry(301)));
    EXPECT_THAT(client().get("/about-this-camera").body, HasSubstr("<td>301</td>"));
}

TEST_F(AboutPage, WithoutALedgerItSaysSo) {
    ledger_ = {nullptr, "it is a copy"};
    start(site());
    EXPECT_EQ(asked()["ledger_key"], nullptr);
    const auto page = client().get("/about-this-camera");
    EXPECT_THAT(page.body, HasSubstr("The ledger cannot be read at the moment."));
    EXPECT_THAT(page.body, Not(HasSubstr("it is a copy")));
}

TEST_F(AboutPage, IsNotSentAgainWhereItIsTheSame) {
    start(site());
    for (const std::string path :
         {"/about-this-camera", "/about-this-camera/sign", "/about-this-camera/style.css", "/api/about"}) {
        const auto first = client().get(path);
        ASSERT_EQ(first.status, 200) << path;
        const auto again = client().get(path, "If-None-Match: " + first.header("etag") + "\r\n");
        EXPECT_EQ(again.status, 304) << path;
        EXPECT_THAT(again.body, IsEmpty());
    }
}

TEST_F(AboutPage, TheSignLeadsToThePage) {
    start(site());
    const auto sign = client().get("/about-this-camera/sign?language=de").body;
    EXPECT_THAT(sign, AllOf(HasSubstr("aria-label=\"https://cctv.example.org/about-this-camera\""),
                            HasSubstr(qr_code("https://cctv.example.org/about-this-camera")->path),
                            HasSubstr("Videoaufzeichnung"), Not(HasSubstr("about.address"))));
}

TEST_F(AboutPage, TheSignSaysWhereItsCodeLeadsToIfNobodySaid) {
    start();
    const auto own = "http://" + client().host() + "/about-this-camera";
    const auto sign = client().get("/about-this-camera/sign").body;
    EXPECT_THAT(sign, AllOf(HasSubstr("about.address"), HasSubstr("aria-label=\"" + own + "\"")));
}

}  // namespace
}  // namespace passerby::server
