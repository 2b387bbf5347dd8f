#include <gmock/gmock.h>

#include "measure/box_labels.h"
#include "measure/mask_labels.h"
#include "measure/test_pictures.h"

namespace passerby::measure {
namespace {

using testing::HasSubstr;

TEST(BoxLabels, ReadsAllKindsOfLines) {
    const TempFolder folder;
    const auto path = folder.file("gt.txt",
                                  "\xEF\xBB\xBF"
                                  "frame,id,x,y,w,h\r\n"
                                  "# by hand\r\n"
                                  "1,7,10,20,30.5,40\r\n"
                                  "\n"
                                  "1, 8, -5.5, 1e1, 30, 40, 0\n"
                                  "3,7,10,20,30,40,1,1,0.25\n"
                                  "3,8,10,20,30,40,1,-4.15,-7.35,0\n"
                                  "3,9,10,20,30,40,1,,\n"
                                  "4,7,1,2,3,4");
    const auto labels = BoxLabels::read(path, 2);
    ASSERT_TRUE(labels) << labels.error().message;
    EXPECT_EQ(labels->boxes(), 6U);
    ASSERT_EQ(labels->at(1).size(), 2U);
    EXPECT_EQ(labels->at(1)[0].track, 7);
    EXPECT_EQ(labels->at(1)[0].width, 61);
    EXPECT_EQ(labels->at(1)[0].confidence, 1);
    EXPECT_EQ(labels->at(1)[1].x, -11);
    EXPECT_EQ(labels->at(1)[1].y, 20);
    EXPECT_EQ(labels->at(1)[1].confidence, 0);
    EXPECT_TRUE(labels->at(2).empty());
    ASSERT_EQ(labels->at(3).size(), 3U);
    EXPECT_EQ(labels->at(3)[0].visibility, 0.25);
    EXPECT_EQ(labels->at(3)[1].visibility, 1) << "ten columns: a place in space";
    EXPECT_EQ(labels->at(3)[2].visibility, 1) << "left out";
    EXPECT_EQ(labels->at(4).size(), 1U);
}

struct BadLine {
    const char *line, *says;
};

class BadLabels : public testing::TestWithParam<BadLine> {};

TEST_P(BadLabels, AreNamedWithTheirLine) {
    const TempFolder folder;
    const auto path = folder.file("gt.txt", std::string{"1,1,0,0,10,20\n\n"} + GetParam().line + "\n");
    const auto labels = BoxLabels::read(path, 1);
    ASSERT_FALSE(labels);
    EXPECT_EQ(labels.error().kind, ErrorKind::invalid);
    EXPECT_THAT(labels.error().message, HasSubstr(path + ":3: "));
    EXPECT_THAT(labels.error().message, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Lines, BadLabels,
    testing::Values(BadLine{"2,1,0,0,10", "5 columns are too few; a line is frame,id,x,y,w,h"},
                    BadLine{"2;1;0;0;10;20", "'2;1;0;0;10;20' is not a number"},
                    BadLine{"2,1,0,zero,10,20", "'zero' is not a number"},
                    BadLine{"2,1,0,0,10,20 px", "'20 px' is not a number"},
                    BadLine{"2,1,0,0,nan,20", "'nan' is not a number"},
                    BadLine{"frame,id,x,y,w,h", "'frame' is not a number"},
                    BadLine{"2.5,1,0,0,10,20", "the frame is 2.5; give a whole number"},
                    BadLine{"2,a,0,0,10,20", "'a' is not a number"},
                    BadLine{"2,1.5,0,0,10,20", "the id is 1.5; give a whole number"},
                    BadLine{"0,1,0,0,10,20", "frame 0; frames count from 1"},
                    BadLine{"-3,1,0,0,10,20", "frame -3; frames count from 1"},
                    BadLine{"2,1,5,5,0,20", "a box of 0x20 pixels; give its width and height"},
                    BadLine{"2,1,5,5,10,", "a box of 10x-1 pixels"}));

TEST(BoxLabels, MustFitTheClip) {
    const TempFolder folder;
    const auto path = folder.file("gt.txt", "1,1,0,0,9,9\n12,1,0,0,9,9\n10,1,0,0,9,9\n11,1,0,0,9,9\n");
    const auto labels = BoxLabels::read(path, 1);
    ASSERT_TRUE(labels);
    EXPECT_TRUE(labels->fit(12, "a.mp4"));
    const auto short_clip = labels->fit(10, "a.mp4");
    ASSERT_FALSE(short_clip);
    EXPECT_EQ(short_clip.error().message, path +
                                              ":2: frame 12, but 'a.mp4' has 10 frames; give the labels of "
                                              "this clip, with frames counted from 1");
}

TEST(BoxLabels, SayWhichFileIsNotThere) {
    const auto labels = BoxLabels::read("/no/such/gt.txt", 1);
    ASSERT_FALSE(labels);
    EXPECT_EQ(labels.error().kind, ErrorKind::not_found);
    EXPECT_THAT(labels.error().message, HasSubstr("/no/such/gt.txt"));
}

TEST(MaskLabels, AreOneForEachFrameInTheOrderOfTheirNames) {
    const TempFolder folder;
    for (int i = 1; i <= 3; ++i)
        write_png(folder.path() + "/gt00" + std::to_string(i) + ".png", flat({8, 6}, 80 * i));
    folder.file("readme.txt", "not a mask");
    folder.file(".gt000.png", "not one either");
    const auto labels = MaskLabels::list(folder.path());
    ASSERT_TRUE(labels) << labels.error().message;
    EXPECT_EQ(labels->frames(), 3);
    for (int i = 1; i <= 3; ++i) {
        const auto mask = labels->at(i);
        ASSERT_TRUE(mask) << mask.error().message;
        EXPECT_EQ(mask->size, (image::Size{8, 6}));
        EXPECT_THAT(mask->samples, testing::Each(80 * i));
    }
    EXPECT_TRUE(labels->fit(3, "a.mp4"));
    for (const int frames : {2, 4}) {
        const auto wrong = labels->fit(frames, "a.mp4");
        ASSERT_FALSE(wrong);
        EXPECT_EQ(wrong.error().message,
                  "'" + folder.path() + "' has 3 masks (the last is 'gt003.png'), but 'a.mp4' has " +
                      std::to_string(frames) + " frames; there must be one for each frame");
    }
}

TEST(MaskLabels, SayWhatIsWrongWithTheFolder) {
    const TempFolder folder;
    EXPECT_THAT(MaskLabels::list(folder.path()).error().message,
                HasSubstr("there is no .png file in the folder"));
    const auto path = folder.file("gt1.png", "no picture");
    const auto labels = MaskLabels::list(folder.path());
    ASSERT_TRUE(labels);
    const auto mask = labels->at(1);
    ASSERT_FALSE(mask);
    EXPECT_THAT(mask.error().message, HasSubstr("'" + path + "' is not a PNG picture, or damaged"));
    EXPECT_FALSE(MaskLabels::list("/no/such/folder"));
}

}  // namespace
}  // namespace passerby::measure
