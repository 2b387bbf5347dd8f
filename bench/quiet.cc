// The stages of a camera's process in one thread, on a file, as live: decode, cover, and keep or encode. For
// bench/quiet.py.
//
//     bench_quiet CLIP keep|encode SECONDS
//
// The first SECONDS prove the scene and are not counted. Prints: frames, CPU seconds, frames that were kept,
// bytes, seconds of video.
#include <cstdio>
#include <cstdlib>

#include <sys/resource.h>

#include "base/file.h"
#include "media/video_reader.h"
#include "media/video_writer.h"
#include "redact/engine.h"
#include "vision/load_detectors.h"

namespace passerby {
namespace {

double cpu_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto of = [](timeval t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return of(used.ru_utime) + of(used.ru_stime);
}

struct Cost {
    double seconds = 0;
    int frames = 0, kept = 0;
    std::size_t bytes = 0;
    Micros length{};
};

Result<Cost> measure(const std::string& clip, bool keep, Micros warm, vision::Detectors& detectors) {
    media::ReadOptions how;
    how.threads = 1;
    how.keep_packets = keep;
    auto reader = TRY(media::VideoReader::open(clip, how));
    const auto& info = reader->info();
    if (keep && !info.sets)
        return fail(ErrorKind::invalid, "the packets of '{}' cannot be kept: {}", clip, info.unkept);
    auto engine = TRY(redact::Engine::create(
        {info.size, info.frame_rate.value(), std::chrono::milliseconds{500}, 0.5}, {}, &detectors));
    media::EncodeOptions options;
    options.size = info.size;
    options.time_base = info.time_base;
    options.frame_rate = info.frame_rate;
    options.sample_aspect = info.sample_aspect;
    options.colour = info.colour;
    options.low_latency = true;
    options.threads = 1;
    options.camera = info.sets;
    Cost cost;
    bool counts = false;
    auto writer = TRY(media::FragmentWriter::create(options, std::chrono::milliseconds{250},
                                                    {[](auto, auto) { return Status{}; },
                                                     [&](media::Fragment f) {
                                                         if (counts)
                                                             cost.kept += f.kept,
                                                                 cost.bytes += f.bytes.size(),
                                                                 cost.length += f.duration;
                                                         return Status{};
                                                     }}));
    double begun = 0;
    while (auto frame = TRY(reader->read())) {
        if (!counts && frame->when().time >= warm) {
            counts = true;
            begun = cpu_seconds();
        }
        if (counts) ++cost.frames;
        for (const auto& covered : engine->push(std::move(*frame))) TRY_STATUS(writer->write(covered.frame));
    }
    for (const auto& covered : engine->finish()) TRY_STATUS(writer->write(covered.frame));
    TRY_STATUS(writer->finish());
    cost.seconds = cpu_seconds() - begun;
    return cost;
}

Status run(const std::string& clip, bool keep, double warm) {
    auto detectors = TRY(vision::load_detectors({TRY(resource("models")).string(), 1}));
    const auto cost = TRY(measure(clip, keep, Micros{static_cast<std::int64_t>(warm * 1e6)}, *detectors));
    std::printf("%d %.3f %d %zu %.3f\n", cost.frames, cost.seconds, cost.kept, cost.bytes,
                std::chrono::duration<double>(cost.length).count());
    return {};
}

}  // namespace
}  // namespace passerby

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: %s CLIP keep|encode SECONDS\n", argv[0]);
        return 2;
    }
    const auto done = passerby::run(argv[1], std::string_view{argv[2]} == "keep", std::atof(argv[3]));
    if (!done) std::fprintf(stderr, "%s\n", done.error().message.c_str());
    return done ? 0 : 1;
}
