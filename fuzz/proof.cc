#include "ledger/proof.h"

#include "target.h"

using namespace passerby;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto proof = ledger::ClipProof::parse(fuzz::text_of(data, size));
    if (!proof) return 0;
    // Its own key, as who trusts it would: everything behind the signature is reached.
    const auto verifier = ledger::Verifier::parse(proof->key);
    if (!verifier) return 0;
    const auto clip = ledger::verify_clip(*proof, std::string(64, '0'), *verifier);
    static_cast<void>(ledger::ClipProof::parse(proof->to_text()));
    fuzz::must(!clip || !clip->exported.empty(), "what is proven has an entry");
    return 0;
}
