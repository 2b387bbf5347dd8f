#include "server/about_page.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "server/about_words.h"
#include "server/qr_code.h"

namespace passerby::server {

namespace {

using nlohmann::json;

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else
            out += c;
    }
    return out;
}

// Words of ours with a place "{}" in them.
std::string with(std::string_view words, std::string_view what) {
    std::string out{words};
    if (const auto at = out.find("{}"); at != std::string::npos) out.replace(at, 2, what);
    return out;
}

std::string_view subject(const AboutWords& w, std::string_view name) {
    if (name == "persons") return w.persons;
    if (name == "faces") return w.faces;
    if (name == "plates") return w.plates;
    if (name == "vehicles") return w.vehicles;
    return name == "screens" ? w.screens : name;
}

// "Persons, faces and number plates are covered by flat shapes."
std::string covered(const CameraEntry& camera, const AboutWords& w) {
    std::string out;
    for (std::size_t i = 0; i < camera.cover.size(); ++i) {
        if (i > 0) out += i + 1 == camera.cover.size() ? fmt::format(" {} ", w.and_) : ", ";
        out += subject(w, camera.cover[i]);
    }
    if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 'a' + 'A');
    return fmt::format("{} {}.", out,
                       camera.style == "vanish"  ? w.vanish
                       : camera.style == "block" ? w.block
                                                 : w.silhouette);
}

std::string scene(const CameraEntry& camera, const AboutWords& w) {
    if (camera.scene == "moving") return std::string{w.moving};
    return camera.approval == "required" ? fmt::format("{} {}", w.fixed, w.approved) : std::string{w.fixed};
}

std::string kept(const CameraEntry& camera, const AboutWords& w) {
    if (!camera.retention.age) return std::string{w.until_full};
    const auto hours = std::chrono::ceil<std::chrono::hours>(*camera.retention.age).count();
    constexpr int kDay = 24;
    if (hours < 2 * kDay) return with(w.hours, std::to_string(hours));
    return with(w.days, std::to_string((hours + kDay - 1) / kDay));
}

std::string originals(const CameraEntry& camera, const AboutWords& w) {
    if (!camera.originals) return std::string{w.originals_never};
    const auto& o = *camera.originals;
    const auto last = to_iso8601(o.until - std::chrono::days{1}).substr(0, 10);
    std::string out{w.originals_sealed};
    for (const auto& [place, what] :
         {std::pair<std::string_view, std::string>{"{needed}", std::to_string(o.keyholders.needed)},
          {"{of}", std::to_string(o.keyholders.keys.size())},
          {"{until}", last},
          {"{basis}", o.basis}})
        if (const auto at = out.find(place); at != std::string::npos) out.replace(at, place.size(), what);
    return out;
}

bool everywhere_persons(const AboutFacts& facts) {
    return std::ranges::all_of(
        facts.cameras, [](const auto& camera) { return std::ranges::count(camera->cover, "persons") > 0; });
}

// The text in `language`, marked where it is in another one, or that it is not there.
std::string said(const SiteText& text, Language language, const AboutWords& w) {
    if (text.empty()) return fmt::format("<em class=\"missing\">{}</em>", w.not_said);
    const auto other = language == Language::german ? Language::english : Language::german;
    const bool foreign = (language == Language::german ? text.german : text.english).empty();
    const auto& words = text.in(language);
    return foreign ? fmt::format("<span lang=\"{}\">{}</span>", code(other), escaped(words)) : escaped(words);
}

// The figure of the app's logo, under a camera.
constexpr std::string_view kLogo =
    R"(<svg class="logo" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8"/>)"
    R"(<g><circle cx="17.4" cy="7.3" r="3.3"/><path d="M12.6 20.7c-.3-3.7 0-6.1.9-7.8.6-1.1 1.9-1.7 3.4-1.7s2.9)"
    R"(.6 3.5 1.8c.7 1.7 1 4 .9 7.6-2.6.9-6.1 1-8.7.1z"/></g>)"
    R"(<path class="legs" d="M18.3 19.5l2 3.8 2.5 3.5M15.6 19.5l-1 4-3.2 3.2"/></svg>)";
constexpr std::string_view kCamera =
    R"(<svg class="camera" viewBox="0 0 64 48" aria-hidden="true"><path d="M6 10l40-6a4 4 0 0 1 4.5 3.4l1.5 10)"
    R"( 7-1.5 1.5 9-7 1.5.6 2.6a4 4 0 0 1-3.4 4.6l-15 2.3V41a5 5 0 0 1-5 5H6v-7h22v-4.6l-14 2.1a6 6 0 0 1-6.8)"
    R"(-5L3.4 15A4.6 4.6 0 0 1 6 10z"/><circle cx="17" cy="21" r="5"/></svg>)";

std::string head(Language language, std::string_view title, std::string_view body_class) {
    return fmt::format(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"stylesheet\" "
        "href=\"{}/style.css\">\n"
        "</head>\n<body class=\"{}\">\n",
        code(language), title, kAboutPath, body_class);
}

