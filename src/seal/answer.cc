#include "seal/answer.h"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "age/age.h"
#include "age/armor.h"

namespace passerby::seal {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr std::size_t kToken = 32;

std::string opening_lines(const Request& request) {
    return fmt::format("passerby answer 1\nrequest: {}\n\n", request.id);
}

struct Holder {
    const age::Identity* identity = nullptr;
    int number = 0;
};

Result<Holder> holder_among(const Request& request, std::span<const age::Identity> identities) {
    for (const auto& identity : identities)
        if (const int number = request.keyholders.number_of(identity.recipient())) {
            Holder found;
            found.identity = &identity;
            found.number = number;
            return found;
        }
    return fail(ErrorKind::denied, "this key is not one of the {} keyholders of this request",
                request.keyholders.keys.size());
}

Result<Answer> answer_of(const Request& request, const Holder& holder) {
    Answer answer;
    answer.request = request.id;
    answer.keyholder = holder.number;
    answer.token = TRY(age::decrypt(std::span{holder.identity, 1},
                                    request.tokens[static_cast<std::size_t>(holder.number) - 1]));
    if (answer.token.size() != kToken) return fail(ErrorKind::corrupt, "the request's token is none");
    return answer;
}

Result<std::string> share_text(const Request& request, const RequestPart& part, const Holder& holder) {
    auto text = TRY(age::decrypt(std::span{holder.identity, 1},
                                 part.shares[static_cast<std::size_t>(holder.number) - 1]));
    const auto share = TRY(ShareText::parse(text));
    if (share.span != part.span || share.index != holder.number)
        return fail(ErrorKind::denied,
                    "the request says that part {} is {} from {} to {}, and its share is for {} from {} to "
                    "{}: it would open something else, so nothing was approved",
                    part.number, part.span.camera, to_iso8601(part.span.from), to_iso8601(part.span.to),
                    share.span.camera, to_iso8601(share.span.from), to_iso8601(share.span.to));
    if (part.span.to <= request.span.from || part.span.from >= request.span.to)
        return fail(ErrorKind::denied, "part {} is outside of the time that is asked for", part.number);
    return text;
}

Result<std::string> key_text(const RequestPart& part, const Holder& holder) {
    const auto header = TRY(age::Header::parse(part.header));
    for (const auto& stanza : header.stanzas)
        if (auto key = TRY(age::unwrap(*holder.identity, stanza))) {
            if (!header.fits(*key)) return fail(ErrorKind::corrupt, "part {} was changed", part.number);
            return KeyText{part.sha256, std::move(*key)}.to_text();
        }
    return fail(ErrorKind::denied, "part {} is not sealed to this key", part.number);
}

}  // namespace

std::string Answer::to_json() const {
    Json json{{"passerby-answer", kVersion},
              {"request", request},
              {"keyholder", keyholder},
              {"answer", approved ? "approve" : "refuse"},
              {"token", token}};
    if (approved) json["shares"] = shares;
    return json.dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
}

Result<Answer> Answer::parse(std::string_view text) {
    const auto wrong = [](std::string_view what) {
        return fail(ErrorKind::corrupt, "this is no answer of a keyholder: its '{}' is not as it must be",
                    what);
    };
    if (text.size() > kLongestFile) return wrong("length");
    const auto json = Json::parse(text, nullptr, false);
    if (!json.is_object() || json.value("passerby-answer", Json{}) != kVersion)
        return wrong("passerby-answer");
    const auto string = [&json](const char* name) -> std::optional<std::string> {
        const auto it = json.find(name);
        if (it == json.end() || !it->is_string()) return std::nullopt;
        return it->get<std::string>();
    };
    const auto request = string("request"), said = string("answer"), token = string("token"),
               shares = string("shares");
    if (!request || request->size() != 32) return wrong("request");
    if (!said || (*said != "approve" && *said != "refuse")) return wrong("answer");
    if (!token || token->size() != kToken) return wrong("token");
    const auto number = json.find("keyholder");
    if (number == json.end() || !number->is_number_unsigned() || *number < 1 || *number > Keyholders::kMost)
        return wrong("keyholder");
    const bool approved = *said == "approve";
    if (approved && (!shares || !age::is_armored(*shares))) return wrong("shares");
    Answer answer{*request, number->get<int>(), approved, *token, approved ? *shares : std::string{}};
    return answer;
}

Result<Answer> approve(const Request& request, std::span<const age::Identity> identities) {
    const auto holder = TRY(holder_among(request, identities));
    auto answer = TRY(answer_of(request, holder));
    auto text = opening_lines(request);
    for (const auto& part : request.parts)
        text +=
            TRY(request.keyholders.needed == 1 ? key_text(part, holder) : share_text(request, part, holder));
    const auto requester = TRY(age::Recipient::parse(request.key));
    answer.shares = age::armored(age::encrypt(std::array{requester}, text));
    answer.approved = true;
    crypto::wipe(std::as_writable_bytes(std::span{text}));
    return answer;
}

Result<Answer> refuse(const Request& request, std::span<const age::Identity> identities) {
    const auto holder = TRY(holder_among(request, identities));
    return answer_of(request, holder);
}

Result<std::vector<std::string>> shares_in(const Answer& answer, const Request& request,
                                           std::span<const age::Identity> identities) {
    const auto plain = TRY(age::decrypt(identities, answer.shares));
    const auto opening = opening_lines(request);
    if (!plain.starts_with(opening))
        return fail(ErrorKind::denied, "the answer of keyholder {} is to another request", answer.keyholder);
    const std::string begin = request.keyholders.needed == 1 ? "passerby key 1\n" : "passerby share 1\n";
    std::vector<std::string> shares;
    for (std::size_t at = opening.size(); at < plain.size();) {
        const auto end = std::min(plain.find(begin, at + 1), plain.size());
        shares.push_back(plain.substr(at, end - at));
        at = end;
    }
    if (shares.size() != request.parts.size())
        return fail(ErrorKind::denied,
                    "the answer of keyholder {} has {} shares, and {} parts were asked for", answer.keyholder,
                    shares.size(), request.parts.size());
    return shares;
}

}  // namespace passerby::seal
