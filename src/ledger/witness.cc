#include "ledger/witness.h"

#include "crypto/base64.h"

namespace passerby::ledger {

Result<std::string> add_checkpoint(const std::string& checkpoint, std::uint64_t before, const Fetch& fetch) {
    const auto note = TRY(Note::parse(checkpoint));
    const auto size = TRY(Checkpoint::parse(note.text)).size;
    if (before > size)
        return fail(ErrorKind::invalid, "the witness has seen {} entries, and the checkpoint has {}", before,
                    size);
    std::string body = fmt::format("old {}\n", before);
    if (before > 0) {
        TileReader reader{fetch, size};
        for (const auto& hash : TRY(consistency_proof(before, size, reader.subtrees())))
            body += crypto::to_base64({reinterpret_cast<const char*>(hash.data()), hash.size()}) + '\n';
    }
    return body + '\n' + checkpoint;
}

Result<Signature> cosignature_in(std::string_view answer, const Note& checkpoint, const Verifier& witness) {
    // Its lines are those of a note whose text is ours.
    auto signed_by_them = TRY(Note::parse(fmt::format("{}\n{}", checkpoint.text, answer)));
    TRY_STATUS(signed_by_them.verify(witness));
    for (auto& signature : signed_by_them.signatures)
        if (signature.name == witness.name() && signature.bytes.starts_with(witness.id()))
            return std::move(signature);
    return fail(ErrorKind::denied, "it is not signed by {}", witness.to_string());
}

}  // namespace passerby::ledger
