#include "seal/request.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "crypto/base64.h"
#include "crypto/digest.h"

namespace passerby::seal {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr std::int64_t kLargest = std::int64_t{1} << 53;  // that every JSON reader has

Json files(const std::vector<std::string>& all) {
    auto json = Json::array();
    for (const auto& file : all) json.push_back(crypto::to_base64(file));
    return json;
}

tl::unexpected<Error> wrong(std::string_view field) {
    return fail(ErrorKind::corrupt, "this is no request to open an original: its '{}' is not as it must be",
                field);
}

// Reads the fields of one object; the first that is wrong is remembered.
class Reader {
  public:
    explicit Reader(const Json& json) : json_{json} {}

    std::string text(const char* name, std::size_t most = Request::kLongestText) {
        const auto it = json_.find(name);
        if (it == json_.end() || !it->is_string() || it->get_ref<const std::string&>().size() > most)
            return spoil(name);
        return it->get<std::string>();
    }
    WallTime time(const char* name) {
        const auto parsed = wall_time_from_iso8601(text(name));
        if (!parsed) spoil(name);
        return parsed.value_or(WallTime{});
    }
    std::int64_t number(const char* name) {
        const auto it = json_.find(name);
        if (it == json_.end() || !it->is_number_integer()) return spoil(name), 0;
        const auto value = it->get<std::int64_t>();
        if (value < 0 || value > kLargest) return spoil(name), 0;
        return value;
    }
    std::string file(const char* name) { return decoded(text(name, Request::kLongestFile), name); }
    std::vector<std::string> files(const char* name) {
        std::vector<std::string> all;
        for (const auto& item : list(name))
            all.push_back(item.is_string() ? decoded(item.get<std::string>(), name) : spoil(name));
        return all;
    }
    const Json& list(const char* name) {
        static const Json kNone = Json::array();
        const auto it = json_.find(name);
        if (it != json_.end() && it->is_array()) return *it;
        spoil(name);
        return kNone;
    }
    std::string spoil(const char* name) {
        if (wrong_.empty()) wrong_ = name;
        return {};
    }
    Status status() const {
        if (!wrong_.empty()) return wrong(wrong_);
        return {};
    }

  private:
    std::string decoded(const std::string& base64, const char* name) {
        auto bytes = crypto::from_base64(base64);
        return bytes ? *std::move(bytes) : spoil(name);
    }

    const Json& json_;
    std::string wrong_;
};

Result<RequestPart> part_of(const Json& json, const std::string& camera, bool one_is_enough) {
    if (!json.is_object()) return wrong("parts");
    Reader reader{json};
    RequestPart part;
    part.number = reader.number("number");
    part.span = {camera, reader.time("from"), reader.time("to")};
    part.sha256 = reader.text("sha256", 64);
    if (one_is_enough)
        part.header = reader.file("header");
    else
        part.shares = reader.files("shares");
    TRY_STATUS(reader.status());
    return part;
}

bool is_hex(std::string_view text, std::size_t size) {
    return text.size() == size && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::string Request::to_json() const {
    auto keys = Json::array();
    for (const auto& k : keyholders.keys) keys.push_back(k.to_string());
    auto all = Json::array();
    for (const auto& p : parts) {
        Json part{{"number", p.number},
                  {"from", to_iso8601(p.span.from)},
                  {"to", to_iso8601(p.span.to)},
                  {"sha256", p.sha256}};
        if (keyholders.needed == 1)
            part["header"] = crypto::to_base64(p.header);
        else
            part["shares"] = files(p.shares);
        all.push_back(std::move(part));
    }
    const Json json{{"passerby-request", kVersion},
                    {"id", id},
                    {"recorder", recorder},
                    {"camera", span.camera},
                    {"from", to_iso8601(span.from)},
                    {"to", to_iso8601(span.to)},
                    {"purpose", purpose},
                    {"reason", reason},
                    {"case", case_number},
                    {"by", by},
                    {"made", to_iso8601(made)},
                    {"expires", to_iso8601(expires)},
                    {"key", key},
                    {"needed", keyholders.needed},
                    {"keyholders", keys},
                    {"tokens", files(tokens)},
                    {"parts", all}};
    return json.dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
}

Result<Request> Request::parse(std::string_view text) {
    if (text.size() > kLongestFile)
        return fail(ErrorKind::corrupt, "a request of {} bytes is longer than any", text.size());
    const auto json = Json::parse(text, nullptr, false);
    if (!json.is_object() || json.value("passerby-request", Json{}) != kVersion)
        return wrong("passerby-request");
    Reader reader{json};
    Request r;
    r.id = reader.text("id");
    r.recorder = reader.text("recorder");
    r.span = {reader.text("camera", 32), reader.time("from"), reader.time("to")};
    r.purpose = reader.text("purpose");
    r.reason = reader.text("reason");
    r.case_number = reader.text("case");
    r.by = reader.text("by");
    r.made = reader.time("made");
    r.expires = reader.time("expires");
    r.key = reader.text("key");
    r.keyholders.needed = static_cast<int>(std::min<std::int64_t>(reader.number("needed"), 1000));
    for (const auto& key : reader.list("keyholders"))
        r.keyholders.keys.push_back(
            TRY(age::Recipient::parse(key.is_string() ? key.get<std::string>() : "")));
    r.tokens = reader.files("tokens");
    TRY_STATUS(reader.status());
    TRY_STATUS(r.keyholders.validate());
    TRY(age::Recipient::parse(r.key));
    for (const auto& part : reader.list("parts"))
        r.parts.push_back(TRY(part_of(part, r.span.camera, r.keyholders.needed == 1)));
    TRY_STATUS(reader.status());
    if (!is_hex(r.id, 32)) return wrong("id");
    const auto count = r.keyholders.keys.size();
    if (r.tokens.size() != count) return wrong("tokens");
    if (r.parts.empty() || r.parts.size() > kMostParts) return wrong("parts");
    for (const auto& p : r.parts)
        if (!is_hex(p.sha256, 64) || (r.keyholders.needed > 1 && p.shares.size() != count))
            return wrong("parts");
    return r;
}

std::string random_id() {
    return crypto::to_hex(crypto::Bytes16::random().text());
}

}  // namespace passerby::seal
