#include "media/camera_packets.h"

#include <gmock/gmock.h>

#include "media/h264_bits.h"
#include "media/test_files.h"

namespace passerby::media {
namespace {

using testing::HasSubstr;

// What a reader gives of a file: of each frame what the camera sent, or null.
struct Seen {
    VideoInfo info;
    std::vector<const CameraPicture*> pictures;
    std::vector<image::RawFrame> frames;  // own the pictures
    int kept() const { return static_cast<int>(pictures.size() - std::ranges::count(pictures, nullptr)); }
};

class CameraPacketsTest : public testing::Test {
  protected:
    static constexpr int kFrames = 75;  // three seconds, groups of 25

    // Moving pictures; `options` of ffmpeg's output.
    std::string make(const std::string& options, const std::string& name = "clip.mp4") {
        const auto path = folder_ / name;
        make_video(fmt::format("-f lavfi -i testsrc2=size=320x240:rate=25 -frames:v {} -pix_fmt yuv420p "
                               "-c:v libx264 -preset veryfast -g 25 -sc_threshold 0 {}",
                               kFrames, options),
                   path);
        return path;
    }
    static Seen see(const std::string& path) {
        ReadOptions options;
        options.threads = 1;
        options.keep_packets = true;
        const auto reader = open_or_fail(path, options);
        Seen seen{reader->info(), {}, read_all(*reader)};
        for (const auto& frame : seen.frames)
            seen.pictures.push_back(dynamic_cast<const CameraPicture*>(redact::Painter::open(frame).coded()));
        return seen;
    }
    Seen see_made(const std::string& options, const std::string& name = "clip.mp4") {
        return see(make(options, name));
    }

    TempFolder folder_;
};

TEST_F(CameraPacketsTest, EveryFrameOfAPlainStreamComesWithItsSlices) {
    for (const char* options :
         {"-bf 0 -profile:v high", "-bf 0 -profile:v main", "-profile:v baseline",
          "-bf 0 -x264-params slices=4", "-bf 0 -refs 4",
          "-bf 0 -x264-params aud=1:nal-hrd=cbr:vbv-maxrate=500:vbv-bufsize=500:bitrate=500:filler=1",
          "-bf 0 -vf crop=314:238"}) {
        SCOPED_TRACE(options);
        for (const char* name : {"clip.mp4", "clip.ts", "clip.h264"}) {
            SCOPED_TRACE(name);
            const auto seen = see_made(options, name);
            ASSERT_EQ(seen.frames.size(), static_cast<std::size_t>(kFrames));
            ASSERT_EQ(seen.kept(), kFrames) << seen.info.unkept;
            ASSERT_TRUE(seen.info.sets);
            EXPECT_EQ(seen.info.sets->sequence.size(), seen.info.size);
            for (int i = 0; i < kFrames; ++i) {
                const auto& picture = *seen.pictures[static_cast<std::size_t>(i)];
                EXPECT_EQ(picture.group, static_cast<std::uint64_t>(1 + i / 25));
                EXPECT_EQ(picture.index, static_cast<std::uint32_t>(i % 25));
                for (const auto unit : nal_units(picture.slices))
                    EXPECT_EQ(unit[0] & 31, i % 25 ? 1 : 5) << "nothing but slices";
            }
        }
    }
}

TEST_F(CameraPacketsTest, SaysWhyAStreamCannotBeKept) {
    const std::pair<const char*, const char*> kCases[] = {
        {"-bf 2", "B slices"},
        {"-bf 1 -x264-params b-adapt=0:weightp=0", "B slices"},
        {"-bf 0 -flags +ildct+ilme", "fields"},
        {"-bf 0 -profile:v high422 -pix_fmt yuv422p", "profile"},
        {"-bf 0 -profile:v high10 -pix_fmt yuv420p10le", "profile"},
        {"-bf 0 -profile:v high444 -pix_fmt yuv444p", "profile"},
        {"-bf 0 -x264-params cqm=jvt", "scaling matrices"},
        {"-bf 0 -qp 0", "profile"},
        {"-c:v libx265 -x265-params log-level=none", "not H.264"},
        {"-c:v mpeg4", "not H.264"},
    };
    for (const auto& [options, why] : kCases) {
        const auto seen = see_made(options);
        ASSERT_EQ(seen.frames.size(), static_cast<std::size_t>(kFrames)) << options;
        EXPECT_LE(seen.kept(), 1) << options << ": B slices are only seen when they come";
        if (seen.info.sets) continue;
        EXPECT_THAT(seen.info.unkept, HasSubstr(why)) << options;
    }
}

TEST_F(CameraPacketsTest, NothingIsKeptWhereTheFrameIsNotTheDecodersOwn) {
    const auto path = make("-bf 0"), turned = folder_ / "turned.mp4";
    make_video(fmt::format("-i '{}' -c copy -metadata:s:v rotate=90", path), turned);
    const auto seen = see(turned);
    ASSERT_EQ(seen.info.size, (image::Size{240, 320}));
    EXPECT_EQ(seen.kept(), 0);
}

TEST_F(CameraPacketsTest, OnlyAnIdrPictureBeginsAGroup) {
    // Pictures are mended from one side to the other; there is one IDR picture, the first.
    const auto seen = see_made("-bf 0 -x264-params intra-refresh=1:keyint=25");
    ASSERT_EQ(seen.kept(), kFrames);
    EXPECT_EQ(seen.pictures.back()->group, 1U);
    EXPECT_EQ(seen.pictures.back()->index, static_cast<std::uint32_t>(kFrames - 1));
    // Open groups have pictures that are shown before the one that begins the group: B slices.
    EXPECT_LE(see_made("-bf 2 -x264-params open-gop=1").kept(), 1);
}

TEST_F(CameraPacketsTest, AfterALostPictureNothingFitsUntilTheNextGroup) {
    // Without the picture 30 of 0-74: "noise" drops whole packets.
    const auto path = make("-bf 0"), holed = folder_ / "holed.h264";
    make_video(fmt::format("-i '{}' -c copy -bsf:v \"noise=drop=eq(n\\,30)\"", path), holed);
    const auto seen = see(holed);
    for (const auto* picture : seen.pictures) {
        if (!picture) continue;
        EXPECT_FALSE(picture->group == 2 && picture->index >= 5) << picture->index;
    }
    EXPECT_EQ(seen.kept(), 30 + 25);
}

TEST_F(CameraPacketsTest, ParameterSetsThatChangeBeginAnotherStream) {
    const auto a = make("-bf 0 -refs 1", "a.h264"), b = make("-bf 0 -refs 3", "b.h264"),
               both = folder_ / "both.h264";
    set_content(both, content(a) + content(b));
    const auto seen = see(both);
    ASSERT_EQ(seen.kept(), 2 * kFrames);
    EXPECT_EQ(seen.pictures[0]->sets, seen.info.sets);
    EXPECT_EQ(*seen.pictures[74]->sets, *seen.info.sets);
    EXPECT_NE(*seen.pictures[75]->sets, *seen.info.sets);
}

TEST_F(CameraPacketsTest, NothingIsKeptUnlessItIsAskedFor) {
    const auto reader = open_or_fail(make("-bf 0"));
    for (const auto& frame : read_all(*reader)) ASSERT_EQ(redact::Painter::open(frame).coded(), nullptr);
    EXPECT_FALSE(reader->info().sets);
}

}  // namespace
}  // namespace passerby::media
