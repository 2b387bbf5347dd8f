#include <gmock/gmock.h>

#include "media/join.h"
#include "media/test_files.h"

namespace passerby::media {
namespace {

using std::chrono::milliseconds;

struct Collected {
    std::string init, codec;
    std::vector<Fragment> fragments;

    FragmentWriter::Sink sink() {
        return {[this](std::vector<std::byte> bytes, std::string name) -> Status {
                    init = text(bytes);
                    codec = std::move(name);
                    return {};
                },
                [this](Fragment fragment) -> Status {
                    fragments.push_back(std::move(fragment));
                    return {};
                }};
    }
    std::string all() const {
        std::string bytes = init;
        for (const auto& fragment : fragments) bytes += text(fragment.bytes);
        return bytes;
    }
    static std::string text(const std::vector<std::byte>& bytes) {
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
};

class Fragments : public testing::Test {
  protected:
    // `count` frames at 25 a second, beginning at `start`.
    Collected record(int count, Micros start, EncodeOptions options = plain()) {
        Collected out;
        auto writer = FragmentWriter::create(options, milliseconds{500}, out.sink());
        EXPECT_TRUE(writer) << (writer ? "" : writer.error().message);
        for (int i = 0; i < count; ++i)
            EXPECT_TRUE((*writer)->write(frame(options.size, start + milliseconds{40} * i, i)));
        EXPECT_TRUE((*writer)->finish());
        return out;
    }

    // Brightness counts the frames.
    static image::SafeFrame frame(image::Size size, Micros time, int number) {
        image::PictureBuffer picture{size};
        const auto planes = picture.writable();
        const auto fill = [](image::MutablePlane plane, int value) {
            for (int y = 0; y < plane.size.height; ++y)
                std::fill_n(plane.row(y), plane.size.width, static_cast<std::uint8_t>(value));
        };
        fill(planes.y, 16 + number % 200);
        fill(planes.u, 128);
        fill(planes.v, 128);
        return redact::Painter::safe(std::move(picture), {number, time});
    }

    static EncodeOptions plain() {
        EncodeOptions options;
        options.size = {96, 64};
        options.time_base = {1, 25};
        options.frame_rate = {25, 1};
        options.preset = "ultrafast";
        options.low_latency = true;
        return options;
    }

