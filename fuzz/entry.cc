#include "ledger/entry.h"

#include "ledger/use_report.h"
#include "target.h"

using namespace passerby;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    const auto entry = ledger::parse_entry(text);
    if (!entry) return 0;
    fuzz::must(entry->dump() == text, "an entry has one form");
    ledger::UseReport report{{Micros::min() / 2}, {Micros::max() / 2}};
    report.add(*entry);
    static_cast<void>(report.to_text());
    static_cast<void>(report.to_csv());
    static_cast<void>(ledger::describe(*entry));
    return 0;
}
