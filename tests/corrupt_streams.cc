// What a camera's stream may turn into on its way: bits flip, pieces are lost, doubled or of another stream.
// Each is read to its end as a camera's process reads it (demuxed, decoded, its packets kept for sealing) in
// a process of its own with the limits of one.
//
//   corrupt_streams COUNT [SEED]
//   corrupt_streams --read FILE     one that was found, in this process
//
// Fails when a stream ends a process by a signal, or takes longer than ten seconds. It says how many pictures
// came all the same: a harness that damages too much would test nothing.
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "media/originals.h"
#include "media/video_reader.h"

using namespace passerby;

namespace {

constexpr int kBatch = 25;  // streams of one process, until one of them ends it
constexpr unsigned kSeconds = 10;
constexpr rlim_t kMemory = rlim_t{2} << 30;

struct Kind {
    const char *arguments, *ending;
};
constexpr Kind kKinds[] = {{"-c:v libx264 -preset ultrafast -g 10", "ts"},
                           {"-c:v libx264 -preset veryfast -bf 2 -g 10", "mp4"},
                           {"-c:v libx264 -preset ultrafast -g 10 -f h264", "h264"},
                           {"-c:v libx265 -preset ultrafast -x265-params log-level=error:keyint=10", "ts"},
                           {"-c:v libx265 -preset ultrafast -x265-params log-level=error:keyint=10", "mp4"},
                           {"-c:v libx265 -preset ultrafast -x265-params log-level=error:keyint=10", "mkv"},
                           {"-c:v mjpeg -pix_fmt yuvj420p", "avi"},
                           {"-c:v mpeg4 -g 10", "avi"}};

using Random = std::mt19937;

std::size_t below(Random& random, std::size_t n) {
    return n == 0 ? 0 : random() % n;
}

std::string damaged(std::string bytes, const std::vector<std::string>& all, Random& random) {
    const auto piece = [&](const std::string& of) {
        const auto at = below(random, of.size());
        return std::pair{at, std::min(of.size() - at, 1 + below(random, 2000))};
    };
    const auto times = 1 + below(random, 4);
    for (std::size_t i = 0; i < times && !bytes.empty(); ++i) {
        const auto [at, length] = piece(bytes);
        switch (below(random, 6)) {
            case 0:
                for (std::size_t n = 1 + below(random, 60); n > 0; --n) {
                    auto& byte = bytes[below(random, bytes.size())];
                    byte = static_cast<char>(byte ^ 1 << below(random, 8));
                }
                break;
            case 1:
                bytes.erase(at, length);
                break;
            case 2:
                bytes.insert(at, bytes.substr(at, length));
                break;
            case 3: {
                const auto& other = all[below(random, all.size())];
                const auto [from, count] = piece(other);
                bytes.replace(at, length, other, from, count);
                break;
            }
            case 4:
                for (std::size_t k = 0; k < length; ++k) bytes[at + k] = static_cast<char>(random());
                break;
            default:
                if (at > 200) bytes.resize(at);
        }
    }
    return bytes;
}

// The pictures that came; the process's own end is the answer to the rest.
int read_all(const std::string& file) {
    ::alarm(kSeconds);
    std::size_t parts = 0;
    media::Originals originals{
        system_clock(),
        {[&](const media::OriginalPart& part) { parts += part.bytes.size(); }, [](const Error&) {}}};
    media::ReadOptions options;
    options.originals = &originals;
    int frames = 0;
    if (auto reader = media::VideoReader::open(file, options)) {
        for (;;) {
            auto frame = (*reader)->read();
            if (!frame || !*frame) break;
            ++frames;
        }
    }
    originals.finish();
    ::alarm(0);
    return frames;
}

struct Outcome {
    bool ended_well = false;
    std::string how;
    long frames = 0;
};

Outcome in_a_process(const std::vector<std::string>& files) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) std::exit(2);
    const auto child = ::fork();
    if (child == 0) {
        const rlimit memory{kMemory, kMemory};
        ::setrlimit(RLIMIT_AS, &memory);
        long frames = 0;
        for (const auto& file : files) frames += read_all(file);
        const auto written = ::write(ends[1], &frames, sizeof frames);
        std::_Exit(written == sizeof frames ? 0 : 1);
    }
    ::close(ends[1]);
    Outcome outcome;
    long frames = 0;
    if (::read(ends[0], &frames, sizeof frames) == sizeof frames) outcome.frames = frames;
    ::close(ends[0]);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    outcome.ended_well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (WIFSIGNALED(status))
        outcome.how = WTERMSIG(status) == SIGALRM ? "took longer than 10 s" : ::strsignal(WTERMSIG(status));
    else
        outcome.how = "exit status " + std::to_string(WEXITSTATUS(status));
    return outcome;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 3 && std::string_view{argv[1]} == "--read") {
        std::printf("%d pictures\n", read_all(argv[2]));
        return 0;
    }
    const int count = argc > 1 ? std::atoi(argv[1]) : 0;
    const auto seed = argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : std::random_device{}();
    if (count <= 0) {
        std::fprintf(stderr, "corrupt_streams COUNT [SEED]\n");
        return 2;
    }
    std::printf("seed %u\n", seed);
    std::fflush(stdout);
    const auto folder = TemporaryFolder::create().value();
    std::vector<std::string> clips;
    for (const auto& kind : kKinds) {
        const auto file = folder.file(std::string{"clip."} + kind.ending);
        const auto command = "ffmpeg -nostdin -v error -y -f lavfi -i testsrc=size=160x120:rate=10 -t 2 " +
                             std::string{kind.arguments} + " '" + file + "'";
        if (std::system(command.c_str()) != 0) {  // NOLINT: our own words
            std::fprintf(stderr, "ffmpeg is needed: apt-get install ffmpeg\n");
            return 77;
        }
        clips.push_back(read_file(file).value());
    }
    Random random{seed};
    long frames = 0;
    int bad = 0;
    for (int done = 0; done < count;) {
        std::vector<std::string> files;
        for (int i = 0; i < kBatch && done < count; ++i, ++done) {
            const auto kind = below(random, clips.size());
            files.push_back(folder.file(std::to_string(i) + "." + kKinds[kind].ending));
            std::ofstream{files.back(), std::ios::binary | std::ios::trunc}
                << damaged(clips[kind], clips, random);
        }
        const auto all = in_a_process(files);
        frames += all.frames;
        if (all.ended_well) continue;
        // Which one was it?
        for (const auto& file : files) {
            const auto one = in_a_process({file});
            frames += one.frames;
            if (one.ended_well) continue;
            ++bad;
            const auto kept = std::filesystem::temp_directory_path() /
                              ("corrupt-" + std::to_string(seed) + "-" + std::to_string(bad) +
                               std::filesystem::path{file}.extension().string());
            std::filesystem::copy_file(file, kept, std::filesystem::copy_options::overwrite_existing);
            std::printf("%s: %s\n", kept.c_str(), one.how.c_str());
        }
    }
    std::printf("%d streams, %ld pictures decoded, %d ended a process or took too long\n", count, frames,
                bad);
    if (frames < count) {
        std::printf("too few pictures: nothing was tested\n");
        return 1;
    }
    return bad == 0 ? 0 : 1;
}
