// A whole log from a stranger: the first byte divides the input between its files.
#include "ledger/tiles.h"

#include "ledger/audit.h"
#include "target.h"

using namespace passerby;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::uint64_t width = data[0] == 0 ? ledger::kTileWidth : data[0];
    const auto text = fuzz::text_of(data + 1, size - 1);
    if (const auto entries = ledger::parse_bundle(text, width)) {
        fuzz::must(ledger::to_bundle(*entries) == text, "a bundle is written as it was read");
        fuzz::must(entries->size() == width, "a bundle has the entries that were asked for");
    }
    if (const auto hashes = ledger::parse_tile(text, width))
        fuzz::must(ledger::to_tile(*hashes) == text, "a tile is written as it was read");
    ledger::TileReader reader{[&](const std::string&) -> Result<std::string> { return std::string{text}; },
                              width};
    static_cast<void>(ledger::root(width, reader.subtrees()));
    static_cast<void>(reader.entry(width - 1));
    return 0;
}
