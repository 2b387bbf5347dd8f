#include <gmock/gmock.h>

#include "media/bgr.h"
#include "media/jpeg.h"
#include "media/png.h"
#include "media/test_files.h"

namespace passerby::media {
namespace {

using testing::HasSubstr;

// Left half 0, right half 255, a middle column of 170.
const std::string kMask =
    "-f lavfi -i color=black:s=18x6:r=25:d=0.04 -vf "
    "\"format=gray,geq=lum='if(lt(X,8),0,if(eq(X,8),170,255))',";

TEST(Png, ReadsTheSameValuesWhateverTheKindOfPixels) {
    const TempFolder folder;
    for (const std::string pixels : {"gray", "rgb24", "rgba", "gray16be"}) {
        make_video(kMask + "format=" + pixels + "\" -pix_fmt " + pixels, folder / "mask.png");
        EXPECT_EQ(probe(folder / "mask.png", "stream=pix_fmt"), std::vector{pixels});
        const auto mask = read_png(folder / "mask.png");
        ASSERT_TRUE(mask) << mask.error().message;
        ASSERT_EQ(mask->size, (image::Size{18, 6})) << pixels;
        for (int y = 0; y < 6; ++y)
            for (int x = 0; x < 18; ++x)
                EXPECT_NEAR(mask->plane().row(y)[x],
                            x < 8    ? 0
                            : x == 8 ? 170
                                     : 255,
                            x == 8)
                    << pixels << " " << x << "," << y;
    }
}

TEST(Png, ReadsPalettesAndSingleBits) {
    const TempFolder folder;
    make_video(
        "-f lavfi -i color=black:s=16x6:r=25:d=0.04 -vf \"format=gray,geq=lum=255*gte(X\\,8),format=monob\"",
        folder / "bits.png");
    make_video(
        "-f lavfi -i color=black:s=16x6:r=25:d=0.04 -vf "
        "\"format=gray,geq=lum=255*gte(X\\,8),format=rgb24,split[a][b];"
        "[a]palettegen[p];[b][p]paletteuse=dither=none\"",
        folder / "palette.png");
    for (const std::string name : {"bits.png", "palette.png"}) {
        const auto mask = read_png(folder / name);
        ASSERT_TRUE(mask) << mask.error().message;
        EXPECT_EQ(mask->plane().row(3)[7], 0) << name;
        EXPECT_EQ(mask->plane().row(3)[8], 255) << name;
    }
}

TEST(Png, SaysWhatIsNone) {
    const TempFolder folder;
    make_video(kMask + "format=gray\"", folder / "mask.png");
    set_content(folder / "cut.png", content(folder / "mask.png").substr(0, 40));
    set_content(folder / "text.png", "no picture");
    set_content(folder / "empty.png", "");
    for (const std::string name : {"cut.png", "text.png", "empty.png"}) {
        const auto mask = read_png(folder / name);
        ASSERT_FALSE(mask) << name;
        EXPECT_EQ(mask.error().kind, ErrorKind::corrupt);
        EXPECT_THAT(mask.error().message,
                    HasSubstr("'" + folder / name + "' is not a PNG picture, or damaged"));
    }
    EXPECT_EQ(read_png(folder / "missing.png").error().kind, ErrorKind::not_found);
}

image::SafeFrame scene(const TempFolder& folder) {
    make_video("-f lavfi -i testsrc2=s=64x48:r=25:d=0.04 -pix_fmt yuv420p -c:v ffv1", folder / "scene.mkv");
    const auto reader = open_or_fail(folder / "scene.mkv");
    return safe(read_all(*reader).at(0));
}

TEST(Jpeg, ShowsThePictureWithoutAWordAboutIt) {
    const TempFolder folder;
    const auto frame = scene(folder);
    const auto jpeg = jpeg_from(frame, 1000);
    ASSERT_TRUE(jpeg) << jpeg.error().message;
    EXPECT_THAT(*jpeg, testing::Not(HasSubstr("Lavc")));
    set_content(folder / "scene.jpg", *jpeg);
    EXPECT_EQ(probe(folder / "scene.jpg", "stream=width,height,pix_fmt"),
              std::vector<std::string>{"64,48,yuvj420p"});
    const auto shown = read_all(*open_or_fail(folder / "scene.mkv"));
    run("ffmpeg -v error -y -i '" + folder / "scene.jpg" +
        "' -vf scale=out_range=tv -pix_fmt yuv420p -c:v ffv1 '" + folder / "back.mkv" + "'");
    const auto back = read_all(*open_or_fail(folder / "back.mkv"));
    ASSERT_EQ(back.size(), 1U);
    double difference = 0;
    for (int y = 0; y < 48; ++y)
        for (int x = 0; x < 64; ++x)
            difference += std::abs(back[0].raw().y.row(y)[x] - shown[0].raw().y.row(y)[x]);
    EXPECT_LT(difference / (64 * 48), 3);
}

TEST(Jpeg, IsNoWiderThanAskedFor) {
    const TempFolder folder;
    const auto jpeg = jpeg_from(scene(folder), 33);
    ASSERT_TRUE(jpeg) << jpeg.error().message;
    set_content(folder / "small.jpg", *jpeg);
    EXPECT_EQ(probe(folder / "small.jpg", "stream=width,height"), std::vector<std::string>{"33,24"});
}

TEST(Bgr, IsWhatFfmpegShows) {
    const TempFolder folder;
    for (const std::string size : {"64x48", "200x136", "66x50"}) {
        make_video("-f lavfi -i testsrc2=s=" + size + ":r=25:d=0.2 -pix_fmt yuv420p -c:v ffv1",
                   folder / "a.mkv");
        make_video("-i '" + folder / "a.mkv" + "' -sws_flags bicubic -f rawvideo -pix_fmt bgr24",
                   folder / "a.bgr");
        const auto wanted = content(folder / "a.bgr");
        const auto reader = open_or_fail(folder / "a.mkv");
        BgrConverter converter;
        std::string got;
        for (const auto& frame : read_all(*reader)) {
            const auto view = converter.convert(frame.raw());
            ASSERT_TRUE(view) << view.error().message;
            for (int y = 0; y < view->size.height; ++y)
                got.append(reinterpret_cast<const char*>(view->data + y * view->stride),
                           static_cast<std::size_t>(3 * view->size.width));
        }
        ASSERT_FALSE(wanted.empty());
        EXPECT_TRUE(got == wanted) << size;
    }
}

}  // namespace
}  // namespace passerby::media
