// Without libFuzzer: every seed as it is, cut at every place, and with every byte changed in two ways.
//
// fuzz_NAME [--places=N] SEEDS: N at most, spread over the seed, where an input takes its time
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "target.h"

namespace {

std::size_t runs = 0, most_places = 1500;

void run(const std::string& input) {
    // A copy of exactly that size, so that a sanitizer sees one byte too many.
    const std::string exact{input.begin(), input.end()};
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(exact.data()), exact.size());
    ++runs;
}

void run_around(std::string seed) {
    run(seed);
    const auto step = seed.size() / most_places + 1;
    for (std::size_t at = 0; at < seed.size(); at += step) {
        run(seed.substr(0, at));
        const char was = seed[at];
        for (const int change : {1, 0x80}) {
            seed[at] = static_cast<char>(was ^ change);
            run(seed);
        }
        seed[at] = was;
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::size_t seeds = 0;
    constexpr std::string_view kPlaces = "--places=";
    const bool told = argc > 1 && std::string_view{argv[1]}.starts_with(kPlaces);
    if (told) most_places = std::strtoul(argv[1] + kPlaces.size(), nullptr, 10);
    for (int i = told ? 2 : 1; i < argc; ++i)
        for (const auto& entry : std::filesystem::directory_iterator{argv[i]}) {
            std::ifstream file{entry.path(), std::ios::binary};
            run_around({std::istreambuf_iterator<char>{file}, {}});
            ++seeds;
        }
    run({});
    std::printf("%zu seeds, %zu inputs\n", seeds, runs);
    return seeds == 0 ? 1 : 0;
}
