// What a pixel showed must not be mixed into its neighbours before it can be covered.
#include "media/converter.h"

#include <gmock/gmock.h>

#include "media/test_pictures.h"

namespace passerby::media {
namespace {

void randomise(SamplePicture& picture, std::mt19937& random) {
    for (std::size_t c = 0; c < picture.components.size(); ++c)
        for (auto& v : picture.components[c].values)
            v = random() & ((1U << picture.depth(static_cast<int>(c))) - 1);
}

// Which pixels the changed samples speak for.
class Changed {
  public:
    explicit Changed(image::Size size)
        : size_{size}, pixels_(static_cast<std::size_t>(size.width * size.height)) {}
    void add(image::Rect r) {
        r = image::clip(r, size_);
        for (int y = r.y; y < r.bottom(); ++y)
            for (int x = r.x; x < r.right(); ++x)
                pixels_[static_cast<std::size_t>(y * size_.width + x)] = true;
    }
    bool any(image::Rect r) const {
        r = image::clip(r, size_);
        for (int y = r.y; y < r.bottom(); ++y)
            for (int x = r.x; x < r.right(); ++x)
                if (pixels_[static_cast<std::size_t>(y * size_.width + x)]) return true;
        return false;
    }

  private:
    const image::Size size_;
    std::vector<bool> pixels_;
};

// Changes every sample whose middle lies in a random rectangle.
Changed change_somewhere(SamplePicture& picture, std::mt19937& random) {
    const auto [width, height] = picture.size();
    const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    const image::Rect r{below(width), below(height), 1 + below(9), 1 + below(9)};
    Changed changed{picture.size()};
    for (std::size_t c = 0; c < picture.components.size(); ++c) {
        auto& component = picture.components[c];
        for (int y = 0; y < component.size.height; ++y)
            for (int x = 0; x < component.size.width; ++x) {
                const auto pixels = component.pixels(x, y);
                if (image::intersect(pixels, r).empty()) continue;
                component.at(x, y) ^= (1U << picture.depth(static_cast<int>(c))) - 1;
                changed.add(pixels);
            }
    }
    return changed;
}

int differing(image::Plane a, image::Plane b, int speaks_for, const Changed* allowed, int* total = nullptr) {
    int outside = 0;
    for (int y = 0; y < a.size.height; ++y)
        for (int x = 0; x < a.size.width; ++x) {
            if (a.row(y)[x] == b.row(y)[x]) continue;
            if (total) ++*total;
            if (!allowed || !allowed->any({x * speaks_for, y * speaks_for, speaks_for, speaks_for}))
                ++outside;
        }
    return outside;
}

class ConverterFormats : public testing::TestWithParam<AVPixelFormat> {};

// The pixels where they are once the picture is upright.
Changed mirrored(const Changed& stored, image::Size size, Orientation o) {
    Changed upright{size};
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x)
            if (stored.any({x, y, 1, 1}))
                upright.add(
                    {o.mirror_x ? size.width - 1 - x : x, o.mirror_y ? size.height - 1 - y : y, 1, 1});
    return upright;
}

// Mirrored, the sample with fewer pixels than the others is the first one of a line.
TEST_P(ConverterFormats, NoPixelIsMixedIntoAnother) {
    std::mt19937 random{static_cast<unsigned>(GetParam())};
    int changed_samples = 0;
    for (const image::Size size : {image::Size{32, 24}, {33, 24}, {34, 25}, {35, 27}, {45, 70}, {64, 18}})
        for (const Orientation o :
             {Orientation{}, {false, true, false}, {false, false, true}, {false, true, true}})
            for (int i = 0; i < 2; ++i) {
                SCOPED_TRACE(
                    fmt::format("{}x{}, mirrored {} {}", size.width, size.height, o.mirror_x, o.mirror_y));
                SamplePicture picture{GetParam(), size};
                randomise(picture, random);
                Converter converter{size, o};
                const auto before = converter.convert(picture.frame(random), {});
                ASSERT_TRUE(before) << before.error().message;
                const auto changed = mirrored(change_somewhere(picture, random), size, o);
                const auto after = converter.convert(picture.frame(random), {});
                ASSERT_TRUE(after) << after.error().message;
                const auto &a = before->raw(), &b = after->raw();
                EXPECT_EQ(differing(a.y, b.y, 1, &changed, &changed_samples), 0);
                EXPECT_EQ(differing(a.u, b.u, 2, &changed, &changed_samples), 0);
                EXPECT_EQ(differing(a.v, b.v, 2, &changed, &changed_samples), 0);
            }
    EXPECT_GT(changed_samples, 50);
}

// A file's size may change on its way; its pictures are then scaled to that of the first.
TEST(Converter, ScalesWithoutMixingMoreThanItMust) {
    std::mt19937 random{1};
    const auto formats = pixel_formats();
    const auto side = [&] { return static_cast<int>(16 + random() % 50); };
    int changed_samples = 0;
    for (int i = 0; i < 100; ++i) {
        const image::Size stored{side(), side()}, size{side(), side()};
        SamplePicture picture{formats[random() % formats.size()], size};
        randomise(picture, random);
        Converter converter{stored, {}};
        const auto before = converter.convert(picture.frame(random), {});
        ASSERT_TRUE(before) << before.error().message;
        ASSERT_EQ(before->size(), stored);
        const auto source = change_somewhere(picture, random);
        const auto after = converter.convert(picture.frame(random), {});
        ASSERT_TRUE(after) << after.error().message;
        Changed changed{stored};
        for (int y = 0; y < stored.height; ++y)
            for (int x = 0; x < stored.width; ++x) {
                const auto from = [](int at, int of, int in) { return at * in / of; };
                const auto to = [](int at, int of, int in) { return ((at + 1) * in + of - 1) / of; };
                const int x0 = from(x, stored.width, size.width), y0 = from(y, stored.height, size.height);
                if (source.any({x0, y0, to(x, stored.width, size.width) - x0,
                                to(y, stored.height, size.height) - y0}))
                    changed.add({x, y, 1, 1});
            }
        const auto &a = before->raw(), &b = after->raw();
        EXPECT_EQ(differing(a.y, b.y, 1, &changed, &changed_samples), 0) << picture.name();
        EXPECT_EQ(differing(a.u, b.u, 2, &changed, &changed_samples), 0) << picture.name();
        EXPECT_EQ(differing(a.v, b.v, 2, &changed, &changed_samples), 0) << picture.name();
    }
    EXPECT_GT(changed_samples, 1000);
}

TEST(Converter, RefusesWhatItCannotConvertPixelByPixel) {
    for (const auto format : {AV_PIX_FMT_BAYER_BGGR8, AV_PIX_FMT_XYZ12LE, AV_PIX_FMT_NONE}) {
        auto frame = make_frame();
        frame->format = format;
        frame->width = frame->height = 32;
        if (format != AV_PIX_FMT_NONE) {
            ASSERT_EQ(av_frame_get_buffer(frame.get(), 0), 0);
        }
        Converter converter{{32, 32}, {}};
        const auto converted = converter.convert(std::move(frame), {});
        ASSERT_FALSE(converted);
        EXPECT_THAT(converted.error().message, testing::HasSubstr("cannot convert"));
    }
}

INSTANTIATE_TEST_SUITE_P(All, ConverterFormats, testing::ValuesIn(pixel_formats()),
                         [](const auto& about) { return std::string{av_get_pix_fmt_name(about.param)}; });

}  // namespace
}  // namespace passerby::media
