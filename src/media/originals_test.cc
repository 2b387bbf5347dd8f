// Real videos by ffmpeg, in every codec that a camera may send: the parts play, and hold the very same
// packets.
#include "media/originals.h"

#include <algorithm>
#include <fstream>
#include <set>

#include "media/test_files.h"

namespace passerby::media {
namespace {

struct Kept {
    std::vector<OriginalPart> parts;
    std::vector<std::string> lost;
    int frames = 0;  // that were decoded
};

Kept read_through(const std::string& file) {
    Kept kept;
    Originals originals{system_clock(),
                        {[&](OriginalPart part) { kept.parts.push_back(std::move(part)); },
                         [&](const Error& why) { kept.lost.push_back(why.message); }}};
    ReadOptions options;
    options.originals = &originals;
    auto reader = VideoReader::open(file, options);
    EXPECT_TRUE(reader) << reader.error().message;
    if (!reader) return kept;
    while (auto frame = (*reader)->read().value()) ++kept.frames;
    originals.finish();
    return kept;
}

std::string write(const TempFolder& folder, const OriginalPart& part, std::size_t number) {
    const auto file = folder / ("part-" + std::to_string(number));
    std::ofstream{file, std::ios::binary} << part.bytes;
    return file;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

int frames_in(const std::string& file) {
    return std::stoi(
        run("ffprobe -v error -count_frames -select_streams v -of csv=p=0 -show_entries "
            "stream=nb_read_frames '" +
            file + "'"));
}

// Of the packets' bytes, in the order of the file.
std::vector<std::string> hashes_in(const std::string& file) {
    return lines_of(
        run("ffprobe -v error -select_streams v -show_packets -show_data_hash md5 -show_entries "
            "packet=data_hash -of csv=p=0 '" +
            file + "'"));
}

struct Sent {
    const char *name, *arguments, *ending;
    bool same_bytes = true;  // MP4 holds H.264 and HEVC in another form than a transport stream
    bool has_times = true;   // otherwise the time of arrival counts, and here all arrives at once
};
class Codecs : public testing::TestWithParam<Sent> {};
INSTANTIATE_TEST_SUITE_P(
    , Codecs,
    testing::Values(
        Sent{"h264", "-c:v libx264 -preset ultrafast -bf 0 -g 20", "mp4"},
        Sent{"b_frames", "-c:v libx264 -preset veryfast -bf 3 -g 20", "mp4"},
        Sent{"open_gop", "-c:v libx264 -preset veryfast -bf 2 -g 20 -x264-params open-gop=1", "mp4"},
        Sent{"transport_stream", "-c:v libx264 -preset ultrafast -g 20", "ts", false},
        Sent{"no_container", "-c:v libx264 -preset ultrafast -bf 0 -g 20 -f h264", "h264", false, false},
        Sent{"hevc", "-c:v libx265 -preset ultrafast -x265-params log-level=error:keyint=20", "mp4"},
        Sent{"hevc_stream", "-c:v libx265 -preset ultrafast -x265-params log-level=error:keyint=20", "ts",
             false},
        Sent{"mjpeg", "-c:v mjpeg -pix_fmt yuvj420p", "avi"}, Sent{"mpeg4", "-c:v mpeg4 -g 20", "mp4"},
        Sent{"vp8", "-c:v libvpx -deadline realtime -g 20", "webm"},
        Sent{"vp9", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 20", "webm"}),
    [](const auto& one) { return one.param.name; });

TEST_P(Codecs, EveryPacketIsInAPartThatPlays) {
    const TempFolder folder;
    const auto clip = folder / (std::string{"clip."} + GetParam().ending);
    make_video(std::string{"-f lavfi -i testsrc=size=160x120:rate=10 -t 13 -an "} + GetParam().arguments,
               clip);
    const auto kept = read_through(clip);
    EXPECT_TRUE(kept.lost.empty()) << kept.lost.front();
    ASSERT_GE(kept.parts.size(), GetParam().has_times ? 2u : 1u);
    EXPECT_LE(kept.parts.size(), 3u);
    std::vector<std::string> hashes;
    int frames = 0;
    for (std::size_t i = 0; i < kept.parts.size(); ++i) {
        EXPECT_LT(kept.parts[i].from, kept.parts[i].to);
        if (i > 0) {
            EXPECT_EQ(kept.parts[i].from, kept.parts[i - 1].to);
        }
        const auto file = write(folder, kept.parts[i], i);
        frames += frames_in(file);
        for (auto& hash : hashes_in(file)) hashes.push_back(std::move(hash));
    }
    EXPECT_GE(frames, kept.frames - 2 * static_cast<int>(kept.parts.size()))
        << "pictures before an open begin";
    EXPECT_LE(frames, 130);
    EXPECT_EQ(hashes.size(), 130u);
    if (GetParam().same_bytes) {
        EXPECT_EQ(hashes, hashes_in(clip));
    }
}

// Found by corrupt_streams: libavformat takes minutes to write these parameter sets into a file's header.
TEST(Originals, HostileParameterSetsAreNotKept) {
    const auto kept = read_through(PASSERBY_DAMAGED "/hevc_parameter_sets.ts");
    EXPECT_TRUE(kept.parts.empty());
    ASSERT_FALSE(kept.lost.empty());
    EXPECT_NE(kept.lost.front().find("parameter sets are damaged"), std::string::npos) << kept.lost.front();
}

TEST(Originals, PartsAreJoinedIntoOneFilm) {
    const TempFolder folder;
    const auto clip = folder / "clip.mp4", out = folder / "out.mp4";
    make_video("-f lavfi -i testsrc=size=160x120:rate=10 -t 35 -c:v libx264 -preset veryfast -bf 2 -g 20",
               clip);
    const auto kept = read_through(clip);
    std::vector<OriginalFile> files;
    for (std::size_t i = 0; i < kept.parts.size(); ++i)
        files.push_back({write(folder, kept.parts[i], i), std::chrono::seconds{10} * static_cast<int>(i)});
    ASSERT_GE(files.size(), 3u);
    const auto joined = join_originals(files, out);
    ASSERT_TRUE(joined) << joined.error().message;
    EXPECT_EQ(hashes_in(out), hashes_in(clip));
    EXPECT_EQ(frames_in(out), 350);
    const auto seconds =
        std::stod(run("ffprobe -v error -show_entries format=duration -of csv=p=0 '" + out + "'"));
    EXPECT_NEAR(seconds, 35, 2);
}

TEST(Originals, AnotherStreamIsNotJoined) {
    const TempFolder folder;
    const auto a = folder / "a.mp4", b = folder / "b.mp4";
    make_video("-f lavfi -i testsrc=size=160x120:rate=10 -t 2 -c:v libx264 -preset ultrafast", a);
    make_video("-f lavfi -i testsrc=size=320x240:rate=10 -t 2 -c:v libx264 -preset ultrafast", b);
    const auto joined = join_originals({{a, {}}, {b, std::chrono::seconds{2}}}, folder / "out.mp4");
    ASSERT_FALSE(joined);
    EXPECT_EQ(joined.error().kind, ErrorKind::invalid);
    EXPECT_FALSE(join_originals({}, folder / "out.mp4"));
}

}  // namespace
}  // namespace passerby::media
