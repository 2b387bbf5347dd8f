#include "media/picture_file.h"

#include "media/test_files.h"

namespace passerby::media {
namespace {

// Every picture file read upright and written again shows the same.
struct Case {
    const char* name;
    const char* arguments;  // of ffmpeg, after a test picture
};

class PictureFile : public testing::Test {
  protected:
    image::RawFrame read(const std::string& path) {
        const auto reader = open_or_fail(path);
        EXPECT_TRUE(reader->info().picture) << path;
        auto frames = read_all(*reader);
        EXPECT_EQ(frames.size(), 1U);
        info_ = reader->info();
        return frames.at(0);
    }
    std::string write(const image::RawFrame& frame, PictureFormat format, const std::string& name) {
        const auto bytes = encode_picture(safe(frame), format, info_.colour);
        EXPECT_TRUE(bytes) << (bytes ? "" : bytes.error().message);
        set_content(folder_ / name, bytes ? *bytes : "");
        return folder_ / name;
    }
    // Mean difference of the luma.
    static double difference(const image::Picture& a, const image::Picture& b) {
        double sum = 0;
        for (int y = 0; y < a.y.size.height; ++y)
            for (int x = 0; x < a.y.size.width; ++x) sum += std::abs(a.y.row(y)[x] - b.y.row(y)[x]);
        return sum / (a.y.size.width * a.y.size.height);
    }
    TempFolder folder_;
    VideoInfo info_;
};

TEST_F(PictureFile, IsReadAndWrittenInItsSize) {
    for (const auto& [name, arguments] :
         {Case{"a.jpg", "-q:v 2"}, Case{"b.jpg", "-q:v 2 -pix_fmt yuvj444p"}, Case{"c.png", ""},
          Case{"d.png", "-pix_fmt gray"}, Case{"e.bmp", ""}, Case{"f.tiff", ""}, Case{"g.webp", "-q:v 95"}}) {
        SCOPED_TRACE(name);
        make_video(std::string{"-f lavfi -i testsrc2=s=160x120 -vf format=rgb24,crop=151:99:0:0:exact=1 "
                               "-frames:v 1 -update 1 "} +
                       arguments,
                   folder_ / name);
        const auto before = read(folder_ / name);
        EXPECT_EQ(before.size(), (image::Size{151, 99}));
        for (const auto& [format, out] :
             {std::pair{PictureFormat::jpeg, "out.jpg"}, {PictureFormat::png, "out.png"}}) {
            const auto after = read(write(before, format, out));
            ASSERT_EQ(after.size(), before.size());
            EXPECT_LT(difference(before.raw(), after.raw()), 2.5) << out;
        }
    }
}

TEST_F(PictureFile, HoldsNothingButPixels) {
    make_video("-f lavfi -i testsrc2=s=64x48 -frames:v 1 -update 1 -metadata comment=MARK7431",
               folder_ / "in.png");
    const auto frame = read(folder_ / "in.png");
    const auto jpeg = content(write(frame, PictureFormat::jpeg, "out.jpg"));
    for (const auto* marker : {"\xFF\xE1", "\xFF\xE2", "\xFF\xED", "\xFF\xFE", "Lavc", "MARK"})
        EXPECT_EQ(jpeg.substr(0, 600).find(marker), std::string::npos) << "EXIF, a profile, IPTC, a comment";
    const auto png = content(write(frame, PictureFormat::png, "out.png"));
    for (const auto* chunk : {"tEXt", "iTXt", "zTXt", "eXIf", "tIME", "iCCP", "Lavc", "MARK"})
        EXPECT_EQ(png.find(chunk), std::string::npos) << chunk;
}

TEST_F(PictureFile, IsSetUpright) {
    make_video("-f lavfi -i testsrc2=s=64x48 -frames:v 1 -update 1 -q:v 2", folder_ / "in.jpg");
    auto jpeg = content(folder_ / "in.jpg");
    const auto before = read(folder_ / "in.jpg");
    // APP1 with one EXIF entry: orientation (0x0112), short, 1, the value 6: to be turned right by 90
    // degrees.
    const std::string exif{
        "\xFF\xE1\x00\x22"
        "Exif\0\0"
        "MM\0*\0\0\0\x08"
        "\0\x01"
        "\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"
        "\0\0\0\0",
        36};
    jpeg.insert(2, exif);
    set_content(folder_ / "turned.jpg", jpeg);
    const auto turned = read(folder_ / "turned.jpg");
    ASSERT_EQ(turned.size(), (image::Size{48, 64}));
    for (const auto& [x, y] : {std::pair{5, 5}, {40, 7}, {60, 40}})
        EXPECT_EQ(turned.raw().y.row(x)[47 - y], before.raw().y.row(y)[x]) << x << ", " << y;
}

TEST_F(PictureFile, IsKnownByTheEndOfItsName) {
    EXPECT_EQ(picture_format_of("a/b.JPG"), PictureFormat::jpeg);
    EXPECT_EQ(picture_format_of("b.jpeg"), PictureFormat::jpeg);
    EXPECT_EQ(picture_format_of("b.c.png"), PictureFormat::png);
    for (const auto* other : {"png", "a.mp4", "a.png/b", ""})
        EXPECT_EQ(picture_format_of(other), std::nullopt) << other;
}

}  // namespace
}  // namespace passerby::media
