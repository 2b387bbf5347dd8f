#include "ledger/proof.h"

#include <algorithm>

#include "crypto/base64.h"
#include "ledger/manifest.h"

namespace passerby::ledger {

namespace {

constexpr int kVersion = 1;
constexpr std::size_t kMostBytes = std::size_t{16} << 20, kMostHashes = 64, kMostParts = 10'000;

Fields to_json(const Hashes& hashes) {
    auto list = Fields::array();
    for (const auto& h : hashes)
        list.push_back(crypto::to_base64({reinterpret_cast<const char*>(h.data()), h.size()}));
    return list;
}

Fields to_json(const ProvenEntry& e) {
    return {{"index", e.index}, {"entry", e.text}, {"inclusion", to_json(e.inclusion)}};
}

auto malformed(std::string_view what) {
    return fail(ErrorKind::corrupt, "this is no proof of a clip: {}", what);
}

// Reading, with every access checked: a missing field is an error, never an exception.
Result<std::string> text_in(const Fields& json, const char* name) {
    const auto found = json.is_object() ? json.find(name) : json.end();
    if (!json.is_object() || found == json.end() || !found->is_string())
        return malformed(fmt::format("\"{}\" is missing or no text", name));
    return found->get<std::string>();
}

Result<std::uint64_t> number_in(const Fields& json, const char* name) {
    const auto found = json.is_object() ? json.find(name) : json.end();
    if (!json.is_object() || found == json.end() || !found->is_number_unsigned())
        return malformed(fmt::format("\"{}\" is missing or no number", name));
    return found->get<std::uint64_t>();
}

Result<const Fields*> list_in(const Fields& json, const char* name, std::size_t most) {
    const auto found = json.is_object() ? json.find(name) : json.end();
    if (!json.is_object() || found == json.end() || !found->is_array() || found->size() > most)
        return malformed(fmt::format("\"{}\" is missing, no list, or too long", name));
    return &*found;
}

Result<Hashes> hashes_in(const Fields& json, const char* name) {
    Hashes hashes;
    for (const auto& item : *TRY(list_in(json, name, kMostHashes))) {
        const auto bytes = item.is_string() ? crypto::from_base64(item.get_ref<const std::string&>())
                                            : Result<std::string>{std::string{}};
        Hash hash;
        if (!bytes || bytes->size() != hash.size())
            return malformed(fmt::format("\"{}\" holds no hashes", name));
        std::ranges::transform(*bytes, hash.begin(), [](char c) { return static_cast<std::byte>(c); });
        hashes.push_back(hash);
    }
    return hashes;
}

Result<ProvenEntry> entry_in(const Fields& json) {
    ProvenEntry entry;
    entry.index = TRY(number_in(json, "index"));
    entry.text = TRY(text_in(json, "entry"));
    entry.inclusion = TRY(hashes_in(json, "inclusion"));
    return entry;
}

Result<ProvenManifest> manifest_in(const Fields& json) {
    ProvenManifest manifest;
    manifest.manifest = TRY(text_in(json, "manifest"));
    manifest.batch = TRY(number_in(json, "batch"));
    manifest.index = TRY(number_in(json, "index"));
    manifest.inclusion = TRY(hashes_in(json, "inclusion"));
    return manifest;
}

Result<Fields> verified(const ProvenEntry& entry, const Checkpoint& checkpoint, std::string_view kind) {
    TRY_STATUS(verify_inclusion(leaf_hash(entry.text), entry.index, checkpoint.size, checkpoint.root,
                                entry.inclusion));
    auto fields = TRY(parse_entry(entry.text));
    if (fields["kind"] != kind)
        return malformed(fmt::format("entry {} is not of kind \"{}\"", entry.index, kind));
    return fields;
}

// The manifest belongs to the clip: its camera, and a time that the clip has.
bool belongs(const Fields& manifest, const Fields& exported) {
    const auto time = [](const Fields& json, const char* name) {
        const auto text = text_in(json, name);
        return text ? wall_time_from_iso8601(*text) : Result<WallTime>{tl::unexpected{text.error()}};
    };
    const auto from = time(manifest, "from"), to = time(manifest, "to");
    const auto clip_from = time(exported, "from"), clip_to = time(exported, "to");
    return from && to && clip_from && clip_to && manifest.value("camera", Fields{}) == exported["camera"] &&
           *from<*clip_to&& * to> * clip_from;
}

}  // namespace

std::string ClipProof::to_text() const {
    Fields json{{"passerby_proof", kVersion}, {"key", key},
                {"checkpoint", checkpoint},   {"export", to_json(exported)},
                {"batches", Fields::array()}, {"manifests", Fields::array()},
                {"policies", policies}};
    for (const auto& b : batches) json["batches"].push_back(to_json(b));
    for (const auto& m : manifests)
        json["manifests"].push_back({{"manifest", m.manifest},
                                     {"batch", m.batch},
                                     {"index", m.index},
                                     {"inclusion", to_json(m.inclusion)}});
    return json.dump(1) + '\n';
}

Result<ClipProof> ClipProof::parse(std::string_view text) {
    if (text.size() > kMostBytes) return malformed("it is too long");
    const auto json = Fields::parse(text, nullptr, false);
    if (!json.is_object() || json.value("passerby_proof", Fields{}) != kVersion)
        return malformed("it is no JSON object with \"passerby_proof\": 1");
    ClipProof proof;
    proof.key = TRY(text_in(json, "key"));
    proof.checkpoint = TRY(text_in(json, "checkpoint"));
    if (!json.contains("export")) return malformed("\"export\" is missing");
    proof.exported = TRY(entry_in(json["export"]));
    for (const auto& item : *TRY(list_in(json, "batches", kMostParts)))
        proof.batches.push_back(TRY(entry_in(item)));
    for (const auto& item : *TRY(list_in(json, "manifests", kMostParts)))
        proof.manifests.push_back(TRY(manifest_in(item)));
    for (const auto& item : *TRY(list_in(json, "policies", kMostParts))) {
        if (!item.is_string()) return malformed("\"policies\" holds something that is no text");
        proof.policies.push_back(item.get<std::string>());
    }
    return proof;
}

Result<ProvenClip> verify_clip(const ClipProof& proof, const std::string& sha256_of_file,
                               const Verifier& verifier) {
    const auto note = TRY(Note::parse(proof.checkpoint));
    TRY_STATUS(note.verify(verifier));
    ProvenClip out;
    out.checkpoint = TRY(Checkpoint::parse(note.text));
    if (out.checkpoint.origin != verifier.name())
        return fail(ErrorKind::corrupt, "the checkpoint is of another ledger: '{}'", out.checkpoint.origin);
    out.exported = TRY(verified(proof.exported, out.checkpoint, "export"));
    if (out.exported["file"] != sha256_of_file)
        return fail(ErrorKind::corrupt,
                    "the file is not the one that was exported: its SHA-256 is {}, and {} was put on "
                    "the record",
                    sha256_of_file, out.exported["file"].get<std::string>());

    std::vector<Fields> batches;
    for (const auto& b : proof.batches) batches.push_back(TRY(verified(b, out.checkpoint, "segments")));
    for (const auto& text : proof.policies) {
        auto policy = Fields::parse(text, nullptr, false);
        if (!policy.is_object()) return malformed("a policy is no JSON object");
        policy["sha256"] = crypto::sha256_hex(text);
        out.policies.push_back(std::move(policy));
    }
    for (const auto& m : proof.manifests) {
        if (m.batch >= batches.size()) return malformed("a manifest names a batch that is not there");
        const auto& batch = batches[m.batch];
        const auto root_hex = batch["root"].get<std::string>();
        Hash root;
        for (std::size_t i = 0; i < root.size(); ++i)
            root[i] = static_cast<std::byte>(std::stoi(root_hex.substr(2 * i, 2), nullptr, 16));
        TRY_STATUS(verify_inclusion(leaf_hash(m.manifest), m.index, batch["count"].get<std::uint64_t>(), root,
                                    m.inclusion));
        auto manifest = TRY(parse_manifest(m.manifest));
        if (!belongs(manifest, out.exported))
            return fail(ErrorKind::corrupt, "a manifest is of another camera or time than the clip");
        const auto policy = manifest.value("policy", std::string{});
        if (!policy.empty() &&
            std::ranges::none_of(out.policies, [&](const Fields& p) { return p["sha256"] == policy; }))
            return malformed("the policy of a manifest is missing");
        out.manifests.push_back(std::move(manifest));
    }
    const auto segments = out.exported["segments"].get<std::uint64_t>();
    if (out.manifests.size() > segments) return malformed("it has more manifests than the clip has segments");
    out.unfinished = segments - out.manifests.size();
    return out;
}

}  // namespace passerby::ledger
