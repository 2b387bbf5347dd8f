#include "ledger/use_report.h"

#include <algorithm>

#include "ledger/monthly_use.h"

namespace passerby::ledger {

namespace {

constexpr std::string_view words(std::string_view use) {
    if (use == "live") return "looked at live";
    if (use == "view") return "recordings looked at";
    if (use == "export") return "exported";
    return "originals opened";
}

std::string text(const Fields& entry, const char* name) {
    const auto found = entry.find(name);
    return found != entry.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

WallTime time_of(const Fields& entry, const char* name) {
    return wall_time_from_iso8601(text(entry, name)).value_or(WallTime{});
}

// What of two rule sets is not the same.
std::string difference(const Fields& before, const Fields& after) {
    if (before.is_null()) return "the camera was added";
    if (after.is_null()) return "the camera was removed";
    std::string out;
    for (const auto& [name, value] : after.items()) {
        const auto was = before.value(name, Fields{});
        if (was != value)
            out += fmt::format("{}{}: {} -> {}", out.empty() ? "" : "; ", name, was.dump(), value.dump());
    }
    return out.empty() ? "nothing" : out;
}

}  // namespace

void UseReport::add(const Fields& entry) {
    const auto kind = text(entry, "kind"), camera = text(entry, "camera");
    const auto at = time_of(entry, "time");
    if (kind == "policy" && at < to_) {
        if (entry["after"].is_null())
            cameras_.erase(camera);
        else
            cameras_.insert(camera);
    }
    if (at < from_ || at >= to_) return;
    if (kind == "policy") return changes_.push_back(entry);
    if (std::ranges::find(kUses, kind) == kUses.end()) {
        if (kind == "logins") failed_logins_ += entry["failed"].get<std::uint64_t>();
        if (kind == "segments") recordings_ += entry["count"].get<std::uint64_t>();
        ++others_[kind];
        return;
    }
    const auto seconds = std::chrono::floor<std::chrono::hours>(at.since_epoch).count();
    const int hour = static_cast<int>(((seconds % 24) + 24) % 24);
    ++uses_[{kind, camera, text(entry, "who"), text(entry, "role"),
             entry.contains("purpose") ? text(entry, "purpose") : "opening", hour}];
    ++hours_[static_cast<std::size_t>(hour)];
}

std::map<std::string, std::uint64_t> UseReport::sum(std::string Use::*field) const {
    std::map<std::string, std::uint64_t> out;
    for (const auto& [use, times] : uses_) out[use.*field] += times;
    return out;
}

Fields UseReport::to_json() const {
    Fields by_camera = Fields::object(), never = Fields::array(), changes = Fields::array();
    for (const auto& camera : cameras_) {
        Fields counts{{"live", 0}, {"view", 0}, {"export", 0}, {"opening", 0}};
        std::uint64_t all = 0;
        for (const auto& [use, times] : uses_)
            if (use.camera == camera)
                counts[use.what] = counts[use.what].get<std::uint64_t>() + times, all += times;
        if (all == 0) never.push_back(camera);
        by_camera[camera] = counts;
    }
    for (const auto& c : changes_)
        changes.push_back(
            {{"time", c["time"]}, {"camera", c["camera"]}, {"what", difference(c["before"], c["after"])}});
    return {{"from", to_iso8601(from_)},       {"to", to_iso8601(to_)},
            {"by_what", sum(&Use::what)},      {"by_camera", by_camera},
            {"never_looked_at", never},        {"by_who", sum(&Use::who)},
            {"by_role", sum(&Use::role)},      {"by_purpose", sum(&Use::purpose)},
            {"by_hour_utc", hours_},           {"policy_changes", changes},
            {"failed_logins", failed_logins_}, {"recordings_on_record", recordings_},
            {"other_entries", others_},        {"persons_identified", 0}};
}

std::string UseReport::to_text() const {
    const auto json = to_json();
    auto out = fmt::format("Use of the recorder from {} to {}\n\n", to_iso8601(from_), to_iso8601(to_));
    out += fmt::format("{:<34}{:>8}{:>8}{:>8}{:>8}\n", "camera", "live", "viewed", "export", "opened");
    for (const auto& [camera, counts] : json["by_camera"].items())
        out += fmt::format("{:<34}{:>8}{:>8}{:>8}{:>8}\n", camera, counts["live"].get<std::uint64_t>(),
                           counts["view"].get<std::uint64_t>(), counts["export"].get<std::uint64_t>(),
                           counts["opening"].get<std::uint64_t>());
    const auto list = [&](const char* title, const Fields& counts) {
        out += fmt::format("\n{}:", title);
        if (counts.empty()) out += " none";
        for (const auto& [name, times] : counts.items())
            out += fmt::format(" {} {}x", name, times.get<std::uint64_t>());
    };
    list("by purpose", json["by_purpose"]);
    list("by role", json["by_role"]);
    list("by whom (pseudonyms)", json["by_who"]);
    out += "\nby hour of the day (UTC):";
    bool any = false;
    for (std::size_t h = 0; h < hours_.size(); ++h)
        if (hours_[h] > 0) out += fmt::format(" {:02}h {}x", h, hours_[h]), any = true;
    if (!any) out += " never";
    out += "\nnever looked at:";
    for (const auto& camera : json["never_looked_at"]) out += " " + camera.get<std::string>();
    if (json["never_looked_at"].empty()) out += " none";
    out += fmt::format("\nfailed logins: {}\nrecordings and gaps put on the record: {}\n", failed_logins_,
                       recordings_);
    out += fmt::format("\nchanges of what is covered, shown and kept: {}\n", changes_.size());
    for (const auto& c : json["policy_changes"])
        out += fmt::format("  {}  {}: {}\n", c["time"].get<std::string>(), c["camera"].get<std::string>(),
                           c["what"].get<std::string>());
    out += "\nand on whom: nobody. The recorder cannot tell persons apart, and keeps nothing that could.\n";
    return out;
}

std::string UseReport::to_csv() const {
    std::string out = "what,camera,who,role,purpose,hour_utc,times\n";
    for (const auto& [use, times] : uses_)
        out += fmt::format("{},{},{},{},{},{},{}\n", words(use.what), use.camera, use.who, use.role,
                           use.purpose, use.hour, times);
    return out;
}

}  // namespace passerby::ledger
