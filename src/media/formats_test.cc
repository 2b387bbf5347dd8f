// A table of what comes out of cameras, phones and editors. Each is read, compared with what ffmpeg makes of
// it, written and compared again.
#include <cmath>
#include <cstring>

#include <gmock/gmock.h>

#include "media/test_files.h"

namespace passerby::media {
namespace {

struct Format {
    const char* name;
    const char* make;  // arguments of ffmpeg; "@" is the usual scene, "X264" and so on an encoder
    const char* file;
    image::Size size;
    int frames;
    double tolerance = 1.0;  // mean difference to ffmpeg's own conversion, in levels
    const char* remux = "";  // arguments of a second run of ffmpeg, which copies
};

constexpr const char* kScene = "-f lavfi -i testsrc2=s=160x120:r=25:d=1 ";

void PrintTo(const Format& format, std::ostream* out) {
    *out << format.name;
}

const Format kFormats[] = {
    {"h264_b_frames", "@ -c:v libx264 -preset veryfast -bf 3", "a.mp4", {160, 120}, 25},
    {"h264_cropped", "-f lavfi -i testsrc2=s=150x90:r=25:d=1 X264 -pix_fmt yuv420p", "a.mkv", {150, 90}, 25},
    {"hevc", "@ X265", "a.mkv", {160, 120}, 25},
    {"hevc_10_bit", "@ X265 -pix_fmt yuv420p10le", "a.mp4", {160, 120}, 25},
    {"mpeg4_b_frames", "@ -c:v mpeg4 -bf 2 -q:v 3", "a.avi", {160, 120}, 25},
    {"msmpeg4", "@ -c:v msmpeg4 -q:v 3", "a.avi", {160, 120}, 25},
    {"mjpeg_full_range", "@ -c:v mjpeg -q:v 3 -pix_fmt yuvj420p", "a.avi", {160, 120}, 25},
    {"mjpeg_422", "@ -c:v mjpeg -q:v 3 -pix_fmt yuvj422p", "a.mkv", {160, 120}, 25},
    {"transport_stream", "@ X264 -bf 2 -pix_fmt yuv420p", "a.ts", {160, 120}, 25},
    {"vp9_odd_size", "-f lavfi -i testsrc=s=101x67:r=25:d=1 VP9 -pix_fmt yuv420p", "a.webm", {101, 67}, 25},
    {"av1", "@ -frames:v 8 -c:v libsvtav1 -preset 12", "a.mp4", {160, 120}, 8},
    {"h264_422_10_bit", "@ X264 -pix_fmt yuv422p10le", "a.mp4", {160, 120}, 25},
    {"h264_full_range_tagged", "@ X264 -pix_fmt yuvj420p", "a.mp4", {160, 120}, 25},
    {"h264_444_full_range", "@ X264 -pix_fmt yuvj444p", "a.mp4", {160, 120}, 25},
    // Of limited range, which ffmpeg takes for full.
    {"h264_grey", "@ X264 -pix_fmt gray", "a.mp4", {160, 120}, 25, 20},
    {"rgb", "@ -c:v libx264rgb -preset ultrafast -crf 10 -pix_fmt rgb24", "a.mkv", {160, 120}, 25},
    {"interlaced", "@ X264 -flags +ildct+ilme -x264-params tff=1 -pix_fmt yuv420p", "a.mp4", {160, 120}, 25},
    {"interlaced_mpeg2", "@ -c:v mpeg2video -flags +ildct+ilme -q:v 3", "a.ts", {160, 120}, 25},
    {"rotated_90", "@ X264 -pix_fmt yuv420p", "a.mp4", {120, 160}, 25, 1, "-metadata:s:v rotate=90"},
    {"rotated_180", "@ X264 -pix_fmt yuv420p", "a.mp4", {160, 120}, 25, 1, "-metadata:s:v rotate=180"},
    {"rotated_90_odd",
     "-f lavfi -i testsrc=s=101x67:r=25:d=1 VP9 -pix_fmt yuv420p",
     "a.mp4",
     {67, 101},
     25,
     1,
     "-metadata:s:v rotate=90"},
    {"rotated_270_422", "@ X264 -pix_fmt yuv422p", "a.mov", {120, 160}, 25, 1, "-metadata:s:v rotate=270"},
    {"variable_rate_ms",
     "@ -vf setpts='(N*40+mod(N*N\\,17))/1000/TB' -vsync passthrough X264 -bf 2 -enc_time_base 1/1000",
     "a.mkv",
     {160, 120},
     25},
    {"variable_rate_90k",
     "@ -vf settb=1/90000,setpts='N*3600+mod(N*N\\,1700)' -vsync passthrough -enc_time_base 1/90000 X264 "
     "-video_track_timescale 90000",
     "a.mp4",
     {160, 120},
     25},
    {"ntsc",
     "-f lavfi -i testsrc2=s=160x120:r=30000/1001:d=1 X264 -pix_fmt yuv420p",
     "a.mp4",
     {160, 120},
     30},
    {"starts_late", "-itsoffset 1.5 @ X264", "a.mkv", {160, 120}, 25},
    {"starts_late_off_the_millisecond",
     "@ -vf settb=1/90000,setpts='N*3600+12345' -vsync passthrough -enc_time_base 1/90000 X264 -muxdelay 0 "
     "-muxpreload 0",
     "a.ts",
     {160, 120},
     25},
    {"several_streams",
     "@ -f lavfi -i sine=d=1 -f lavfi -i testsrc2=s=64x64:r=25:d=1 -map 0 -map 1 -map 2 -map 1 X264 "
     "-disposition:v:0 default -disposition:v:1 0",
     "a.mkv",
     {160, 120},
     25},
    {"raw_h264", "@ X264", "a.h264", {160, 120}, 25},
    {"one_frame", "@ -frames:v 1 X264", "a.mp4", {160, 120}, 1},
};

class Formats : public testing::TestWithParam<Format> {};

std::string make_arguments(const Format& format) {
    std::string arguments = format.make;
    for (const auto& [word, meaning] :
         {std::pair{"@", kScene},
          {"X264", "-c:v libx264 -preset ultrafast"},
          {"X265", "-c:v libx265 -preset ultrafast -x265-params log-level=none"},
          {"VP9", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8"}})
        if (const auto at = arguments.find(word); at != std::string::npos)
            arguments.replace(at, std::strlen(word), meaning);
    return arguments;
}

// Mean absolute difference to a picture of ffmpeg's.
double difference(const image::RawFrame& frame, const char* reference) {
    double sum = 0, count = 0;
    for (const auto& plane : {frame.raw().y, frame.raw().u, frame.raw().v})
        for (int y = 0; y < plane.size.height; ++y)
            for (int x = 0; x < plane.size.width; ++x, ++count)
                sum += std::abs(plane.row(y)[x] - static_cast<int>(static_cast<unsigned char>(*reference++)));
    return sum / count;
}

TEST_P(Formats, AreReadAndWrittenFrameByFrame) {
    const auto& format = GetParam();
    const TempFolder folder;
    const auto in = folder / format.file, out = folder / "out.mp4";
    if (*format.remux) {
        make_video(make_arguments(format), folder / "first.mkv");
        make_video("-i '" + folder / "first.mkv" + "' -c copy " + format.remux, in);
    } else {
        make_video(make_arguments(format), in);
    }
    const auto frames = transcode(in, out);
    ASSERT_EQ(static_cast<int>(frames.size()), format.frames);
    EXPECT_EQ(frames[0].size(), format.size);

    // Pictures: what ffmpeg shows.
    const auto reference = run("ffmpeg -nostdin -v error -i '" + in +
                               "' -map 0:v:0 -vsync passthrough -pix_fmt yuv420p -f rawvideo -");
    const auto half = format.size.chroma();
    const auto bytes =
        static_cast<std::size_t>(format.size.width * format.size.height + 2 * half.width * half.height);
    ASSERT_EQ(reference.size(), bytes * frames.size());
    for (std::size_t i = 0; i < frames.size(); i += 6)
        ASSERT_LT(difference(frames[i], reference.data() + i * bytes), format.tolerance) << "frame " << i;

    // Times: those of the input, exactly, and equal in the output as rational numbers.
    const auto reader = open_or_fail(in);
    const auto base = reader->info().time_base;
    const auto in_pts = probe(in, "frame=best_effort_timestamp");
    auto out_pts = probe(out, "frame=pts:stream=profile,pix_fmt,has_b_frames,time_base");
    ASSERT_EQ(in_pts.size(), frames.size());
    ASSERT_EQ(out_pts.size(), frames.size() + 1);
    ASSERT_THAT(out_pts.back(), testing::StartsWith("High,0,yuv420p,1/"));
    const auto out_den = std::stoll(out_pts.back().substr(17));
    for (std::size_t i = 0; i < frames.size(); ++i) {
        if (in_pts[i] != "N/A") {
            ASSERT_EQ(std::to_string(frames[i].when().ticks), in_pts[i]) << "frame " << i;
        }
        ASSERT_EQ(std::stoll(out_pts[i]) * base.den, frames[i].when().ticks * base.num * out_den)
            << "frame " << i;
    }
    EXPECT_TRUE(reader->gaps().empty());
}

INSTANTIATE_TEST_SUITE_P(Table, Formats, testing::ValuesIn(kFormats),
                         [](const auto& about) { return std::string{about.param.name}; });

}  // namespace
}  // namespace passerby::media
