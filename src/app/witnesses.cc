#include "app/witnesses.h"

#include <charconv>
#include <condition_variable>
#include <mutex>

#include <pthread.h>

#include "base/log.h"
#include "client/http.h"
#include "ledger/witness.h"

namespace passerby::app {

namespace {

constexpr int kFine = 200, kOtherSize = 409;
constexpr std::chrono::seconds kLook{2};

}  // namespace

Witnesses::Witnesses(store::Ledger& ledger, std::vector<WitnessConfig> witnesses)
    : ledger_{ledger},
      witnesses_{std::move(witnesses)},
      seen_(witnesses_.size()),
      thread_{[this](std::stop_token stop) { run(stop); }} {}

Witnesses::~Witnesses() {
    thread_.request_stop();
    thread_.join();
}

void Witnesses::run(std::stop_token stop) {
    pthread_setname_np(pthread_self(), "witnesses");
    std::mutex mutex;
    std::condition_variable_any wake;
    std::uint64_t shown = 0;
    std::optional<Micros> last;
    while (!stop.stop_requested()) {
        const auto size = ledger_.state().size;
        const auto now = system_clock().monotonic();
        if (size > shown && (!last || now - *last >= kEvery)) {
            ask_all();
            shown = size;
            last = now;
        }
        std::unique_lock lock{mutex};
        wake.wait_for(lock, stop, kLook, [] { return false; });
    }
}

void Witnesses::ask_all() {
    auto note = ledger::Note::parse(ledger_.state().checkpoint);
    if (!note) return log_error("the checkpoint cannot be shown to witnesses: {}", note.error().message);
    const auto plain = *note;
    for (std::size_t i = 0; i < witnesses_.size(); ++i) {
        auto signature = ask(witnesses_[i], plain, seen_[i]);
        if (signature)
            note->signatures.push_back(*std::move(signature));
        else
            log_warning("witness {} has not cosigned: {}", witnesses_[i].key.name(),
                        signature.error().message);
    }
    if (note->signatures.size() == plain.signatures.size()) return;
    if (const auto kept = ledger_.publish_cosigned(*note); !kept)
        log_error("what the witnesses signed is not published: {}", kept.error().message);
}

Result<ledger::Signature> Witnesses::ask(const WitnessConfig& witness, const ledger::Note& checkpoint,
                                         std::uint64_t& seen) {
    client::Http http{witness.url};
    const auto size = TRY(ledger::Checkpoint::parse(checkpoint.text)).size;
    const auto fetch = ledger::fetch_from_folder(ledger_.folder().string());
    for (bool again = true;; again = false) {
        const auto body = TRY(ledger::add_checkpoint(checkpoint.to_string(), seen, fetch));
        const auto reply = TRY(http.post("/add-checkpoint", body));
        if (reply.status == kFine) {
            auto signature = TRY(ledger::cosignature_in(reply.body, checkpoint, witness.key));
            seen = size;
            return signature;
        }
        // It has seen another size than we remember, and says which.
        std::uint64_t told = 0;
        const auto* end = reply.body.data() + reply.body.size();
        const bool knows = reply.status == kOtherSize && again &&
                           std::from_chars(reply.body.data(), end, told).ec == std::errc{};
        if (!knows) return fail(ErrorKind::denied, "it answers {}", reply.status);
        if (told > size)
            return fail(ErrorKind::corrupt,
                        "it has seen {} entries of this ledger, which has {}: was a backup "
                        "restored, or does another recorder sign with this key?",
                        told, size);
        seen = told;
    }
}

}  // namespace passerby::app