    TempFolder folder_;
};

TEST_F(Fragments, AreCutByTimeAndAtKeyframes) {
    const auto out = record(110, {});
    std::vector<int> frames;
    std::vector<bool> keys;
    Micros next{};
    for (const auto& fragment : out.fragments) {
        EXPECT_EQ(fragment.start, next);
        next = fragment.start + fragment.duration;
        frames.push_back(fragment.frames);
        keys.push_back(fragment.keyframe);
        EXPECT_EQ(Collected::text(fragment.bytes).substr(4, 4), "moof");
    }
    EXPECT_EQ(next, milliseconds{110 * 40});
    // A keyframe every two seconds, so the fourth and eighth fragment are shorter than half a second.
    EXPECT_EQ(frames, (std::vector<int>{13, 13, 13, 11, 13, 13, 13, 11, 10}));
    EXPECT_EQ(keys, (std::vector<bool>{true, false, false, false, true, false, false, false, true}));
}

TEST_F(Fragments, TogetherAreAPlayableFile) {
    const auto out = record(110, {});
    EXPECT_EQ(out.init.substr(4, 4), "ftyp");
    EXPECT_TRUE(out.init.find("mvex") != std::string::npos);
    EXPECT_THAT(out.codec, testing::MatchesRegex("avc1\\.6400[0-9a-f][0-9a-f]"));
    set_content(folder_ / "a.mp4", out.all());
    const auto reader = open_or_fail(folder_ / "a.mp4");
    ASSERT_TRUE(reader);
    const auto frames = read_all(*reader);
    ASSERT_EQ(frames.size(), 110U);
    for (int i = 0; i < 110; ++i) {
        EXPECT_EQ(frames[static_cast<std::size_t>(i)].when().time, milliseconds{40 * i});
        EXPECT_NEAR(frames[static_cast<std::size_t>(i)].raw().y.row(30)[40], 16 + i, 3);
    }
    for (const char* trace : {"x264", "Lavf", "Lavc"})
        EXPECT_TRUE(out.all().find(trace) == std::string::npos) << trace;
}

TEST_F(Fragments, CanBeginAtAnyKeyframe) {
    const auto out = record(110, {});
    set_content(folder_ / "b.mp4",
                out.init + Collected::text(out.fragments[4].bytes) + Collected::text(out.fragments[5].bytes));
    const auto reader = open_or_fail(folder_ / "b.mp4");
    ASSERT_TRUE(reader);
    const auto frames = read_all(*reader);
    ASSERT_EQ(frames.size(), 26U);
    EXPECT_EQ(frames[0].when().ticks, 2'000'000);
}

TEST_F(Fragments, CarryTheTimeOfTheirFrames) {
    const auto out = record(30, std::chrono::hours{30} + milliseconds{7});
    EXPECT_EQ(out.fragments.at(0).start, std::chrono::hours{30} + milliseconds{7});
    set_content(folder_ / "a.mp4", out.all());
    EXPECT_EQ(probe(folder_ / "a.mp4", "packet=pts").at(0), "108000007000");
}

TEST_F(Fragments, ComeOutAtOnceInLowLatency) {
    Collected out;
    auto writer = FragmentWriter::create(plain(), milliseconds{100}, out.sink());
    ASSERT_TRUE(writer);
    for (int i = 0; i < 4; ++i) ASSERT_TRUE((*writer)->write(frame({96, 64}, milliseconds{40} * i, i)));
    // Frame 3, at 120 ms, closes the fragment of frames 0 to 2.
    ASSERT_EQ(out.fragments.size(), 1U);
    EXPECT_EQ(out.fragments[0].frames, 3);
    EXPECT_EQ(out.fragments[0].duration, milliseconds{120});
}

TEST_F(Fragments, PassErrorsOfTheirSinkOn) {
    Collected out;
    auto sink = out.sink();
    sink.on_fragment = [](const Fragment&) -> Status { return fail(ErrorKind::full, "no space"); };
    auto writer = FragmentWriter::create(plain(), milliseconds{100}, sink);
    ASSERT_TRUE(writer);
    Status status;
    for (int i = 0; i < 10 && status; ++i)
        status = (*writer)->write(frame({96, 64}, milliseconds{40} * i, i));
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().kind, ErrorKind::full);
}

class Join : public Fragments {
  protected:
    void make_part(const std::string& file, int frames, EncodeOptions options = plain()) {
        set_content(folder_ / file, record(frames, std::chrono::minutes{1}, options).all());
    }
    JoinPart part(const std::string& file, Micros from = {}, Micros to = {}) const {
        return {folder_ / file, {std::chrono::hours{490'000}}, from, to};
    }
    std::vector<int> levels(const std::string& file) {
        const auto reader = open_or_fail(folder_ / file);
        std::vector<int> all;
        for (const auto& picture : read_all(*reader)) all.push_back(picture.raw().y.row(30)[40] - 16);
        return all;
    }
};

TEST_F(Join, ClosesGapsAndKeepsEveryFrame) {
    make_part("a.mp4", 60);
    make_part("b.mp4", 75);
    const auto joined = join({part("a.mp4"), part("b.mp4")}, folder_ / "out.mp4");
    ASSERT_TRUE(joined) << joined.error().message;
    const auto pts = probe(folder_ / "out.mp4", "packet=pts_time");
    ASSERT_EQ(pts.size(), 135U);
    for (std::size_t i = 0; i < pts.size(); ++i)
        EXPECT_NEAR(std::stod(pts[i]), 0.04 * static_cast<double>(i), 1e-6);
    const auto bytes = content(folder_ / "out.mp4");
    EXPECT_LT(bytes.find("moov"), bytes.find("mdat"));
    EXPECT_EQ(bytes.find("moof"), std::string::npos);
    EXPECT_NEAR(levels("out.mp4").at(60), 0, 3);
}

TEST_F(Join, CutsAtTheKeyframeBefore) {
    make_part("a.mp4", 160);
    make_part("b.mp4", 60);
    ASSERT_TRUE(
        join({part("a.mp4", milliseconds{2500}), part("b.mp4", {}, milliseconds{400})}, folder_ / "out.mp4"));
    const auto shown = levels("out.mp4");
    ASSERT_EQ(shown.size(), 110U + 10U);  // from the keyframe at 2 s; ten frames of the second part
    EXPECT_NEAR(shown.front(), 50, 3);
    EXPECT_NEAR(shown.back(), 9, 3);
}

TEST_F(Join, TakesPartsOfOtherSettings) {
    auto other = plain();
    other.preset = "veryfast";
    make_part("a.mp4", 30);
    make_part("b.mp4", 30, other);
    ASSERT_TRUE(join({part("a.mp4"), part("b.mp4"), part("a.mp4")}, folder_ / "out.mp4"));
    const auto shown = levels("out.mp4");
    ASSERT_EQ(shown.size(), 90U);
    for (std::size_t i = 0; i < shown.size(); ++i) EXPECT_NEAR(shown[i], static_cast<int>(i % 30), 3);
}

TEST_F(Join, TakesWhatIsWholeOfABrokenPart) {
    make_part("a.mp4", 60);
    const auto bytes = content(folder_ / "a.mp4");
    set_content(folder_ / "a.mp4", bytes.substr(0, bytes.rfind("moof") + 30));
    ASSERT_TRUE(join({part("a.mp4")}, folder_ / "out.mp4"));
    EXPECT_EQ(levels("out.mp4").size(), 50U);
}

TEST_F(Join, RefusesAChangeOfSizeAndLeavesNothing) {
    auto other = plain();
    other.size = {64, 64};
    make_part("a.mp4", 30);
    make_part("b.mp4", 30, other);
    const auto joined = join({part("a.mp4"), part("b.mp4")}, folder_ / "out.mp4");
    ASSERT_FALSE(joined);
    EXPECT_EQ(joined.error().kind, ErrorKind::invalid);
    EXPECT_THAT(joined.error().message, testing::HasSubstr("2025-11-24T"));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "out.mp4"));
}

TEST_F(Join, StopsWhenToldAndLeavesNothing) {
    make_part("a.mp4", 160);
    const auto joined = join({part("a.mp4")}, folder_ / "out.mp4", [](double share) { return share < 0.5; });
    ASSERT_FALSE(joined);
    EXPECT_EQ(joined.error().kind, ErrorKind::cancelled);
    EXPECT_FALSE(std::filesystem::exists(folder_ / "out.mp4"));
}

}  // namespace
}  // namespace passerby::media
