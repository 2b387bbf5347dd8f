// The header, the payload and the armour of age files, and its keys.
#include "age/age.h"

#include "age/armor.h"
#include "age/bech32.h"
#include "target.h"

using namespace passerby;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    static const auto identity =
        age::Identity::parse("AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0")
            .value();
    if (const auto header = age::Header::parse(text)) {
        fuzz::must(header->size <= text.size(), "a header is within its file");
        const age::FileKey key;
        // What is parsed is written the same way: nobody can read it otherwise. Its MAC is of another key.
        const auto again = age::make_header(header->stanzas, key);
        fuzz::must(again.substr(0, header->authenticated.size()) == header->authenticated,
                   "a header has one form");
        for (const auto& stanza : header->stanzas) static_cast<void>(age::unwrap(identity, stanza));
        std::size_t given = 0;
        const auto opened = age::open_payload(key, std::string_view{text}.substr(header->size),
                                              [&](std::string_view chunk) { given += chunk.size(); });
        fuzz::must(given <= text.size(), "no more comes out than goes in");
        static_cast<void>(opened);
    }
    static_cast<void>(age::decrypt(std::span{&identity, 1}, text));
    if (const auto file = age::without_armor(text)) {
        const auto again = age::without_armor(age::armored(*file));
        fuzz::must(again && *again == *file, "armour holds any file");
    }
    if (const auto key = age::from_bech32(text))
        fuzz::must(age::from_bech32(age::to_bech32(key->kind, key->bytes)).has_value(),
                   "bech32 has one form");
    if (const auto recipient = age::Recipient::parse(text))
        fuzz::must(recipient->to_string() == text, "a recipient is written as it was read");
    return 0;
}
