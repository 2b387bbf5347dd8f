// The recorder's own ledger: what is said in it, and the key that signs it. Everything that is to be on the
// record goes through append(), and takes effect only after that returned without an error (promise P6).
//
//     DATA/ledger.key            Ed25519, mode 0600
//     DATA/ledger/               public, static: checkpoint, tiles, entries, and the public key
//     (doc/format/ledger.md) DATA/proofs/ENTRY.proof    of exports DATA/manifests/ROOT.jsonl  what the
//     batches of recordings consist of; not public: it shows when something moved
//
// A restored backup, and a copy of the data folder that runs elsewhere, would sign another history under the
// same name. So the catalogue remembers which key file it was (a copy has another one), and what was signed
// last: unless both fit, nothing is signed before a person has said so (resume()).
//
// Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "ledger/entry.h"
#include "ledger/log.h"
#include "ledger/proof.h"
#include "store/batches.h"
#include "store/store.h"

namespace passerby::store {

class Ledger {
  public:
    static constexpr int kBatch = 5000;  // segments, and gaps

    // Makes key and ledger where there is none. `origin` names the ledger, once and for all; empty:
    // "passerby.invalid/" and part of the key. denied, corrupt: see above; what is wrong and the mend are in
    // the message.
    static Result<std::unique_ptr<Ledger>> open(std::shared_ptr<Store>, const std::string& origin);
    // A person says that the data folder is the right one: the ledger continues what is published, and says
    // so.
    static Result<std::unique_ptr<Ledger>> resume(std::shared_ptr<Store>, const std::string& origin);
    ~Ledger();

    // On the record, dated now, when this returns. Gives the entry's index.
    Result<std::uint64_t> append(std::string_view kind, const ledger::Fields&);
    // Puts all that was finished on the record, and gives how many segments and gaps that were.
    Result<std::size_t> close_batches();

    // The rules of a camera from now on: on the record where they are not those that are there already. Null:
    // the camera is no more. Cameras with rules on the record: cameras_on_record().
    Status set_policy(const std::string& camera, const ledger::Fields& rules);
    Result<std::vector<std::string>> cameras_on_record() const;
    // The rules that are on the record, as text; empty: none. Without a ledger too.
    static Result<std::string> rules_on_record(const Store&, const std::string& camera);

    // An export of these segments went on the record as entry `entry`: its proof, kept for proof_of_export().
    // Closes the open batches first, so that every finished segment has its manifest in it.
    Result<std::uint64_t> append_export(const ledger::Fields&, const std::vector<SegmentId>&);
    Result<std::string> proof_of_export(std::uint64_t entry) const;

    // A checkpoint of this ledger with its witnesses' signatures, for everybody to fetch beside the newest
    // one.
    Status publish_cosigned(const ledger::Note&);

    // Who a user is in the ledger: the same for one name, and nobody without the key finds the name.
    std::string pseudonym(const std::string& user) const;

    ledger::Verifier verifier() const { return log_->verifier(); }
    ledger::LogState state() const { return log_->state(); }
    std::filesystem::path folder() const { return log_->folder(); }
    Batches& batches() { return batches_; }
    // Every entry, in order. Reads all of them.
    Status each(const std::function<void(std::uint64_t, const ledger::Fields&)>&) const;

  private:
    struct Lock;
    Result<ledger::ProvenEntry> proven(ledger::TileReader&, std::uint64_t index, std::uint64_t size) const;
    Result<ledger::ClipProof> prove(std::uint64_t entry, const std::vector<SegmentId>&) const;
    std::filesystem::path proof_file(std::uint64_t entry) const;
    Ledger(std::shared_ptr<Store>, std::unique_ptr<Lock>, crypto::SigningKey);
    static Result<std::unique_ptr<Ledger>> make(std::shared_ptr<Store>, std::string origin, bool resumes);

    const std::shared_ptr<Store> store_;
    const std::unique_ptr<Lock> lock_;
    const crypto::SigningKey key_;
    Batches batches_;
    std::unique_ptr<ledger::Log> log_;
    std::mutex mutex_;        // held while an entry is dated and appended
    WallTime last_{};         // of the newest entry; guarded by mutex_
    std::mutex batch_mutex_;  // one batch at a time
};

}  // namespace passerby::store
