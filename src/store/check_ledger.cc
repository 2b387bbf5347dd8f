#include "store/check_ledger.h"

#include <map>
#include <set>

#include "base/file.h"
#include "crypto/ed25519.h"
#include "ledger/audit.h"
#include "ledger/manifest.h"
#include "store/sql.h"

namespace passerby::store {

namespace fs = std::filesystem;

namespace {

constexpr const char* kRestore = "restore it from a backup";

// The camera, start and hash that a manifest names: how a segment is found in it.
std::string named(const std::string& camera, const std::string& from, const std::string& sha256) {
    return camera + ' ' + from + ' ' + sha256;
}

class LedgerCheck {
  public:
    LedgerCheck(fs::path folder, SQLite::Database& db, bool recorder_runs)
        : folder_{std::move(folder)}, db_{db}, recorder_runs_{recorder_runs} {}

    std::vector<Finding> run() {
        SQLite::Statement row{db_, "SELECT size, checkpoint FROM ledger"};
        if (!row.executeStep()) return {};  // it has none yet
        const auto size = static_cast<std::uint64_t>(row.getColumn(0).getInt64());
        if (size == 0) return {};
        const auto signed_note = ledger::Note::parse(row.getColumn(1).getString());
        const auto key = crypto::SigningKey::read(folder_ / "ledger.key");
        if (!key) return find("ledger.key", key.error().message), std::move(found_);
        const auto checkpoint = signed_note ? ledger::Checkpoint::parse(signed_note->text)
                                            : Result<ledger::Checkpoint>{tl::unexpected{signed_note.error()}};
        if (!checkpoint) return find("catalogue.sqlite", checkpoint.error().message), std::move(found_);
        const ledger::Verifier verifier{checkpoint->origin, ledger::Verifier::Kind::note, key->verify_key()};
        if (const auto fits = signed_note->verify(verifier); !fits)
            find("catalogue.sqlite", fits.error().message);

        ledger::AuditRequest request{.verifier = verifier};
        request.seen = *checkpoint;
        std::error_code ignored;
        std::set<std::string> files;
        const auto root = folder_ / "ledger";
        for (fs::recursive_directory_iterator it{root, ignored}, end; it != end; it.increment(ignored))
            if (!it->is_directory(ignored)) files.insert(it->path().lexically_relative(root).string());
        if (!recorder_runs_) request.files = std::move(files);
        const auto audited = ledger::audit(
            ledger::fetch_from_folder(root.string()), request,
            [&](std::uint64_t index, const ledger::Fields& entry) { look_at_entry(index, entry); });
        if (!audited) return find("ledger/checkpoint", audited.error().message), std::move(found_);
        for (const auto& what : audited->findings) find("ledger", what);
        look_at_segments();
        return std::move(found_);
    }

  private:
    void find(std::string where, std::string what) {
        found_.push_back({std::move(where), std::move(what), kRestore, false, 0});
    }

    void look_at_entry(std::uint64_t index, const ledger::Fields& entry) {
        if (entry["kind"] != "segments") return;
        const auto root = entry["root"].get<std::string>();
        const auto name = fs::path{"manifests"} / (root + ".jsonl");
        const auto text = read_file(folder_ / name);
        if (!text) return find(name.string(), text.error().message);
        ledger::Hashes leaves;
        for (std::size_t at = 0; at < text->size();) {
            const auto end = std::min(text->find('\n', at), text->size());
            const auto line = text->substr(at, end - at);
            leaves.push_back(ledger::leaf_hash(line));
            const auto manifest = ledger::parse_manifest(line);
            if (!manifest) find(name.string(), manifest.error().message);
            if (manifest && manifest->contains("sha256"))
                in_batches_[index].insert(
                    named((*manifest)["camera"], (*manifest)["from"], (*manifest)["sha256"]));
            at = end + 1;
        }
        const auto made = ledger::root(leaves.size(), ledger::subtrees_of(leaves));
        if (!made || crypto::to_hex(*made) != root)
            find(name.string(), fmt::format("it is not what entry {} of the ledger says", index));
    }

    void look_at_segments() {
        SQLite::Statement rows{db_,
                               "SELECT camera, start, sha256, batch FROM segment WHERE batch IS NOT NULL"};
        while (rows.executeStep()) {
            const auto camera = rows.getColumn(0).getString();
            const auto from = to_iso8601(wall(rows.getColumn(1)));
            const std::string_view hash{static_cast<const char*>(rows.getColumn(2).getBlob()),
                                        static_cast<std::size_t>(rows.getColumn(2).getBytes())};
            const auto batch = in_batches_.find(static_cast<std::uint64_t>(rows.getColumn(3).getInt64()));
            if (batch == in_batches_.end() ||
                !batch->second.contains(named(camera, from, crypto::to_hex(hash))))
                find(camera + " " + from,
                     "the ledger does not have this recording, though the catalogue says so");
        }
    }

    const fs::path folder_;
    SQLite::Database& db_;
    const bool recorder_runs_;
    std::vector<Finding> found_;
    std::map<std::uint64_t, std::set<std::string>> in_batches_;  // by entry
};

}  // namespace

std::vector<Finding> check_ledger(const fs::path& folder, SQLite::Database& db, bool recorder_runs) {
    return LedgerCheck{folder, db, recorder_runs}.run();
}

}  // namespace passerby::store
