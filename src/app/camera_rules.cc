#include "app/camera_rules.h"

#include "base/file.h"
#include "crypto/digest.h"

namespace passerby::app {

namespace {

// Where masks lie is nobody's business but theirs who are covered by them; that they changed is everybody's.
std::string fingerprint(const std::vector<redact::Polygon>& masks) {
    std::string text;
    for (const auto& polygon : masks) {
        for (const auto& p : polygon) text += fmt::format("{:.6f},{:.6f} ", p.x, p.y);
        text += '\n';
    }
    return masks.empty() ? std::string{} : crypto::sha256_hex(text);
}

ledger::Fields originals_of(const CameraConfig& camera, const std::optional<seal::Keyholders>& keyholders) {
    if (!camera.originals || !keyholders) return "never written";
    return {{"sealed_to", keyholders->fingerprint()},
            {"needed", static_cast<std::uint64_t>(keyholders->needed)},
            {"keys", keyholders->keys.size()},
            {"basis", camera.originals->basis},
            {"until", to_iso8601(camera.originals->until)}};
}

}  // namespace

Result<std::map<std::string, std::string>> model_hashes(const std::string& models_folder,
                                                        const std::vector<vision::ModelDescription>& own) {
    const auto file = models_folder + "/models.json";
    const auto json = ledger::Fields::parse(TRY(read_file(file)), nullptr, false);
    const auto malformed = [&] {
        return fail(ErrorKind::corrupt, "'{}' is damaged; run ./run build anew", file);
    };
    if (!json.is_object() || !json.contains("models") || !json["models"].is_array()) return malformed();
    std::map<std::string, std::string> hashes;
    for (const auto& m : json["models"]) {
        if (!m.is_object() || !m.contains("name") || !m.contains("sha256")) return malformed();
        hashes[m["name"].get<std::string>()] = m["sha256"].get<std::string>();
    }
    for (const auto& m : own)
        hashes[m.name] = m.sha256.empty() ? TRY(crypto::sha256_hex_of_file(m.file)) : m.sha256;
    return hashes;
}

ledger::Fields rules_of(const CameraConfig& camera, const std::optional<seal::Keyholders>& keyholders,
                        const std::map<std::string, std::string>& models) {
    using Days = std::chrono::days;
    const auto& p = camera.policy;
    const auto& keep = camera.retention;
    ledger::Fields rules{
        {"recorded", camera.enabled},
        {"scene", redact::name(p.scene)},
        {"style", redact::name(p.style)},
        {"cover", redact::names(p.cover)},
        {"approval", redact::name(p.approval)},
        {"quiet", camera::name(camera.quiet)},
        {"masks", p.masks.size()},
        {"masks_sha256", fingerprint(p.masks)},
        {"audio", camera.audio == CameraConfig::Audio::keep ? "kept" : "dropped"},
        {"originals", originals_of(camera, keyholders)},
        {"keep_days",
         keep.age ? ledger::Fields(std::chrono::duration_cast<Days>(*keep.age).count()) : ledger::Fields{}},
        {"keep_bytes", keep.bytes ? ledger::Fields(*keep.bytes) : ledger::Fields{}},
        {"models", models}};
    // Only where something is: what did not change needs no new entry.
    using Minutes = std::chrono::minutes;
    if (p.count)
        rules["activity"] = {
            {"epsilon_thousandths", p.count->epsilon_thousandths},
            {"visits", p.count->visits},
            {"interval_minutes", std::chrono::duration_cast<Minutes>(p.count->interval).count()}};
    return rules;
}

}  // namespace passerby::app
