// Opening what cameras sent: a request, its keyholders' answers, and the handing out of shares and sealed
// parts. Nothing is decrypted here, and nothing could be. doc/format/sealed.md.
#include <algorithm>
#include <array>
#include <charconv>

#include <nlohmann/json.hpp>

#include "age/age.h"
#include "crypto/digest.h"
#include "seal/answer.h"
#include "seal/sealed_file.h"
#include "server/api.h"
#include "server/json_body.h"
#include "store/paths.h"

namespace passerby::server {

namespace {

using nlohmann::json;
using State = store::Opening::State;

constexpr int kListed = 100;
constexpr std::size_t kLongestHeader = std::size_t{64} << 10;  // of as many keyholders as there may be
constexpr std::array<std::string_view, 5> kPurposes{"incident", "request", "maintenance", "training",
                                                    "audit"};

// All to the same keyholders: one request asks one group of people.
Result<seal::Keyholders> keyholders_of(const std::vector<store::SealedFile>& files) {
    for (const auto& f : files)
        if (f.keyholders != files.front().keyholders)
            return fail(
                ErrorKind::invalid,
                "from {} on it is sealed to other keyholders; request the times before and after apart",
                to_iso8601(f.start));
    return seal::Keyholders::parse(files.front().keyholders);
}

Result<seal::RequestPart> part_of(const store::Sealed& sealed, const store::SealedFile& file,
                                  const seal::Keyholders& keyholders) {
    const auto begin = TRY(sealed.read_begin(file, kLongestHeader));
    auto outside = TRY(seal::look_at(begin, keyholders));
    seal::RequestPart part{
        file.id, {file.camera, file.start, file.end}, crypto::to_hex(file.sha256), outside.shares, {}};
    if (keyholders.needed == 1) part.header = begin.substr(0, outside.header.size);
    return part;
}

// Whom a key belongs to is nobody's business; that the same one answered is everybody's.
std::string pseudonym_of(const age::Recipient& keyholder) {
    return "k-" + crypto::sha256_hex(keyholder.to_string()).substr(0, 10);
}

Reply not_now(const store::Opening& o, State state) {
    switch (state) {
        case State::expired:
            return error_reply(410,
                               fmt::format("the request expired {}; make a new one", to_iso8601(o.expires)));
        case State::refused:
            return error_reply(409, "so many keyholders refused that the others are too few");
        default:
            return error_reply(
                409, fmt::format("{} keyholders must approve, and {} did", o.needed, o.approvals()));
    }
}

}  // namespace

json Api::opening_json(const store::Opening& o) const {
    auto answers = json::array();
    for (const auto& a : o.answers)
        answers.push_back({{"keyholder", a.keyholder},
                           {"answer", a.approved ? "approve" : "refuse"},
                           {"at", to_iso8601(a.at)}});
    return {{"id", o.id},
            {"camera", o.camera},
            {"from", to_iso8601(o.start)},
            {"to", to_iso8601(o.end)},
            {"by", o.user},
            {"made", to_iso8601(o.made)},
            {"expires", to_iso8601(o.expires)},
            {"state", store::name(o.state(world_.clock.wall()))},
            {"needed", o.needed},
            {"keyholders", o.tokens.size()},
            {"answers", std::move(answers)},
            {"opened", o.opened ? json(to_iso8601(*o.opened)) : json{}}};
}

Result<store::Opening> Api::find_opening(const Call& call) const {
    auto found = TRY(openings_.with_id(call.id));
    if (!call.covers(found.camera)) return fail(ErrorKind::not_found, "there is no request {}", call.id);
    return found;
}

Reply Api::openings(const Call& call) {
    const auto found = openings_.all(kListed);
    if (!found) return error_reply(found.error());
    auto all = json::array();
    for (const auto& o : *found)
        if (call.covers(o.camera)) all.push_back(opening_json(o));
    return json_reply(all);
}

Result<store::Opening> Api::new_opening(const Call& call) const {
    const json body = json::parse(call.request.body, nullptr, false);
    seal::Request r;
    r.span.camera = TRY(text_in(body, "camera", 1, 32));
    r.span.from = TRY(time_in(body, "from"));
    r.span.to = TRY(time_in(body, "to"));
    r.purpose = TRY(text_in(body, "purpose", 1, 20));
    r.reason = TRY(text_in(body, "reason", 1, seal::Request::kLongestText));
    r.case_number = TRY(text_in(body, "case", 0, 100));
    r.key = TRY(text_in(body, "key", 1, 100));
    if (std::ranges::find(kPurposes, r.purpose) == kPurposes.end())
        return fail(ErrorKind::invalid, "\"purpose\" must be one of {}", fmt::join(kPurposes, ", "));
    if (!store::is_camera_id(r.span.camera) || !call.covers(r.span.camera))
        return fail(ErrorKind::not_found, "there is no camera \"{}\"", printable(r.span.camera));
    if (r.span.to <= r.span.from) return fail(ErrorKind::invalid, "\"to\" must be later than \"from\"");
    TRY(age::Recipient::parse(r.key));

    constexpr auto kMost = static_cast<int>(seal::Request::kMostParts);
    const auto files = TRY(sealed_.of(r.span.camera, r.span.from, r.span.to, kMost + 1));
    if (files.empty())
        return fail(ErrorKind::not_found, "nothing is sealed of \"{}\" between {} and {}", r.span.camera,
                    to_iso8601(r.span.from), to_iso8601(r.span.to));
    if (static_cast<int>(files.size()) > kMost)
        return fail(ErrorKind::invalid,
                    "that is more than {} parts; request a shorter time, two hours at most", kMost);
    r.keyholders = TRY(keyholders_of(files));
    for (const auto& file : files) r.parts.push_back(TRY(part_of(sealed_, file, r.keyholders)));

    r.id = seal::random_id();
    r.recorder = uses_.ledger() ? uses_.ledger()->verifier().name() : "";
    r.by = call.session->user;
    r.made = world_.clock.wall();
    r.expires = r.made + seal::Request::kExpiry;
    store::Opening opening;
    for (const auto& key : r.keyholders.keys) {
        const auto token = seal::random_id();
        r.tokens.push_back(age::encrypt(std::array{key}, token));
        opening.tokens.push_back(crypto::sha256_hex(token));
    }
    opening.id = r.id, opening.camera = r.span.camera, opening.user = r.by;
    opening.start = r.span.from, opening.end = r.span.to;
    opening.made = r.made, opening.expires = r.expires;
    opening.needed = r.keyholders.needed;
    opening.request = r.to_json();
    if (opening.request.size() > seal::Request::kLongestFile)
        return fail(ErrorKind::invalid, "the request would be too long; request a shorter time");
    return opening;
}

Reply Api::request_opening(const Call& call) {
    const auto answer = [&]() -> Result<json> {
        const auto opening = TRY(new_opening(call));
        const std::lock_guard lock{openings_mutex_};
        const auto now = world_.clock.wall();
        const auto all = TRY(openings_.all(kListed));
        const auto open = std::ranges::count_if(all, [now](const store::Opening& o) {
            const auto state = o.state(now);
            return state == State::waiting || state == State::approved;
        });
        if (open >= store::Openings::kMostOpen)
            return fail(ErrorKind::denied, "{} requests wait for an answer already", open);
        const json body = json::parse(call.request.body, nullptr, false);
        TRY(uses_.act(call.actor(), "request",
                      {{"request", opening.id},
                       {"camera", opening.camera},
                       {"from", to_iso8601(opening.start)},
                       {"to", to_iso8601(opening.end)},
                       {"purpose", body["purpose"].get<std::string>()},
                       {"file", crypto::sha256_hex(opening.request)}}));
        TRY_STATUS(openings_.add(opening));
        return opening_json(opening);
    }();
    return answer ? json_reply(*answer, 201) : error_reply(answer.error());
}

Reply Api::opening(const Call& call) {
    const auto found = find_opening(call);
    return found ? json_reply(opening_json(*found)) : error_reply(found.error());
}

Reply Api::opening_request(const Call& call) {
    auto found = find_opening(call);
    if (!found) return error_reply(found.error());
    Reply reply;
    reply.headers.emplace_back("Content-Type", "application/json");
    reply.headers.emplace_back("Content-Disposition",
                               fmt::format("attachment; filename=\"request-{}.json\"", call.id.substr(0, 8)));
    reply.body = std::move(found->request);
    return reply;
}

Reply Api::answer_opening(const Call& call) {
    const auto given = seal::Answer::parse(call.request.body);
    if (!given) return error_reply(400, given.error().message);
    const std::lock_guard lock{openings_mutex_};
    const auto found = openings_.with_id(call.id);
    if (!found) return error_reply(found.error());
    const auto index = static_cast<std::size_t>(given->keyholder) - 1;
    if (given->request != call.id || index >= found->tokens.size() ||
        crypto::sha256_hex(given->token) != found->tokens[index])
        return error_reply(403, "this is not the answer of a keyholder to this request");
    const auto now = world_.clock.wall();
    const auto state = found->state(now);
    if (state == State::expired || state == State::refused) return not_now(*found, state);
    if (std::ranges::count(found->answers, given->keyholder, &store::Opening::Answer::keyholder) > 0)
        return error_reply(409, fmt::format("keyholder {} has answered already, and the first answer counts",
                                            given->keyholder));
    const auto done = [&]() -> Result<json> {
        const auto request = TRY(seal::Request::parse(found->request));
        TRY(uses_.note("answer", {{"request", call.id},
                                  {"keyholder", pseudonym_of(request.keyholders.keys[index])},
                                  {"answer", given->approved ? "approve" : "refuse"}}));
        TRY_STATUS(openings_.answer(call.id, {given->keyholder, given->approved, now, given->shares}));
        const auto after = TRY(openings_.with_id(call.id));
        return json{{"state", store::name(after.state(now))},
                    {"needed", after.needed},
                    {"approvals", after.approvals()}};
    }();
    return done ? json_reply(*done) : error_reply(done.error());
}

Reply Api::open_originals(const Call& call) {
    const std::lock_guard lock{openings_mutex_};
    const auto found = find_opening(call);
    if (!found) return error_reply(found.error());
    if (found->user != call.session->user) return error_reply(403, "only who made the request can open it");
    const auto now = world_.clock.wall();
    const auto state = found->state(now);
    if (state != State::approved && state != State::opened) return not_now(*found, state);
    const auto done = [&]() -> Result<json> {
        const auto request = TRY(seal::Request::parse(found->request));
        TRY(uses_.act(call.actor(), "opening",
                      {{"request", call.id},
                       {"camera", found->camera},
                       {"from", to_iso8601(found->start)},
                       {"to", to_iso8601(found->end)},
                       {"segments", request.parts.size()}}));
        TRY_STATUS(openings_.set_opened(call.id, now));
        auto answers = json::array();
        for (const auto& a : found->answers)
            if (a.approved) answers.push_back({{"keyholder", a.keyholder}, {"shares", a.shares}});
        return json{{"answers", std::move(answers)}};
    }();
    return done ? json_reply(*done) : error_reply(done.error());
}

Reply Api::opening_part(const Call& call) {
    const auto found = find_opening(call);
    if (!found) return error_reply(found.error());
    const auto state = found->state(world_.clock.wall());
    if (found->user != call.session->user) return error_reply(403, "only who made the request can open it");
    if (state != State::opened)
        return state == State::approved ? error_reply(409, "open the request first") : not_now(*found, state);
    auto part = [&]() -> Result<std::string> {
        const auto query = TRY(parse_query(call.request.query));
        const auto text = query.find("number");
        std::int64_t number = 0;
        const auto* end = text == query.end() ? nullptr : text->second.data() + text->second.size();
        if (end == nullptr || std::from_chars(text->second.data(), end, number).ptr != end)
            return fail(ErrorKind::invalid, "\"number\" must be that of a part of the request");
        const auto file = TRY(sealed_.with_id(number));
        if (file.camera != found->camera || file.start >= found->end || file.end <= found->start)
            return fail(ErrorKind::not_found, "part {} is not of this request", number);
        return sealed_.read(file);
    }();
    if (!part) return error_reply(part.error());
    Reply reply;
    reply.headers.emplace_back("Content-Type", "application/octet-stream");
    reply.body = *std::move(part);
    return reply;
}

}  // namespace passerby::server
