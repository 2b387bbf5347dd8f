// The public ledger, what is said of it to those who are logged in, and the proofs of exports.
#include <charconv>

#include <nlohmann/json.hpp>

#include "ledger/tiles.h"
#include "ledger/use_report.h"
#include "server/api.h"

namespace passerby::server {

namespace {

using nlohmann::json;

constexpr std::uint64_t kMostEntries = 500;
constexpr std::chrono::hours kLongestReport{24 * 366};

Result<std::uint64_t> number_in(const std::map<std::string, std::string>& query, const char* name,
                                std::uint64_t otherwise) {
    const auto found = query.find(name);
    if (found == query.end()) return otherwise;
    std::uint64_t value = 0;
    const auto& text = found->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        return fail(ErrorKind::invalid, "\"{}\" must be a whole number", name);
    return value;
}

}  // namespace

Reply Api::ledger_file(const Call& call) {
    const auto* ledger = uses_.ledger();
    if (ledger == nullptr) return error_reply(503, uses_.error());
    // The route lets only names of the ledger's files through.
    auto content = read_file(ledger->folder() / call.id);
    if (!content && content.error().kind == ErrorKind::not_found)
        return error_reply(404, "the ledger has no such file (yet)");
    if (!content) return error_reply(content.error());
    Reply reply;
    const bool changes = call.id == "checkpoint" || call.id == "cosigned" || call.id == "key";
    reply.headers.emplace_back("Content-Type",
                               changes ? "text/plain; charset=utf-8" : "application/octet-stream");
    reply.headers.emplace_back("Cache-Control", changes ? "no-cache" : "public, max-age=31536000, immutable");
    // Anyone may verify it, also a page of somebody else.
    reply.headers.emplace_back("Access-Control-Allow-Origin", "*");
    reply.body = *std::move(content);
    return reply;
}

Reply Api::ledger_state(const Call& call) {
    const auto* ledger = uses_.ledger();
    json answer{{"error", uses_.error()}, {"purpose", uses_.purpose(call.token)}};
    if (ledger != nullptr) {
        const auto verifier = ledger->verifier();
        answer["origin"] = verifier.name();
        answer["key"] = verifier.to_string();
        answer["size"] = ledger->state().size;
        answer["you"] = ledger->pseudonym(call.session->user);
    }
    return json_reply(answer);
}

Reply Api::ledger_entries(const Call& call) {
    const auto answer = [&]() -> Result<ledger::Fields> {
        const auto* ledger = uses_.ledger();
        if (ledger == nullptr) return fail(ErrorKind::unavailable, "{}", uses_.error());
        const auto query = TRY(parse_query(call.request.query));
        const auto size = ledger->state().size;
        // The newest first: those below `before`.
        const auto before = std::min(size, TRY(number_in(query, "before", size)));
        const auto count = std::min(kMostEntries, TRY(number_in(query, "count", 100)));
        ledger::TileReader reader{ledger::fetch_from_folder(ledger->folder().string()), size};
        auto entries = ledger::Fields::array();
        for (auto i = before; i > 0 && before - i < count; --i) {
            const auto text = TRY(reader.entry(i - 1));
            auto entry = TRY(ledger::parse_entry(text));
            const auto words = ledger::describe(entry);
            entry["index"] = i - 1;
            entry["words"] = words;
            entries.push_back(std::move(entry));
        }
        return ledger::Fields{{"size", size}, {"entries", std::move(entries)}};
    }();
    if (!answer) return error_reply(answer.error());
    Reply reply;
    reply.headers.emplace_back("Content-Type", "application/json");
    reply.body = answer->dump();
    return reply;
}

Reply Api::use_report(const Call& call) {
    const auto answer = [&]() -> Result<std::pair<std::string, std::string>> {
        const auto* ledger = uses_.ledger();
        if (ledger == nullptr) return fail(ErrorKind::unavailable, "{}", uses_.error());
        const auto span = TRY(time_span(call.request, kLongestReport));
        const auto query = TRY(parse_query(call.request.query));
        ledger::UseReport report{span.from, span.to};
        TRY_STATUS(ledger->each([&](std::uint64_t, const ledger::Fields& entry) { report.add(entry); }));
        const auto format = query.contains("format") ? query.at("format") : std::string{"json"};
        if (format == "json") return std::pair{report.to_json().dump(), std::string{"application/json"}};
        if (format == "csv") return std::pair{report.to_csv(), std::string{"text/csv; charset=utf-8"}};
        if (format == "text") return std::pair{report.to_text(), std::string{"text/plain; charset=utf-8"}};
        return fail(ErrorKind::invalid, "\"format\" must be json, csv or text");
    }();
    if (!answer) return error_reply(answer.error());
    Reply reply;
    reply.headers.emplace_back("Content-Type", answer->second);
    reply.body = answer->first;
    return reply;
}

Reply Api::state_purpose(const Call& call) {
    const json parsed = json::parse(call.request.body, nullptr, false);
    if (!parsed.is_object() || !parsed.contains("purpose") || !parsed["purpose"].is_string())
        return error_reply(400, "the body must be {\"purpose\": \"incident\"}");
    const auto done = uses_.state_purpose(call.token, parsed["purpose"]);
    return done ? Reply{204} : error_reply(done.error());
}

Reply Api::export_proof(const Call& call) {
    const auto answer = [&]() -> Result<std::string> {
        const auto* ledger = uses_.ledger();
        if (ledger == nullptr) return fail(ErrorKind::unavailable, "{}", uses_.error());
        std::uint64_t entry = 0;
        std::from_chars(call.id.data(), call.id.data() + call.id.size(),
                        entry);  // the route lets digits through only
        auto proof = TRY(ledger->proof_of_export(entry));
        const auto about =
            json::parse(proof, nullptr, false).value("/export/entry"_json_pointer, std::string{});
        const auto exported = TRY(ledger::parse_entry(about));
        if (!call.covers(exported.value("camera", "")))
            return fail(ErrorKind::not_found, "there is no export with the number {}", entry);
        return proof;
    }();
    if (!answer) return error_reply(answer.error());
    Reply reply;
    reply.headers.emplace_back("Content-Type", "application/json");
    // Without a name: the page gives it the clip's.
    reply.headers.emplace_back("Content-Disposition", "attachment");
    reply.body = *answer;
    return reply;
}

}  // namespace passerby::server
