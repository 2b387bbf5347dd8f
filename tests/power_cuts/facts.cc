#include "power_cuts/facts.h"

#include <algorithm>
#include <filesystem>

#include "crypto/digest.h"
#include "store/approvals.h"
#include "store/openings.h"
#include "store/protections.h"
#include "store/recorder.h"
#include "store/sealed.h"

namespace passerby::power_cuts {

namespace fs = std::filesystem;

namespace {

// What a power cut may take of what a recorder was given: doc/storage.md, "What always holds", 5.
constexpr Micros kMayBeLost = std::chrono::milliseconds{500};
constexpr WallTime kAlways{Micros::min() / 2}, kForEver{Micros::max() / 2};

std::string part_name(const std::string& camera, WallTime start) {
    return camera + " " + to_iso8601(start);
}

std::string short_hash(std::string_view bytes) {
    return crypto::sha256_hex(bytes).substr(0, 16);
}

Status list_camera(const std::shared_ptr<store::Store>& store, const std::string& camera,
                   const std::map<std::string, Micros>& handed_over, Listing& out) {
    for (const auto& s : TRY(store->segments(camera, kAlways, kForEver))) {
        Recorded recorded{camera, s.start, s.bytes, s.sha256, s.media_duration};
        if (const auto handed = handed_over.find(camera); !s.finished && handed != handed_over.end())
            recorded.handed_over = std::max(recorded.handed_over, handed->second - s.media_start);
        out.recorded.emplace(part_name(camera, s.start), recorded);
        if (s.finished)
            out.rows[fmt::format("segment {}", s.id)] = fmt::format(
                "{} {} to {}, {} bytes, {} frames, {}, policy {}, disk {}", camera, to_iso8601(s.start),
                to_iso8601(s.end), s.bytes, s.frames, crypto::to_hex(s.sha256), s.policy, s.disk);
    }
    for (const auto& g : TRY(store->gaps(camera, kAlways, kForEver)))
        if (g.id != 0)  // what was deleted is a gap that grows
            out.rows[fmt::format("gap {}", g.id)] =
                fmt::format("{} {} to {}: {}", camera, to_iso8601(g.start), g.end ? to_iso8601(*g.end) : "",
                            name(g.cause));
    for (const auto& s : TRY(store::Sealed{store}.of(camera, kAlways, kForEver)))
        out.rows[fmt::format("sealed {}", s.id)] =
            fmt::format("{} {} to {}, {} bytes, {}", camera, to_iso8601(s.start), to_iso8601(s.end), s.bytes,
                        crypto::to_hex(s.sha256));
    for (const auto& p : TRY(store::Protections{store}.of(camera, kAlways, kForEver)))
        out.rows[fmt::format("protection {}", p.id)] =
            fmt::format("{} {} to {} until {}, {}", camera, to_iso8601(p.start), to_iso8601(p.end),
                        to_iso8601(p.until), p.ended ? "ended" : "holds");
    for (const auto& a : TRY(store::Approvals{store}.standing(camera, 100)))
        out.rows["approval " + camera + " " + a.sha256.substr(0, 16)] = short_hash(a.picture);
    if (const auto rules = TRY(store::Ledger::rules_on_record(*store, camera)); !rules.empty())
        out.rows["rules " + camera] = rules;
    return {};
}

Status list_ledger(const store::Ledger& ledger, const Listing& before, Listing& out) {
    if (const auto size = ledger.state().size;
        size > 0 && before.rows.contains(fmt::format("entry {}", size - 1))) {
        for (const auto& row : before.rows)
            if (row.first.starts_with("entry ") || row.first.starts_with("proof ")) out.rows.insert(row);
        out.rows["key of the ledger"] = ledger.verifier().to_string();
        return {};
    }
    out.rows["key of the ledger"] = ledger.verifier().to_string();
    Status proofs;
    TRY_STATUS(ledger.each([&](std::uint64_t index, const ledger::Fields& entry) {
        out.rows[fmt::format("entry {}", index)] = short_hash(entry.dump());
        if (entry["kind"] != "export") return;
        // One whose proof a crash prevented was not acknowledged.
        const auto proof = ledger.proof_of_export(index);
        if (proof)
            out.rows[fmt::format("proof {}", index)] = short_hash(*proof);
        else if (proof.error().kind != ErrorKind::not_found)
            proofs = tl::unexpected{proof.error()};
    }));
    return proofs;
}

// From the first moment that is known of on, every moment is recorded or a gap, and the last is a gap that
// lasts.
Status look_at_time(const store::Store& store, const std::string& camera, std::vector<std::string>& wrong) {
    struct Stretch {
        WallTime start;
        std::optional<WallTime> end;
    };
    const auto found = TRY(store.timeline(camera, kAlways, kForEver));
    std::vector<Stretch> all;
    for (const auto& s : found.segments) all.push_back({s.start, s.end});
    for (const auto& g : found.gaps) all.push_back({g.start, g.end});
    std::ranges::sort(all, {}, [](const Stretch& s) { return std::pair{s.start, s.end.value_or(kForEver)}; });
    for (std::size_t i = 1; i < all.size(); ++i) {
        const auto before = all[i - 1].end.value_or(kForEver);
        if (all[i].start < before)
            wrong.push_back(fmt::format("{} overlaps what is before it", part_name(camera, all[i].start)));
        if (all[i].start - before > store::Recorder::kSmallestGap)
            wrong.push_back(fmt::format("from {} to {} is neither recorded nor a gap",
                                        part_name(camera, before), to_iso8601(all[i].start)));
    }
    if (!all.empty() && all.back().end)
        wrong.push_back(fmt::format("after {} is no gap", part_name(camera, *all.back().end)));
    return {};
}

Status look_at_parts(const Facts& facts, const store::Store& store, std::vector<std::string>& wrong) {
    for (const auto& [name, part] : facts.kept.recorded) {
        const auto found = TRY(store.segments(part.camera, part.start, part.start + Micros{1}));
        if (found.size() != 1 || found.front().start != part.start) {
            wrong.push_back(name + " was recorded and is gone");
            continue;
        }
        const auto& s = found.front();
        if (s.bytes < part.bytes)
            wrong.push_back(fmt::format("{} has {} bytes, {} were synced", name, s.bytes, part.bytes));
        if (s.media_duration < part.handed_over - kMayBeLost)
            wrong.push_back(fmt::format("{} has {:.1f} s, {:.1f} s were handed over", name,
                                        std::chrono::duration<double>(s.media_duration).count(),
                                        std::chrono::duration<double>(part.handed_over).count()));
        const auto file = TRY(store.open_segment(s.id));
        if (const auto hash = crypto::sha256_of_fd(file.fd.get(), part.bytes); !hash || *hash != part.sha256)
            wrong.push_back(name + " was changed");
    }
    return {};
}

// Deleted is deleted: no file is left that nobody lists.
void count_files(const store::Store& store, const Listing& found, std::vector<std::string>& wrong) {
    std::size_t files = 0, listed = 0;
    for (const auto& disk : store.disks().all())
        for (const auto& entry : fs::recursive_directory_iterator{disk.folder})
            files += entry.path().extension() == ".mp4" || entry.path().extension() == ".age" ? 1 : 0;
    for (const auto& [name, value] : found.rows)
        listed += name.starts_with("segment ") || name.starts_with("sealed ") ? 1 : 0;
    if (files != listed)
        wrong.push_back(fmt::format("{} recordings are listed, {} files are there", listed, files));
}

}  // namespace

Result<Listing> list(const std::shared_ptr<store::Store>& store, const store::Ledger& ledger,
                     const std::map<std::string, Micros>& handed_over, const Listing& before) {
    Listing out;
    for (const auto& camera : TRY(store->cameras())) TRY_STATUS(list_camera(store, camera, handed_over, out));
    for (const auto& o : TRY(store::Openings{store}.all(1000)))
        out.rows["opening " + o.id] =
            fmt::format("{} answers, {}", o.answers.size(), o.opened ? "opened" : "");
    TRY_STATUS(list_ledger(ledger, before, out));
    return out;
}

Result<std::vector<std::string>> violations(const Facts& facts, const std::shared_ptr<store::Store>& store,
                                            const store::Ledger& ledger) {
    std::vector<std::string> wrong;
    const auto found = TRY(list(store, ledger, {}, {}));
    for (const auto& [name, value] : facts.kept.rows) {
        const auto row = found.rows.find(name);
        if (row == found.rows.end())
            wrong.push_back(fmt::format("{} is gone: {}", name, value));
        else if (row->second != value)
            wrong.push_back(fmt::format("{} was changed: {}; it was: {}", name, row->second, value));
    }
    for (const auto& name : facts.gone)
        if (found.rows.contains(name)) wrong.push_back(name + " was deleted and is back");
    if (ledger.state().size < facts.published)
        wrong.push_back(fmt::format("the ledger has {} entries, {} were published", ledger.state().size,
                                    facts.published));
    TRY_STATUS(look_at_parts(facts, *store, wrong));
    for (const auto& camera : TRY(store->cameras())) TRY_STATUS(look_at_time(*store, camera, wrong));
    count_files(*store, found, wrong);
    return wrong;
}

Book::Book(const Facts& facts) : gone_{facts.gone} {
    for (const auto& [name, value] : facts.kept.rows) {
        current_[name] = rows_.size();
        rows_.push_back({.name = name, .value = value, .from = 0});
    }
    for (const auto& [name, part] : facts.kept.recorded)
        parts_[name].push_back({.recorded = part, .from = 0});
}

void Book::call_returned(std::size_t position, const Listing& now) {
    const auto began = began_.value_or(position);
    began_.reset();
    for (auto it = current_.begin(); it != current_.end();) {
        auto& row = rows_[it->second];
        const auto found = now.rows.find(it->first);
        const bool holds = found != now.rows.end() && found->second == row.value;
        if (!holds) row.until = began;
        if (found == now.rows.end()) row.gone = position;
        it = holds ? std::next(it) : current_.erase(it);
    }
    for (const auto& [name, value] : now.rows)
        if (current_.try_emplace(name, rows_.size()).second)
            rows_.push_back({.name = name, .value = value, .from = position});
    for (auto& [name, parts] : parts_)
        if (!now.recorded.contains(name) && parts.back().until == kNever) parts.back().until = began;
    for (const auto& [name, recorded] : now.recorded) {
        auto& parts = parts_[name];
        if (parts.empty() || parts.back().recorded.bytes != recorded.bytes ||
            parts.back().recorded.handed_over != recorded.handed_over)
            parts.push_back({.recorded = recorded, .from = position});
    }
}

Facts Book::at(std::size_t position) const {
    Facts facts;
    facts.gone = gone_;
    for (const auto& row : rows_) {
        if (row.from <= position && position <= row.until) facts.kept.rows[row.name] = row.value;
        const bool is_file = row.name.starts_with("segment ") || row.name.starts_with("sealed ");
        if (is_file && row.gone <= position) facts.gone.push_back(row.name);
    }
    for (const auto& [name, parts] : parts_)
        for (const auto& part : parts)
            if (part.from <= position && (parts.back().until == kNever || position <= parts.back().until))
                facts.kept.recorded[name] = part.recorded;
    return facts;
}

}  // namespace passerby::power_cuts
