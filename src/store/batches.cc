#include "store/batches.h"

#include <algorithm>

#include "base/file.h"
#include "store/catalogue.h"
#include "store/manifest.h"
#include "store/sql.h"

namespace passerby::store {

namespace {

using SQLite::Database;

struct Line {
    std::string camera;
    WallTime start, end;
    std::string manifest;
};

ledger::Hashes leaves_of(const std::vector<std::string>& manifests) {
    ledger::Hashes leaves;
    leaves.reserve(manifests.size());
    for (const auto& m : manifests) leaves.push_back(ledger::leaf_hash(m));
    return leaves;
}

ledger::Hash root_of(const std::vector<std::string>& manifests) {
    const auto leaves = leaves_of(manifests);
    return *ledger::root(leaves.size(), ledger::subtrees_of(leaves));  // of leaves at hand: cannot fail
}

}  // namespace

ledger::Hash Batch::root() const {
    return root_of(manifests);
}

Result<Batch> Batches::pending(int most) const {
    auto& catalogue = store_->catalogue();
    const auto segments = TRY(catalogue.without_batch(most));
    const auto sealed = TRY(Sealed{store_}.without_batch(most));
    auto batch = TRY(catalogue.queries().run([&](Database& db) {
        Batch found;
        std::vector<Line> lines;
        for (const auto& s : segments) {
            auto policy = statement(db, "SELECT text FROM policy WHERE id = ?1", s.policy);
            const auto text = policy.executeStep() ? policy.getColumn(0).getString() : std::string{};
            lines.push_back({s.camera, s.start, s.end, manifest_of(s, text)});
            found.segments.push_back(s.id);
        }
        auto gaps =
            statement(db,
                      "SELECT id, camera, start, end, cause FROM gap WHERE batch IS NULL AND end IS NOT NULL "
                      "ORDER BY id LIMIT ?1",
                      most);
        while (gaps.executeStep()) {
            const auto cause = gap_cause_named(gaps.getColumn(4).getString()).value_or(GapCause::camera);
            Gap gap{.id = gaps.getColumn(0).getInt64(),
                    .camera = gaps.getColumn(1).getString(),
                    .start = wall(gaps.getColumn(2)),
                    .end = wall(gaps.getColumn(3)),
                    .cause = cause,
                    .detail = {}};
            lines.push_back({gap.camera, gap.start, *gap.end, manifest_of(gap)});
            found.gaps.push_back(gap.id);
        }
        for (const auto& file : sealed) {
            lines.push_back({file.camera, file.start, file.end, manifest_of(file)});
            found.sealed.push_back(file.id);
        }
        std::ranges::sort(lines, {},
                          [](const Line& l) { return std::tie(l.camera, l.start.since_epoch, l.manifest); });
        for (std::size_t i = 0; i < lines.size(); ++i) {
            found.from = i == 0 ? lines[i].start : std::min(found.from, lines[i].start);
            found.to = i == 0 ? lines[i].end : std::max(found.to, lines[i].end);
            found.manifests.push_back(std::move(lines[i].manifest));
        }
        return found;
    }));
    return batch;
}

std::filesystem::path Batches::file_of(const std::string& root) const {
    return store_->folder() / "manifests" / (root + ".jsonl");
}

Status Batches::keep(const Batch& batch) {
    const auto file = file_of(crypto::to_hex(batch.root()));
    TRY_STATUS(make_folder_durably(file.parent_path(), 0750));
    std::string text;
    for (const auto& m : batch.manifests) text += m + '\n';
    return write_file_atomically(file, text);
}

Status Batches::mark(const Batch& batch, std::uint64_t entry) {
    return store_->catalogue().changes().run([&](Database& db) {
        SQLite::Transaction transaction{db};
        const auto number = static_cast<std::int64_t>(entry);
        for (const auto id : batch.segments)
            execute(db, "UPDATE segment SET batch = ?2 WHERE id = ?1", id, number);
        for (const auto id : batch.gaps)
            execute(db, "UPDATE gap SET batch = ?2 WHERE id = ?1 AND end IS NOT NULL", id, number);
        for (const auto id : batch.sealed)
            execute(db, "UPDATE sealed SET batch = ?2 WHERE id = ?1", id, number);
        transaction.commit();
    });
}

Result<std::optional<std::uint64_t>> Batches::entry_of(SegmentId id) const {
    return store_->catalogue().queries().run([&](Database& db) -> std::optional<std::uint64_t> {
        auto row = statement(db, "SELECT batch FROM segment WHERE id = ?1 AND batch IS NOT NULL", id);
        if (!row.executeStep()) return std::nullopt;
        return static_cast<std::uint64_t>(row.getColumn(0).getInt64());
    });
}

Result<std::vector<std::string>> Batches::manifests(const std::string& root) const {
    const auto text = TRY(read_file(file_of(root)));
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    if (crypto::to_hex(root_of(lines)) != root)
        return fail(ErrorKind::corrupt, "the manifests in '{}' were changed; restore them from a backup",
                    file_of(root).string());
    return lines;
}

}  // namespace passerby::store
