// Files that are no video, or a broken one. The user gets one line: what, where, and the mend.
#include <gmock/gmock.h>

#include "media/test_files.h"

namespace passerby::media {
namespace {

using testing::HasSubstr;

const std::string kScene =
    "-f lavfi -i testsrc2=s=160x120:r=25:d=2 -c:v libx264 -preset ultrafast -g 10 -threads 1 ";

class BadFiles : public testing::Test {
  protected:
    void expect_refused(const std::string& path, ErrorKind kind, const std::string& message) {
        const auto reader = VideoReader::open(path, {});
        ASSERT_FALSE(reader) << path;
        EXPECT_EQ(name(reader.error().kind), name(kind)) << path;
        EXPECT_THAT(reader.error().message, HasSubstr(message));
        EXPECT_THAT(reader.error().message, HasSubstr(path));
        EXPECT_EQ(reader.error().message.find('\n'), std::string::npos);
    }
    TempFolder folder_;
};

TEST_F(BadFiles, AreRefusedWithAReason) {
    make_video(kScene, folder_ / "good.mp4");
    const auto good = content(folder_ / "good.mp4");
    make_video(kScene +
                   "-encryption_scheme cenc-aes-ctr -encryption_key 00112233445566778899aabbccddeeff "
                   "-encryption_kid 00112233445566778899aabbccddeeff",
               folder_ / "locked.mp4");
    make_video("-f lavfi -i sine=d=1", folder_ / "sound.mp3");
    make_video("-f lavfi -i sine=d=1", folder_ / "sound.m4a");
    make_video("-f lavfi -i testsrc2=s=64x64:d=1 -c:v prores", folder_ / "studio.mov");
    set_content(folder_ / "empty.mp4", "");
    set_content(folder_ / "no_index.mp4", good.substr(0, good.size() / 2));
    set_content(folder_ / "text.mp4", "not a video\n");
    set_content(folder_ / "list.m3u8", "#EXTM3U\n#EXTINF:2,\ngood.mp4\n#EXT-X-ENDLIST\n");
    set_content(folder_ / "list.txt", "ffconcat version 1.0\nfile good.mp4\n");
    std::string noise(10'000, '\0');
    unsigned state = 1;
    for (char& c : noise) c = static_cast<char>((state = state * 1'103'515'245 + 12'345) >> 16);
    set_content(folder_ / "noise.mkv", noise);

    expect_refused(folder_ / "missing.mp4", ErrorKind::not_found, "No such file");
    expect_refused(folder_ / "", ErrorKind::invalid, "is a folder");
    expect_refused("/dev/null", ErrorKind::invalid, "not a regular file");
    expect_refused(folder_ / "empty.mp4", ErrorKind::invalid, "is empty (0 bytes)");
    expect_refused(folder_ / "no_index.mp4", ErrorKind::corrupt, "its index (moov) is missing");
    expect_refused(folder_ / "text.mp4", ErrorKind::invalid, "not a video that passerby reads");
    expect_refused(folder_ / "list.m3u8", ErrorKind::invalid, "not a video that passerby reads");
    expect_refused(folder_ / "list.txt", ErrorKind::invalid, "not a video that passerby reads");
    expect_refused(folder_ / "noise.mkv", ErrorKind::invalid, "not a video that passerby reads");
    expect_refused(folder_ / "sound.mp3", ErrorKind::invalid, "not a video that passerby reads");
    expect_refused(folder_ / "sound.m4a", ErrorKind::invalid, "holds sound but no video");
    expect_refused(folder_ / "studio.mov", ErrorKind::invalid, "is in prores");
    expect_refused(folder_ / "locked.mp4", ErrorKind::invalid, "is encrypted");
}

// Overwrites an eighth of the file from its middle on.
void damage(const std::string& path) {
    auto bytes = content(path);
    for (std::size_t i = bytes.size() / 2; i < bytes.size() / 2 + bytes.size() / 8; ++i)
        bytes[i] = static_cast<char>(i * 37);
    set_content(path, bytes);
}

int frames_of_ffmpeg(const std::string& path) {
    const auto list =
        run("ffmpeg -nostdin -v quiet -threads 1 -i '" + path + "' -vsync passthrough -f framecrc -");
    std::istringstream lines{list};
    int frames = 0;
    for (std::string line; std::getline(lines, line);) frames += line[0] != '#';
    return frames;
}

void expect_gaps(const std::string& path) {
    const auto reader = open_or_fail(path);
    ASSERT_TRUE(reader);
    const auto frames = read_all(*reader);
    EXPECT_GT(frames.size(), 20U) << path;
    EXPECT_EQ(static_cast<int>(frames.size()), frames_of_ffmpeg(path)) << path;
    ASSERT_FALSE(reader->gaps().empty()) << path;
    for (const auto& gap : reader->gaps()) {
        EXPECT_LE(gap.after_frame, static_cast<std::int64_t>(frames.size()));
        EXPECT_FALSE(gap.cause.empty());
    }
}

TEST_F(BadFiles, DamagedInTheMiddleAreReadOnAndHaveGaps) {
    for (const std::string file : {"a.mp4", "a.mkv", "a.ts", "a.avi"}) {
        make_video(kScene, folder_ / file);
        damage(folder_ / file);
        expect_gaps(folder_ / file);
    }
}

TEST_F(BadFiles, CutOffAreReadToTheCutAndHaveAGap) {
    for (const std::string file : {"a.mp4", "a.mkv", "a.avi"}) {
        make_video(kScene + "-movflags +faststart", folder_ / file);
        const auto whole = content(folder_ / file);
        set_content(folder_ / file, whole.substr(0, whole.size() * 3 / 4));
        expect_gaps(folder_ / file);
    }
}

TEST_F(BadFiles, OfNamesThatLookLikeProtocolsOrOptionsAreJustFiles) {
    make_video(kScene, folder_ / "a.mp4");
    for (const std::string odd : {"concat:a.mp4", "-i", "a|b", "%d.mp4"}) {
        std::filesystem::copy_file(folder_ / "a.mp4", folder_ / odd);
        const auto reader = open_or_fail(folder_ / odd);
        ASSERT_TRUE(reader);
        EXPECT_EQ(read_all(*reader).size(), 50U);
    }
}

TEST_F(BadFiles, ThatChangeTheirSizeAreScaledToTheFirst) {
    make_video(kScene + "-f mpegts", folder_ / "a.ts");
    make_video(
        "-f lavfi -i testsrc2=s=80x96:r=25:d=1 -c:v libx264 -preset ultrafast -output_ts_offset 2 -f mpegts",
        folder_ / "b.ts");
    set_content(folder_ / "both.ts", content(folder_ / "a.ts") + content(folder_ / "b.ts"));
    const auto reader = open_or_fail(folder_ / "both.ts");
    ASSERT_TRUE(reader);
    const auto frames = read_all(*reader);
    EXPECT_EQ(frames.size(), 75U);
    for (const auto& frame : frames) EXPECT_EQ(frame.size(), (image::Size{160, 120}));
}

}  // namespace
}  // namespace passerby::media
