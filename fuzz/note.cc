#include "ledger/note.h"

#include "target.h"

using namespace passerby;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    if (const auto note = ledger::Note::parse(text)) {
        fuzz::must(note->to_string() == text, "a note is written as it was read");
        static const auto key = crypto::SigningKey::from_seed("fuzz");
        static_cast<void>(note->verify({"fuzz", ledger::Verifier::Kind::note, key.verify_key()}));
        if (const auto checkpoint = ledger::Checkpoint::parse(note->text))
            fuzz::must(note->text.starts_with(checkpoint->to_text()),
                       "a checkpoint is written as it was read");
    }
    if (const auto verifier = ledger::Verifier::parse(text))
        fuzz::must(verifier->to_string() == text, "a key is written as it was read");
    static_cast<void>(ledger::Checkpoint::parse(text));
    return 0;
}
