#include "app/model_file.h"
#include "target.h"

using namespace passerby;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto result =
        app::parse_model_file(std::string{fuzz::text_of(data, size)}, "/nonexistent/model.yaml");
    for (const auto& e : result.errors) fuzz::must(!e.what.empty(), "an error says what is wrong");
    return 0;
}
