#include <set>

#include <gmock/gmock.h>

#include "media/test_files.h"

namespace passerby::media {
namespace {

using testing::Contains;
using testing::HasSubstr;
using namespace std::string_literals;

constexpr const char* kScene = "-f lavfi -i testsrc2=s=160x120:r=25:d=2 ";

image::SafeFrame grey(image::Size size, image::FrameTime when, std::uint8_t luma = 90) {
    image::PictureBuffer picture{size};
    const auto planes = picture.writable();
    for (const auto& [plane, value] :
         {std::pair{planes.y, luma}, {planes.u, std::uint8_t{128}}, {planes.v, std::uint8_t{128}}})
        for (int y = 0; y < plane.size.height; ++y) std::fill_n(plane.row(y), plane.size.width, value);
    return redact::Painter::safe(std::move(picture), when);
}

EncodeOptions plain_options(image::Size size) {
    EncodeOptions options;
    options.size = size;
    options.time_base = {1, 25};
    options.frame_rate = {25, 1};
    return options;
}

// nal_unit_type of all units of the first video stream.
std::set<int> unit_types(const std::string& path) {
    const auto bytes = run("ffmpeg -nostdin -v error -i '" + path +
                           "' -map 0:v:0 -c copy -bsf:v h264_mp4toannexb -f h264 -");
    std::set<int> types;
    for (std::size_t at = bytes.find("\0\0\1"s); at != std::string::npos; at = bytes.find("\0\0\1"s, at + 3))
        types.insert(bytes[at + 3] & 31);
    return types;
}

class FileWriterTest : public testing::Test {
  protected:
    TempFolder folder_;
};

TEST_F(FileWriterTest, KeepsNothingOfTheInputsMetadata) {
    set_content(
        folder_ / "tags.txt",
        ";FFMETADATA1\ntitle=HARBOUR\nartist=HARBOUR\ncomment=HARBOUR\nlocation=+52.5200+013.4050/\n"
        "creation_time=2021-02-03T04:05:06\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=900\ntitle=HARBOUR\n");
    make_video("-f lavfi -i testsrc2=s=64x64:d=1 -frames:v 1", folder_ / "cover.jpg");
    make_video(
        kScene + ("-i '" + folder_ / "tags.txt") + "' -i '" + folder_ / "cover.jpg" +
            "' -map 0 -map 2 -map_metadata 1 -map_chapters 1 -c:v:0 libx264 -preset ultrafast -c:v:1 copy "
            "-disposition:v:1 attached_pic -metadata:s:v:0 handler_name=HARBOUR -metadata:s:v:0 language=fin",
        folder_ / "in.mp4");
    const auto before = content(folder_ / "in.mp4");
    for (const char* trace : {"HARBOUR", "loci", "x264", "Lavf", "JFIF"})
        ASSERT_TRUE(before.find(trace) != std::string::npos) << trace;
    transcode(folder_ / "in.mp4", folder_ / "out.mp4");
    const auto after = content(folder_ / "out.mp4");
    for (const char* trace : {"HARBOUR", "loci", "x264", "Lavf", "Lavc", "JFIF"})
        EXPECT_TRUE(after.find(trace) == std::string::npos) << trace;
    EXPECT_THAT(probe(folder_ / "out.mp4", "format_tags", ""),
                testing::ElementsAre("isom,512,isomiso2avc1mp41"));
    EXPECT_THAT(probe(folder_ / "out.mp4", "stream=codec_type", ""), testing::ElementsAre("video"));
    EXPECT_TRUE(probe(folder_ / "out.mp4", "chapter=id", "").empty());
    EXPECT_THAT(probe(folder_ / "out.mp4", "stream_tags=language,creation_time"),
                testing::ElementsAre("und"));
    EXPECT_LT(after.find("moov"), after.find("mdat"));
}

TEST_F(FileWriterTest, WritesOnlySlicesAndParameterSets) {
    constexpr int kSlice = 1, kKeySlice = 5, kSei = 6, kSequence = 7, kPicture = 8;
    make_video(kScene + "-c:v libx264 -preset ultrafast"s, folder_ / "in.mp4");
    ASSERT_THAT(unit_types(folder_ / "in.mp4"), Contains(kSei));  // so that a missing one is seen
    transcode(folder_ / "in.mp4", folder_ / "out.mp4");
    EXPECT_EQ(unit_types(folder_ / "out.mp4"), (std::set{kSlice, kKeySlice, kSequence, kPicture}));
}

TEST_F(FileWriterTest, WritesTheSameBytesForTheSameFrames) {
    make_video(kScene + "-c:v libx264 -preset ultrafast"s, folder_ / "in.mp4");
    transcode(folder_ / "in.mp4", folder_ / "a.mp4");
    transcode(folder_ / "in.mp4", folder_ / "b.mp4");
    EXPECT_EQ(content(folder_ / "a.mp4"), content(folder_ / "b.mp4"));
}

TEST_F(FileWriterTest, KeepsColourAspectAndRate) {
    make_video(
        "-f lavfi -i testsrc2=s=160x120:r=30000/1001:d=1 -vf setsar=16/15 -c:v libx264 -preset ultrafast "
        "-color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv",
        folder_ / "in.mp4");
    transcode(folder_ / "in.mp4", folder_ / "out.mp4");
    const char* facts =
        "stream=color_space,color_transfer,color_primaries,sample_aspect_ratio,r_frame_rate,avg_frame_rate,"
        "width,height,nb_frames";
    EXPECT_EQ(probe(folder_ / "out.mp4", facts), probe(folder_ / "in.mp4", facts));
}

TEST_F(FileWriterTest, PadsOddSizesWithTheEdge) {
    auto writer = FileWriter::create(folder_ / "out.mp4", plain_options({101, 67}));
    ASSERT_TRUE(writer);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE((*writer)->write(grey({101, 67}, {i, Micros{40'000} * i}, 200)));
    ASSERT_TRUE((*writer)->finish());
    const auto reader = open_or_fail(folder_ / "out.mp4");
    EXPECT_EQ(reader->info().size, (image::Size{102, 68}));
    const auto frames = read_all(*reader);
    ASSERT_EQ(frames.size(), 3U);
    EXPECT_NEAR(frames[0].raw().y.row(67)[101], 200, 2);
}

TEST_F(FileWriterTest, EveryPresetGivesHighProfileWithoutBFrames) {
    for (const std::string preset : {"ultrafast", "superfast", "medium"}) {
        auto options = plain_options({64, 64});
        options.preset = preset;
        auto writer = FileWriter::create(folder_ / preset, options);
        ASSERT_TRUE(writer) << writer.error().message;
        for (int i = 0; i < 60; ++i)
            ASSERT_TRUE(
                (*writer)->write(grey({64, 64}, {i, Micros{40'000} * i}, static_cast<std::uint8_t>(i))));
        ASSERT_TRUE((*writer)->finish());
        EXPECT_EQ(probe(folder_ / preset, "stream=profile,has_b_frames").at(0), "High,0");
        EXPECT_EQ(probe(folder_ / preset, "packet=pts"), probe(folder_ / preset, "packet=dts"));
        const auto flags = probe(folder_ / preset, "packet=flags");
        ASSERT_EQ(flags.size(), 60U);
        for (std::size_t i = 0; i < 60; ++i)
            EXPECT_EQ(flags[i], i % 50 == 0 ? "K_" : "__") << i;  // every two seconds
    }
}

TEST_F(FileWriterTest, ShiftsABeginBeforeZero) {
    auto writer = FileWriter::create(folder_ / "out.mp4", plain_options({64, 64}));
    ASSERT_TRUE(writer);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE((*writer)->write(grey({64, 64}, {i - 2, Micros{40'000} * i})));
    ASSERT_TRUE((*writer)->finish());
    EXPECT_THAT(probe(folder_ / "out.mp4", "frame=pts"), testing::ElementsAre("0", "1", "2"));
}

TEST_F(FileWriterTest, SaysWhatIsWrong) {
    const auto missing = FileWriter::create(folder_ / "no/such/folder.mp4", plain_options({64, 64}));
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
    EXPECT_THAT(missing.error().message, HasSubstr("no/such/folder.mp4"));

    auto unknown = plain_options({64, 64});
    unknown.preset = "warp";
    EXPECT_THAT(FileWriter::create(folder_ / "a.mp4", unknown).error().message, HasSubstr("warp"));
    EXPECT_FALSE(FileWriter::create(folder_ / "a.mp4", plain_options({1, 64})));

    auto writer = FileWriter::create(folder_ / "a.mp4", plain_options({64, 64}));
    ASSERT_TRUE(writer);
    EXPECT_FALSE((*writer)->write(grey({32, 64}, {})));
}

TEST_F(FileWriterTest, TellsOfAFullDisk) {
    auto writer = FileWriter::create("/dev/full", plain_options({64, 64}));
    ASSERT_FALSE(writer);  // the file's first bytes are written at once
    EXPECT_EQ(name(writer.error().kind), name(ErrorKind::full));
    EXPECT_THAT(writer.error().message, HasSubstr("/dev/full"));
}

TEST_F(FileWriterTest, CopiesSoundThatMp4Holds) {
    make_video(kScene + "-f lavfi -i sine=d=2 -c:v libx264 -preset ultrafast -c:a aac -flags +bitexact"s,
               folder_ / "in.mp4");
    transcode(folder_ / "in.mp4", folder_ / "out.mp4", true);
    const std::string sound = "-select_streams a:0 -show_data_hash md5";
    EXPECT_EQ(probe(folder_ / "out.mp4", "packet=pts,data_hash", sound),
              probe(folder_ / "in.mp4", "packet=pts,data_hash", sound));
    transcode(folder_ / "in.mp4", folder_ / "silent.mp4");
    EXPECT_TRUE(probe(folder_ / "silent.mp4", "stream=codec_name", "-select_streams a").empty());
}

TEST_F(FileWriterTest, TurnsOtherSoundIntoAac) {
    for (const std::string codec : {"pcm_alaw", "flac"}) {
        const auto in = folder_ / (codec + ".mkv"), out = folder_ / (codec + ".mp4");
        make_video(
            kScene + "-f lavfi -i sine=f=440:r=16000:d=2 -af volume=4 -c:v libx264 -preset ultrafast -c:a "s +
                codec,
            in);
        transcode(in, out, true);
        EXPECT_EQ(probe(out, "stream=codec_name,sample_rate", "-select_streams a:0").at(0), "aac,16000");
        EXPECT_TRUE(content(out).find("Lavc") == std::string::npos);
        // The same tone comes out: as loud, within a decibel.
        const auto volume = [](const std::string& path) {
            const auto text = run("ffmpeg -nostdin -hide_banner -i '" + path +
                                  "' -vn -af volumedetect -f null - 2>&1 | grep mean_volume");
            return std::stod(text.substr(text.find("mean_volume:") + 12));
        };
        EXPECT_NEAR(volume(out), volume(in), 1.0) << codec;
        EXPECT_NEAR(std::stod(probe(out, "stream=duration", "-select_streams a:0").at(0)), 2.0, 0.1);
    }
}

}  // namespace
}  // namespace passerby::media
