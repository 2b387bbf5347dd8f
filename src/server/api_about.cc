// What everybody may know of the cameras, whether or not they have an account.
#include <nlohmann/json.hpp>

#include "ledger/tiles.h"
#include "server/about_page.h"
#include "server/api.h"

namespace passerby::server {

namespace {

// As who reads it has it, unless the config says better.
std::string address_of(const About& site, const Request& request) {
    return site.address.empty() ? (request.secure ? "https://" : "http://") + request.host : site.address;
}

Reply page(const Request& request, std::string text, std::string_view type) {
    auto reply = StaticFile{std::move(text), type, StaticFile::Caching::revalidate}.answer(request);
    reply.headers.emplace_back("Vary", "Accept-Language");
    return reply;
}

Result<Language> language_of(const Request& request) {
    const auto query = TRY(parse_query(request.query));
    const auto asked = query.contains("language") ? query.at("language") : std::string{};
    return language_for(asked, request.accept_language.value_or(""));
}

constexpr std::string_view kHtml = "text/html; charset=utf-8";

}  // namespace

// Read once, and from then on only what was added: everybody may ask, as often as they like.
Status Api::count_uses() {
    const auto* ledger = uses_.ledger();
    if (ledger == nullptr) return fail(ErrorKind::unavailable, "{}", uses_.error());
    const auto size = ledger->state().size;
    ledger::TileReader reader{ledger::fetch_from_folder(ledger->folder().string()), size};
    while (uses_counted_ < size) {
        const auto tile = uses_counted_ / ledger::kTileWidth;
        const auto entries = TRY(reader.bundle(tile));
        for (auto i = uses_counted_ % ledger::kTileWidth; i < entries.size(); ++i, ++uses_counted_)
            monthly_use_.add(TRY(ledger::parse_entry(entries[i])));
    }
    return {};
}

AboutFacts Api::about_facts(const Request& request) {
    AboutFacts facts{world_.about, world_.cameras->all(), {}, {}, address_of(world_.about, request)};
    const std::lock_guard lock{use_mutex_};
    if (const auto counted = count_uses()) {
        facts.ledger_key = uses_.ledger()->verifier().to_string();
        facts.use = monthly_use_;
    }
    return facts;
}

Reply Api::about_site(const Call& call) {
    auto reply = page(call.request, to_text(about_json(about_facts(call.request))), "application/json");
    // As the ledger: for pages of others, too.
    reply.headers.emplace_back("Access-Control-Allow-Origin", "*");
    return reply;
}

Reply Api::about_page(const Call& call) {
    const auto language = language_of(call.request);
    if (!language) return error_reply(language.error());
    return page(call.request, server::about_page(about_facts(call.request), *language), kHtml);
}

Reply Api::about_sign(const Call& call) {
    const auto answer = [&]() -> Result<std::string> {
        return server::about_sign(about_facts(call.request), TRY(language_of(call.request)));
    }();
    return answer ? page(call.request, *answer, kHtml) : error_reply(answer.error());
}

Reply Api::about_style(const Call& call) {
    return page(call.request, std::string{kAboutStyle}, "text/css; charset=utf-8");
}

}  // namespace passerby::server
