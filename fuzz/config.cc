#include "app/config.h"

#include "target.h"

using namespace passerby;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto nothing = [](const std::string&) -> std::optional<std::string> { return std::nullopt; };
    const auto result = app::parse_config(std::string{fuzz::text_of(data, size)}, "/nonexistent", nothing);
    for (const auto& e : result.errors) fuzz::must(!e.what.empty(), "an error says what is wrong");
    for (const auto& camera : result.config.cameras)
        fuzz::must(!result || !camera.url.empty(), "a camera of a config without errors has an address");
    return 0;
}
