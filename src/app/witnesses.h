// Shows the ledger's newest checkpoint to its witnesses, now and then, and publishes what they signed beside
// it. A witness that does not answer holds up nobody.
#pragma once

#include <string>
#include <thread>
#include <vector>

#include "ledger/note.h"
#include "store/ledger.h"

namespace passerby::app {

struct WitnessConfig {
    ledger::Verifier key;  // of cosignatures
    std::string url;       // below which add-checkpoint is
};

class Witnesses {
  public:
    // After so long, where the ledger has grown.
    static constexpr std::chrono::minutes kEvery{5};

    // `ledger` outlives it.
    Witnesses(store::Ledger& ledger, std::vector<WitnessConfig>);
    ~Witnesses();

  private:
    void run(std::stop_token);
    void ask_all();
    Result<ledger::Signature> ask(const WitnessConfig&, const ledger::Note&, std::uint64_t& seen);

    store::Ledger& ledger_;
    const std::vector<WitnessConfig> witnesses_;
    std::vector<std::uint64_t> seen_;  // the thread's: what each of them has cosigned, as far as we know
    std::jthread thread_;
};

}  // namespace passerby::app