std::string section(std::string_view id, std::string_view title, std::string_view content) {
    return fmt::format("<section aria-labelledby=\"{0}\">\n<h2 id=\"{0}\">{1}</h2>\n{2}</section>\n", id,
                       title, content);
}

std::string cameras_section(const AboutFacts& facts, const AboutWords& w) {
    if (facts.cameras.empty()) return fmt::format("<p>{}</p>\n", w.no_cameras);
    auto out = fmt::format("<p>{}</p>\n<ul class=\"cameras\">\n", w.cameras_text);
    for (const auto& camera : facts.cameras) {
        const auto off = camera->feed ? std::string{} : fmt::format(" <small>({})</small>", w.off);
        out += fmt::format(
            "<li>\n<h3>{}{}</h3>\n<dl>\n<dt>{}</dt><dd>{} "
            "{}</dd>\n<dt>{}</dt><dd>{}</dd>\n<dt>{}</dt><dd>{}. "
            "{}</dd>\n</dl>\n</li>\n",
            escaped(camera->name), off, w.covered, covered(*camera, w), scene(*camera, w), w.sound,
            camera->audio == "kept" ? w.sound_kept : w.no_sound, w.kept, kept(*camera, w),
            escaped(originals(*camera, w)));
    }
    return out + "</ul>\n";
}

std::string who_section(const AboutFacts& facts, Language language, const AboutWords& w) {
    const auto& site = facts.site;
    auto out = fmt::format("<dl>\n<dt>{}</dt><dd>{}</dd>\n<dt>{}</dt><dd>{}</dd>\n", w.operated_by,
                           said(site.operated_by, language, w), w.contact, said(site.contact, language, w));
    if (!site.officer.empty())
        out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", w.officer, said(site.officer, language, w));
    if (!site.authority.empty())
        out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", w.authority, said(site.authority, language, w));
    return out + fmt::format("</dl>\n<p>{}</p>\n", w.asking);
}

std::string use_section(const AboutFacts& facts, const AboutWords& w) {
    if (facts.ledger_key.empty()) return fmt::format("<p>{}</p>\n", w.no_ledger);
    auto out = fmt::format("<p>{}</p>\n", w.use_text);
    const auto& months = facts.use.months();
    if (months.empty()) {
        out += fmt::format("<p><strong>{}</strong></p>\n", w.nobody_looked);
    } else {
        out += fmt::format(
            "<div class=\"wide\" role=\"region\" aria-labelledby=\"use\" "
            "tabindex=\"0\">\n<table>\n<thead><tr>"
            "<th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th><th "
            "scope=\"col\">{}</th><th scope=\"col\">{}</th></tr></thead>\n<tbody>\n",
            w.month, w.live, w.view, w.export_, w.opening);
        for (auto month = months.rbegin(); month != months.rend(); ++month) {
            out += fmt::format("<tr><th scope=\"row\">{}</th>", month->first);
            for (const auto times : month->second) out += fmt::format("<td>{}</td>", times);
            out += "</tr>\n";
        }
        out += "</tbody>\n</table>\n</div>\n";
    }
    return out + fmt::format("<p>{}</p>\n", w.on_whom);
}

std::string verify_section(const AboutFacts& facts, const AboutWords& w) {
    if (facts.ledger_key.empty()) return fmt::format("<p>{}</p>\n", w.no_ledger);
    return fmt::format(
        "<p>{}</p>\n<pre tabindex=\"0\"><code>passerby-verify {} --key {}</code></pre>\n<p><a "
        "href=\"/ledger/checkpoint\">{}</a> · <a href=\"/ledger/key\">{}</a></p>\n",
        w.verify_text, escaped(facts.address), escaped(facts.ledger_key), w.ledger_file, w.ledger_key);
}

Language other(Language language) {
    return language == Language::german ? Language::english : Language::german;
}

json to_json(const SiteText& text) {
    json out = json::object();
    for (const auto language : kLanguages)
        if (!text.empty()) out[std::string{code(language)}] = text.in(language);
    return text.empty() ? json{} : out;
}

}  // namespace

json about_json(const AboutFacts& facts) {
    auto cameras = json::array(), months = json::array();
    for (const auto& c : facts.cameras) {
        const auto& keep = c->retention;
        cameras.push_back(
            {{"id", c->id},
             {"name", c->name},
             {"recorded", c->feed != nullptr},
             {"scene", c->scene},
             {"style", c->style},
             {"cover", c->cover},
             {"approval", c->approval},
             {"audio", c->audio},
             {"originals", c->originals ? json{{"needed", c->originals->keyholders.needed},
                                               {"keyholders", c->originals->keyholders.keys.size()},
                                               {"basis", c->originals->basis},
                                               {"until", to_iso8601(c->originals->until)}}
                                        : json{}},
             {"keep_days",
              keep.age ? json(std::chrono::duration<double, std::chrono::days::period>(*keep.age).count())
                       : json{}},
             {"keep_bytes", keep.bytes ? json(*keep.bytes) : json{}}});
    }
    for (const auto& [month, counts] : facts.use.months()) {
        json entry{{"month", month}};
        for (std::size_t i = 0; i < counts.size(); ++i) entry[std::string{ledger::kUses[i]}] = counts[i];
        months.push_back(std::move(entry));
    }
    const auto& site = facts.site;
    return {{"operator", to_json(site.operated_by)},
            {"contact", to_json(site.contact)},
            {"purpose", to_json(site.purpose)},
            {"legal_basis", to_json(site.legal_basis)},
            {"officer", to_json(site.officer)},
            {"authority", to_json(site.authority)},
            {"address", site.address.empty() ? json{} : json(site.address)},
            {"missing", site.missing()},
            {"cameras", std::move(cameras)},
            {"use", std::move(months)},
            {"ledger_key", facts.ledger_key.empty() ? json{} : json(facts.ledger_key)},
            {"persons_identified", 0}};
}

