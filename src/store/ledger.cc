#include "store/ledger.h"

#include <algorithm>
#include <map>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "ledger/witness.h"
#include "store/catalogue.h"
#include "store/manifest.h"
#include "store/sql.h"

namespace passerby::store {

namespace fs = std::filesystem;

namespace {

using SQLite::Database;

constexpr const char* kPublicKey = "key";

// What a copy of a file never shares with it: its inode and when it was made.
Result<std::string> place_of(const fs::path& file) {
    struct statx about {};
    if (::statx(AT_FDCWD, file.c_str(), AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME, &about) != 0)
        return fail_errno(errno, fmt::format("cannot read '{}'", file.string()));
    const auto born = (about.stx_mask & STATX_BTIME) != 0
                          ? fmt::format("{}.{:09}", about.stx_btime.tv_sec, about.stx_btime.tv_nsec)
                          : "unknown";
    return fmt::format("{} {}", about.stx_ino, born);
}

Result<crypto::SigningKey> key_in(const fs::path& file) {
    auto key = crypto::SigningKey::read(file);
    if (key || key.error().kind != ErrorKind::not_found) return key;
    auto made = crypto::SigningKey::generate();
    TRY_STATUS(made.write_new(file));
    return made;
}

std::string default_origin(const crypto::SigningKey& key) {
    const auto bytes = key.verify_key();
    return "passerby.invalid/" + crypto::to_hex(std::span{bytes}.first(4));
}

}  // namespace

// The row of the catalogue that says what was signed.
struct Ledger::Lock final : ledger::LogLock {
    explicit Lock(Catalogue& c) : catalogue{c} {}

    Result<ledger::LogState> read() override {
        return catalogue.changes().run([](Database& db) {
            ledger::LogState state;
            auto row = statement(db, "SELECT size, checkpoint FROM ledger");
            if (row.executeStep())
                state = {static_cast<std::uint64_t>(row.getColumn(0).getInt64()),
                         row.getColumn(1).getString()};
            return state;
        });
    }
    Result<bool> replace(const ledger::LogState& expected, const ledger::LogState& next) override {
        return catalogue.changes().run([&](Database& db) {
            return execute(db,
                           "UPDATE ledger SET size = ?1, checkpoint = ?2 WHERE size = ?3 AND checkpoint = ?4",
                           static_cast<std::int64_t>(next.size), next.checkpoint,
                           static_cast<std::int64_t>(expected.size), expected.checkpoint) == 1;
        });
    }
    // Empty: there was no ledger yet.
    Result<std::string> place() {
        return catalogue.changes().run([](Database& db) {
            auto row = statement(db, "SELECT place FROM ledger");
            return row.executeStep() ? row.getColumn(0).getString() : std::string{};
        });
    }
    Status set_place(const std::string& place) {
        return catalogue.changes().run([&](Database& db) {
            execute(db,
                    "INSERT INTO ledger (one, size, checkpoint, place) VALUES (1, 0, '', ?1) "
                    "ON CONFLICT (one) DO UPDATE SET place = ?1",
                    place);
        });
    }

