// A batch of manifests, one a line, as a check of a data folder and the proof of a clip read them.
#include "ledger/manifest.h"

#include "ledger/proof.h"
#include "target.h"

using namespace passerby;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        if (const auto manifest = ledger::parse_manifest(text.substr(at, end - at))) {
            // What everybody who reads one takes for granted.
            static_cast<void>(manifest->at("camera").get<std::string>());
            static_cast<void>(manifest->value("sha256", ""));
            static_cast<void>(manifest->value("policy", ""));
            static_cast<void>(manifest->value("covered_ppm", 0.0));
            static_cast<void>(manifest->dump());
            fuzz::must(wall_time_from_iso8601(manifest->at("from").get<std::string>()).has_value(),
                       "a manifest has a time");
        }
        at = end + 1;
    }
    return 0;
}