std::string about_page(const AboutFacts& facts, Language language) {
    const auto& w = about_words(language);
    const auto& site = facts.site;
    auto out = head(language, w.title, "page");
    out += fmt::format(
        "<header>\n<p class=\"brand\">{}<span>passerby</span></p>\n<a class=\"language\" lang=\"{}\" "
        "hreflang=\"{}\" "
        "href=\"{}?language={}\">{}</a>\n</header>\n<main>\n",
        kLogo, code(other(language)), code(other(language)), kAboutPath, code(other(language)),
        w.other_language);
    out += fmt::format("<div class=\"lead\">\n{}\n<h1>{}</h1>\n<p>{}</p>\n<p>{}</p>\n</div>\n", kCamera,
                       w.title, everywhere_persons(facts) ? w.lead : w.lead_faces, w.lead_nobody);
    if (const auto missing = site.missing(); !missing.empty())
        out += fmt::format("<aside class=\"incomplete\"><strong>{}</strong> {}</aside>\n", w.missing_title,
                           with(w.missing_text, fmt::format("{}", fmt::join(missing, ", "))));
    out += "<div class=\"columns\">\n";
    out += section("who", w.who, who_section(facts, language, w));
    out += section("purpose", w.purpose,
                   fmt::format("<p>{}</p>\n<h3>{}</h3>\n<p>{}</p>\n", said(site.purpose, language, w),
                               w.legal_basis, said(site.legal_basis, language, w)));
    out += "</div>\n";
    out += section("cameras", w.cameras, cameras_section(facts, w));
    out += section("use", w.use, use_section(facts, w));
    out += section("verify", w.verify, verify_section(facts, w));
    out += fmt::format(
        "</main>\n<footer>\n<a href=\"{}/sign?language={}\">{}</a>\n<a href=\"/\">{}</a>\n</footer>\n"
        "</body>\n</html>\n",
        kAboutPath, code(language), w.sign, w.sign_in);
    return out;
}

Result<std::string> about_sign(const AboutFacts& facts, Language language) {
    const auto& w = about_words(language);
    const auto& site = facts.site;
    const auto address = fmt::format("{}{}", site.address.empty() ? facts.address : site.address, kAboutPath);
    const auto qr = TRY(qr_code(address));
    constexpr int kQuiet = 4;
    auto out = head(language, w.sign, "sign");
    out += fmt::format("<p class=\"hint\">{}{}{} <a lang=\"{}\" href=\"{}/sign?language={}\">{}</a></p>\n",
                       w.print_hint, site.address.empty() ? " " : "",
                       site.address.empty() ? with(w.sign_local, escaped(address)) : "",
                       code(other(language)), kAboutPath, code(other(language)), w.other_language);
    out += fmt::format(
        "<main class=\"sheet\">\n<div class=\"top\">{}<h1>{}</h1></div>\n<p class=\"promise\">{}</p>\n",
        kCamera, w.sign_heading, everywhere_persons(facts) ? w.sign_promise : w.sign_promise_faces);
    out += "<dl>\n";
    for (const auto& [name, text] : {std::pair{w.operated_by, &site.operated_by},
                                     {w.purpose, &site.purpose},
                                     {w.legal_basis, &site.legal_basis},
                                     {w.contact, &site.contact},
                                     {w.officer, &site.officer}})
        if (!text->empty() || text != &site.officer)
            out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, said(*text, language, w));
    std::vector<std::string> spans;
    for (const auto& camera : facts.cameras)
        if (auto span = kept(*camera, w); std::ranges::count(spans, span) == 0)
            spans.push_back(std::move(span));
    if (!spans.empty())
        out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", w.kept, fmt::join(spans, " / "));
    out += fmt::format(
        "</dl>\n<div class=\"code\">\n<svg viewBox=\"{0} {0} {1} {1}\" role=\"img\" "
        "aria-label=\"{2}\"><path class=\"quiet\" d=\"M{0} {0}h{1}v{1}h-{1}z\"/><path d=\"{3}\"/></svg>\n"
        "<div><p>{4}</p>\n<p class=\"address\">{2}</p>\n<p>{5}</p></div>\n</div>\n</main>\n</body>\n"
        "</html>\n",
        -kQuiet, qr.width + 2 * kQuiet, escaped(address), qr.path, w.sign_scan, w.sign_rights);
    return out;
}

}  // namespace passerby::server