    Catalogue& catalogue;
};

Ledger::Ledger(std::shared_ptr<Store> store, std::unique_ptr<Lock> lock, crypto::SigningKey key)
    : store_{std::move(store)}, lock_{std::move(lock)}, key_{std::move(key)}, batches_{store_} {}
Ledger::~Ledger() = default;

Result<std::unique_ptr<Ledger>> Ledger::open(std::shared_ptr<Store> store, const std::string& origin) {
    return make(std::move(store), origin, false);
}

Result<std::unique_ptr<Ledger>> Ledger::resume(std::shared_ptr<Store> store, const std::string& origin) {
    return make(std::move(store), origin, true);
}

Result<std::unique_ptr<Ledger>> Ledger::make(std::shared_ptr<Store> store, std::string origin, bool resumes) {
    const auto file = store->folder() / "ledger.key", folder = store->folder() / "ledger";
    auto lock = std::make_unique<Lock>(store->catalogue());
    const auto known = TRY(lock->place());
    if (!known.empty() && !fs::exists(file))
        return fail(ErrorKind::denied, "the key of the ledger, '{}', is gone; restore it", file.string());
    auto key = TRY(key_in(file));
    std::unique_ptr<Ledger> out{new Ledger{store, std::move(lock), std::move(key)}};
    auto& self = *out;
    const auto place = TRY(place_of(file));
    const bool is_copy = !known.empty() && known != place;
    if (is_copy && !resumes)
        return fail(
            ErrorKind::denied,
            "the data folder '{}' is a copy, or was restored from a backup: another one may sign the same "
            "ledger. If this is the one that goes on: passerby ledger resume",
            store->folder().string());
    if (known.empty() || is_copy) {
        // From here on nothing goes without this key. Who made it may have been killed before it was sure to
        // stay.
        TRY_STATUS(sync_folder(store->folder()));
        TRY_STATUS(self.lock_->set_place(place));
    }
    if (origin.empty()) {
        const auto state = TRY(self.lock_->read());
        // It keeps the name that it has.
        origin = state.size > 0 ? TRY(ledger::Checkpoint::parse(state.checkpoint)).origin
                                : default_origin(self.key_);
    }
    const auto before = TRY(self.lock_->read());
    if (resumes) {
        // What is published was signed by us, so it is what goes on.
        const auto published = read_file(folder / "checkpoint");
        if (published) {
            const auto note = TRY(ledger::Note::parse(*published));
            TRY_STATUS(note.verify({origin, ledger::Verifier::Kind::note, self.key_.verify_key()}));
            const auto checkpoint = TRY(ledger::Checkpoint::parse(note.text));
            if (checkpoint.size > before.size)
                static_cast<void>(TRY(self.lock_->replace(before, {checkpoint.size, *published})));
        }
    }
    // A proof that is shown from now on stays: who wrote it may have been killed before its name was sure to.
    if (const auto proofs = self.proof_file(0).parent_path(); fs::exists(proofs))
        TRY_STATUS(sync_folder(proofs));
    self.log_ = TRY(ledger::Log::open(folder, origin, self.key_, *self.lock_));
    const auto public_key = self.verifier().to_string() + "\n";
    if (const auto there = read_file(folder / kPublicKey); !there || *there != public_key)
        TRY_STATUS(write_file_atomically(folder / kPublicKey, public_key, 0644));
    const auto size = self.state().size;
    if (size > 0) {
        ledger::TileReader reader{ledger::fetch_from_folder(folder.string()), size};
        const auto text = TRY(reader.entry(size - 1));
        const auto newest = TRY(ledger::parse_entry(text));
        self.last_ = TRY(wall_time_from_iso8601(newest["time"].get<std::string>()));
    }
    if (resumes) TRY(self.append("restore", {{"published", size}, {"continued", before.size}}));
    return out;
}

Result<std::uint64_t> Ledger::append(std::string_view kind, const ledger::Fields& fields) {
    const std::lock_guard lock{mutex_};
    // The ledger's time never goes back, whatever the clock does.
    const auto at = std::max(store_->clock().wall(), last_);
    const auto entry = TRY(ledger::make_entry(kind, at, fields));
    const auto index = TRY(log_->append({entry}));
    last_ = at;
    return index;
}

Result<std::size_t> Ledger::close_batches() {
    const std::lock_guard lock{batch_mutex_};
    for (std::size_t sum = 0;;) {
        const auto batch = TRY(batches_.pending(kBatch));
        if (batch.empty()) return sum;
        TRY_STATUS(batches_.keep(batch));
        const auto entry = TRY(append("segments", {{"root", crypto::to_hex(batch.root())},
                                                   {"count", batch.manifests.size()},
                                                   {"from", to_iso8601(batch.from)},
                                                   {"to", to_iso8601(batch.to)}}));
        TRY_STATUS(batches_.mark(batch, entry));
        sum += batch.manifests.size();
    }
}

Status Ledger::set_policy(const std::string& camera, const ledger::Fields& rules) {
    const auto text = rules.is_null() ? std::string{} : rules.dump();
    auto& catalogue = store_->catalogue();
    const auto before = TRY(rules_on_record(*store_, camera));
    if (before == text) return {};
    TRY(append("policy",
               {{"camera", camera},
                {"before", before.empty() ? ledger::Fields{} : ledger::Fields::parse(before, nullptr, false)},
                {"after", rules}}));
    const auto id = text.empty() ? 0 : TRY(catalogue.policy_id(text));
    return catalogue.changes().run([&](Database& db) {
        execute(db, "INSERT OR IGNORE INTO camera (id) VALUES (?1)", camera);
        execute(db, "UPDATE camera SET policy = nullif(?2, 0) WHERE id = ?1", camera, id);
    });
}

Result<std::string> Ledger::rules_on_record(const Store& store, const std::string& camera) {
    return store.catalogue().queries().run([&](Database& db) {
        auto row = statement(
            db, "SELECT text FROM camera JOIN policy ON policy.id = camera.policy WHERE camera.id = ?1",
            camera);
        return row.executeStep() ? row.getColumn(0).getString() : std::string{};
    });
}

Result<std::vector<std::string>> Ledger::cameras_on_record() const {
    return store_->catalogue().queries().run([&](Database& db) {
        std::vector<std::string> found;
        auto row = statement(db, "SELECT id FROM camera WHERE policy IS NOT NULL ORDER BY id");
        while (row.executeStep()) found.push_back(row.getColumn(0).getString());
        return found;
    });
}

fs::path Ledger::proof_file(std::uint64_t entry) const {
    return store_->folder() / "proofs" / fmt::format("{}.proof", entry);
}

Result<ledger::ProvenEntry> Ledger::proven(ledger::TileReader& reader, std::uint64_t index,
                                           std::uint64_t size) const {
    auto text = TRY(reader.entry(index));
    auto way = TRY(ledger::inclusion_proof(index, size, reader.subtrees()));
    return ledger::ProvenEntry{index, std::move(text), std::move(way)};
}

Result<ledger::ClipProof> Ledger::prove(std::uint64_t entry, const std::vector<SegmentId>& segments) const {
    const auto state = this->state();
    ledger::TileReader reader{ledger::fetch_from_folder(folder().string()), state.size};
    ledger::ClipProof proof;
    proof.key = verifier().to_string();
    proof.checkpoint = state.checkpoint;
    proof.exported = TRY(proven(reader, entry, state.size));
    std::map<std::uint64_t, std::pair<std::size_t, std::vector<std::string>>> batches;  // by entry
    for (const auto id : segments) {
        const auto at = TRY(batches_.entry_of(id));
        if (!at) continue;  // still being recorded
        if (!batches.contains(*at)) {
            auto batch = TRY(proven(reader, *at, state.size));
            const auto fields = TRY(ledger::parse_entry(batch.text));
            auto lines = TRY(batches_.manifests(fields["root"].get<std::string>()));
            batches[*at] = {proof.batches.size(), std::move(lines)};
            proof.batches.push_back(std::move(batch));
        }
        const auto& [number, lines] = batches.at(*at);
        const auto segment = TRY(store_->segment(id));
        const auto policy = TRY(store_->catalogue().policy(segment.policy));
        const auto line = std::ranges::find(lines, manifest_of(segment, policy));
        if (line == lines.end())
            return fail(ErrorKind::corrupt,
                        "segment {} is not in its batch of the ledger; run passerby check", id);
        ledger::Hashes leaves;
        for (const auto& l : lines) leaves.push_back(ledger::leaf_hash(l));
        const auto index = static_cast<std::uint64_t>(line - lines.begin());
        auto way = TRY(ledger::inclusion_proof(index, leaves.size(), ledger::subtrees_of(leaves)));
        proof.manifests.push_back({*line, number, index, std::move(way)});
        if (!policy.empty() && std::ranges::find(proof.policies, policy) == proof.policies.end())
            proof.policies.push_back(policy);
    }
    return proof;
}

Result<std::uint64_t> Ledger::append_export(const ledger::Fields& fields,
                                            const std::vector<SegmentId>& segments) {
    TRY(close_batches());
    const auto entry = TRY(append("export", fields));
    const auto proof = TRY(prove(entry, segments));
    const auto file = proof_file(entry);
    TRY_STATUS(make_folder_durably(file.parent_path(), 0750));
    TRY_STATUS(write_file_atomically(file, proof.to_text()));
    return entry;
}

Result<std::string> Ledger::proof_of_export(std::uint64_t entry) const {
    auto proof = read_file(proof_file(entry));
    if (!proof && proof.error().kind == ErrorKind::not_found)
        return fail(ErrorKind::not_found, "there is no export with the number {}", entry);
    return proof;
}

Status Ledger::publish_cosigned(const ledger::Note& note) {
    return write_file_atomically(folder() / ledger::kCosigned, note.to_string(), 0644);
}

std::string Ledger::pseudonym(const std::string& user) const {
    // Only this key signs so, and it always does: a secret that needs no file of its own.
    const auto digest = crypto::sha256(key_.sign("passerby: pseudonym of a user\n" + user));
    return "u-" + crypto::to_hex(std::span{digest}.first(5));
}

Status Ledger::each(const std::function<void(std::uint64_t, const ledger::Fields&)>& visit) const {
    const auto size = state().size;
    ledger::TileReader reader{ledger::fetch_from_folder(folder().string()), size};
    for (std::uint64_t tile = 0; tile * ledger::kTileWidth < size; ++tile) {
        auto index = tile * ledger::kTileWidth;
        for (const auto& text : TRY(reader.bundle(tile))) visit(index++, TRY(ledger::parse_entry(text)));
    }
    return {};
}

}  // namespace passerby::store
