// What sealing originals adds to a camera's CPU time: the same film read as a camera is (demuxed and
// decoded), with and without sealing to 2 of 3 keyholders, turn by turn in one run.
//   bench_sealing FILM [ROUNDS]
// A camera's process does far more than decode (detectors, cover, encoding), so the share of its time is
// smaller still.
#include <cstdio>
#include <cstdlib>
#include <memory>

#include <sys/resource.h>

#include "media/originals.h"
#include "media/video_reader.h"
#include "seal/sealed_file.h"

using namespace passerby;

namespace {

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Sum {
    std::size_t parts = 0, bytes = 0;
    long frames = 0;
};

double pass(const std::string& film, const seal::Keyholders* keyholders, Sum& sum) {
    const double before = cpu_seconds();
    media::Originals originals{
        system_clock(),
        {[&](media::OriginalPart part) {
             ++sum.parts;
             sum.bytes += seal::seal_part(*keyholders, {"camera", part.from, part.to}, part.bytes).size();
         },
         [](const Error& e) { std::fprintf(stderr, "%s\n", e.message.c_str()); }}};
    media::ReadOptions options;
    if (keyholders != nullptr) options.originals = &originals;
    auto reader = media::VideoReader::open(film, options);
    if (!reader) {
        std::fprintf(stderr, "%s\n", reader.error().message.c_str());
        std::exit(1);
    }
    while (auto frame = (*reader)->read().value()) ++sum.frames;
    if (keyholders != nullptr) originals.finish();
    return cpu_seconds() - before;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "bench_sealing FILM [ROUNDS]\n");
        return 1;
    }
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
    seal::Keyholders keyholders;
    keyholders.needed = 2;
    for (int i = 0; i < 3; ++i) keyholders.keys.push_back(age::Identity::generate().recipient());
    double plain = 0, sealing = 0;
    Sum none, all;
    for (int i = 0; i < rounds; ++i) {
        plain += pass(argv[1], nullptr, none);
        sealing += pass(argv[1], &keyholders, all);
    }
    std::printf("%ld frames, %zu parts, %.1f MB sealed\n", all.frames, all.parts,
                static_cast<double>(all.bytes) / 1e6);
    std::printf(
        "decoding %.3f s, with sealing %.3f s: %+.2f %% of the decoder's time alone, %.1f us a frame\n",
        plain, sealing, 100 * (sealing / plain - 1),
        1e6 * (sealing - plain) / static_cast<double>(all.frames));
    return all.parts > 0 ? 0 : 1;
}
