#include <algorithm>

#include <fcntl.h>

#include "crypto/digest.h"
#include "store/catalogue.h"
#include "store/check.h"
#include "store/ledger.h"
#include "store/paths.h"
#include "store/segment_file.h"
#include "store/sql.h"
#include "store/store.h"

namespace passerby::store {

namespace {

constexpr const char* kLost = "the recording was lost or damaged on the disk";

// The part before the damage; nothing when not one fragment is whole.
std::optional<Segment> whole_part(Segment s, const std::filesystem::path& file) {
    const auto fd = open_file(file, O_RDONLY | O_NOFOLLOW);
    if (!fd) return std::nullopt;
    const auto scanned = scan_fragments(fd->get(), s.init_bytes, s.bytes, Verify::bytes);
    if (scanned.fragments.empty()) return std::nullopt;
    const auto& last = scanned.fragments.back();
    const auto was = s.media_duration;
    s.media_duration = last.start + last.duration - s.media_start;
    s.bytes = scanned.end;
    s.frames = 0;
    s.kept = 0;
    for (const auto& f : scanned.fragments) {
        s.frames += f.frames;
        *s.kept += f.kept;
    }
    auto hash = crypto::sha256_of_fd(fd->get(), s.bytes);
    if (!hash) return std::nullopt;
    s.sha256 = *std::move(hash);
    // As the whole segment: what was corrected for drift is shared out evenly.
    const double share =
        was.count() > 0 ? static_cast<double>(s.media_duration.count()) / static_cast<double>(was.count())
                        : 1;
    const auto length =
        std::clamp(Micros{static_cast<std::int64_t>(static_cast<double>((s.end - s.start).count()) * share)},
                   kShortestSegment, s.end - s.start);
    s.end = s.start + length;
    return s;
}

void shorten(SQLite::Database& db, const Segment& s) {
    execute(db,
            "UPDATE camera SET bytes = bytes - (SELECT bytes FROM segment WHERE id = ?1) + ?2 WHERE id = ?3",
            s.id, static_cast<std::int64_t>(s.bytes), s.camera);
    // Another file than the one that may be in the ledger: it gets a batch of its own.
    auto update = statement(db,
                            "UPDATE segment SET end = ?2, media_duration = ?3, bytes = ?4, frames = ?5, "
                            "kept = ?7, batch = NULL, sha256 = ?6 WHERE id = ?1",
                            s.id, s.end.micros(), s.media_duration.count(),
                            static_cast<std::int64_t>(s.bytes), s.frames);
    update.bind(6, s.sha256.data(), static_cast<int>(s.sha256.size()));
    update.bind(7, s.kept.value_or(0));
    update.exec();
}

void add_closed_gap(SQLite::Database& db, const std::string& camera, WallTime start, WallTime end) {
    if (end <= start) return;
    execute(db, "INSERT INTO gap (camera, start, end, cause, detail) VALUES (?1, ?2, ?3, ?4, ?5)", camera,
            start.micros(), end.micros(), std::string{name(GapCause::disk)}, kLost);
}

// What changes the recordings is on the record first. A folder that never had a ledger needs none.
Status put_on_record(const std::shared_ptr<Store>& store, std::uint64_t findings) {
    if (!std::filesystem::exists(store->folder() / "ledger.key")) return {};
    const auto ledger = Ledger::open(store, {});
    const auto done = ledger ? (*ledger)->append("repair", {{"findings", findings}})
                             : Result<std::uint64_t>{tl::unexpected{ledger.error()}};
    if (!done)
        return fail(done.error().kind, "nothing was mended, since it cannot be put on the record: {}",
                    done.error().message);
    return {};
}

}  // namespace

Result<int> repair(const std::filesystem::path& folder, const CheckReport& report, Clock& clock) {
    // Takes the lock, and finishes what a crash or a deletion had left.
    const auto store = TRY(Store::open(folder, clock));
    const auto safe =
        std::ranges::count_if(report.findings, [](const Finding& f) { return f.safe && f.segment != 0; });
    if (safe > 0) TRY_STATUS(put_on_record(store, static_cast<std::uint64_t>(safe)));
    int repaired = 0;
    for (const auto& finding : report.findings) {
        if (!finding.safe || finding.segment == 0) continue;
        const auto listed = TRY(store->catalogue().segment(finding.segment));
        if (!listed) continue;  // deleted since
        // What is on a disk that is not there is not lost.
        const auto root = TRY(store->disks().folder(listed->disk));
        const auto kept = whole_part(*listed, root / segment_path(listed->camera, listed->start));
        TRY_STATUS(store->catalogue().changes().run([&](SQLite::Database& db) {
            SQLite::Transaction transaction{db};
            if (kept)
                shorten(db, *kept);
            else
                execute(db, "DELETE FROM segment WHERE id = ?1", listed->id);
            add_closed_gap(db, listed->camera, kept ? kept->end : listed->start, listed->end);
            transaction.commit();
        }));
        ++repaired;
    }
    return repaired;
}

}  // namespace passerby::store
