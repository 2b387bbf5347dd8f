#include "redact/policy.h"
#include "target.h"

using namespace passerby;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    for (const auto& polygon : {redact::polygon_from(text), redact::part_from(text)}) {
        if (!polygon) continue;
        fuzz::must(polygon->size() >= 3, "a polygon has three points");
        for (const auto& p : *polygon)
            fuzz::must(p.x >= 0 && p.x <= 1 && p.y >= 0 && p.y <= 1, "its points lie in the picture");
    }
    static_cast<void>(redact::subjects_named(text));
    return 0;
}
