#include "measure/page.h"

#include <regex>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>

#include "measure/page_cover.h"
#include "measure/plot.h"
#include "measure/report.h"
#include "measure/sight.h"
#include "measure/test_pictures.h"

namespace passerby::measure {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Micros kFrame = std::chrono::milliseconds{40};

image::SafeFrame grey_frame(image::Size size, int luma) {
    image::PictureBuffer buffer{size};
    const auto to = buffer.writable();
    for (const auto& [plane, value] : {std::pair{to.y, luma}, std::pair{to.u, 128}, std::pair{to.v, 128}})
        for (int y = 0; y < plane.size.height; ++y)
            std::fill_n(plane.row(y), plane.size.width, static_cast<std::uint8_t>(value));
    return redact::Painter::safe(std::move(buffer));
}

Findings findings(int frames, std::vector<int> exposed) {
    Findings found;
    found.size = {64, 48};
    found.frames = frames;
    found.background = 3000;
    found.changed_background = 60;
    HeadFigures heads{frames, static_cast<std::int64_t>(exposed.size()), 1, {}, 0.0125};
    if (exposed.size() >= 3) heads.exposed_tracks = {7};
    found.figures = heads;
    for (int i = 1; i <= frames; ++i) found.moments.push_back({kFrame * (i - 1), 0.15, 0.02, 0, 0});
    for (const int frame : exposed) {
        const Leak leak{frame, 7, 0.5};
        auto& moment = found.moments[static_cast<std::size_t>(frame - 1)];
        moment.seen = 0.5;
        moment.exposed = 1;
        found.leaks.push_back(leak);
        found.worst.push_back(
            {leak, moment.time, grey_frame(found.size, 90), {{{10, 5, 20, 40}, {14, 5, 12, 9}}}});
    }
    return found;
}

int occurrences(const std::string& text, const std::string& of) {
    int n = 0;
    for (auto at = text.find(of); at != std::string::npos; at = text.find(of, at + 1)) ++n;
    return n;
}

TEST(Page, StandsAlone) {
    const auto html = page({"<b>\"gate\" & co.mp4", {{"labels", "a<b.txt"}}}, findings(50, {10, 30}));
    ASSERT_TRUE(html) << html.error().message;
    // Nothing that a browser could load: no address, no attribute or rule that names one but for the pictures
    // within.
    EXPECT_THAT(*html, HasSubstr("Content-Security-Policy\" content=\"default-src 'none'; img-src data:;"));
    EXPECT_FALSE(std::regex_search(*html, std::regex{"https?:|//|src=|url\\(|@import|<script|<link|<iframe"}))
        << *html;
    EXPECT_EQ(occurrences(*html, "href="), 2);
    EXPECT_EQ(occurrences(*html, "href=\"data:image/jpeg;base64,/9j/"), 2) << "JPEG files begin so";
    EXPECT_THAT(*html, HasSubstr("&lt;b&gt;&quot;gate&quot; &amp; co.mp4"));
    EXPECT_THAT(*html, HasSubstr("<dd>a&lt;b.txt</dd>"));
    EXPECT_THAT(*html, Not(HasSubstr("<b>")));
}

TEST(Page, ShowsTheFiguresAndTheWorstFrames) {
    const auto html = page({"gate.mp4", {}}, findings(50, {10, 11, 12}));
    ASSERT_TRUE(html);
    for (const char* text : {"3 of 50 (6.0000 %)", "1 of 1 (labels 7)", "0.013", "2.000 %", "15.0 %",
                             "Frame 12 at 0:00.4: 50.0 % of the detail of the head labelled 7 can be seen."})
        EXPECT_THAT(*html, HasSubstr(text));
    EXPECT_EQ(occurrences(*html, "class=\"place\" x=\"10\" y=\"5\" width=\"20\" height=\"40\""), 3);
    EXPECT_EQ(occurrences(*html, "class=\"head\" x=\"14\""), 3);
    const auto none = page({"gate.mp4", {}}, findings(50, {}));
    ASSERT_TRUE(none);
    EXPECT_THAT(*none, HasSubstr("hardly anything is seen"));
    EXPECT_EQ(occurrences(*none, "<figure>"), 0);
}

TEST(Plot, ShowsALeakOfOneFrameInALongVideo) {
    const auto svg = plot(findings(90'000, {70'001}));
    EXPECT_EQ(occurrences(svg, "class=\"exposed\""), 1);
    EXPECT_LT(svg.size(), 60'000U);
    EXPECT_NE(svg.find(">1:00:00.0<"), std::string::npos);
    EXPECT_NE(svg.find(">20 %<"), std::string::npos);
    EXPECT_THAT(plot(findings(1, {1})), HasSubstr("class=\"exposed\""));
    EXPECT_THAT(plot(findings(20, {})), Not(HasSubstr("class=\"exposed\"")));
    EXPECT_EQ(plot(findings(0, {})), "");
}

TEST(Plot, SaysFromWhereOvermaskCounts) {
    auto found = findings(100, {});
    EXPECT_THAT(plot(found), Not(HasSubstr("class=\"proven\"")));
    found.from = 51;
    EXPECT_THAT(plot(found), HasSubstr("class=\"proven\" x1=\"472.0\""));
}

TEST(Report, RoundsAsOthersDoAndLeavesOutWhatWasNotMeasured) {
    const auto json = to_json(findings(50, {10, 11, 12}));
    EXPECT_EQ(json["exposed_pct"], 6.0);
    EXPECT_EQ(json["overmask_pct"], 2.0);
    EXPECT_EQ(json["residual"], 0.013);
    EXPECT_EQ(json["exposed_tracks"], nlohmann::json::parse("[7]"));
    EXPECT_EQ(json["all_leaks"], nlohmann::json::parse("[[10, 7, 0.5], [11, 7, 0.5], [12, 7, 0.5]]"));
    EXPECT_EQ(json["exposed_at"].size(), 50U);
    EXPECT_EQ(json["seen"][9], 0.5);
    Findings empty;
    empty.figures = ForegroundFigures{};
    EXPECT_TRUE(to_json(empty)["foreground_seen_pct"].is_null());
    EXPECT_TRUE(to_json(empty)["overmask_pct"].is_null());
    EXPECT_THAT(table(empty), HasSubstr("nothing to measure"));
}

TEST(Report, ListsTheFirstLeaks) {
    std::vector<int> exposed(30);
    for (int i = 0; i < 30; ++i) exposed[static_cast<std::size_t>(i)] = 2 * i + 2;
    const auto text = table(findings(80, exposed));
    EXPECT_THAT(text, HasSubstr("heads exposed   30 of 80 (37.5000 %)\n"));
    EXPECT_THAT(text, HasSubstr("\n40       0:01.6      7       50.0 %\nand 10 more\n"));
}

// P1: what a page shows of a place where somebody is labelled tells nothing, however badly it was covered.
TEST(PageCover, HidesWhatTheCoverLeft) {
    const cv::Size kSize{120, 90};
    const cv::Mat labelled = [&] {
        cv::Mat map = flat(kSize, 0);
        map(cv::Rect{20, 10, 60, 70}) = 255;
        return map;
    }();
    const auto before = noise(kSize, 1);
    cv::Mat blurred, mosaic;
    cv::GaussianBlur(before, blurred, {0, 0}, 4);
    cv::resize(before, mosaic, {15, 12}, 0, 0, cv::INTER_AREA);
    cv::resize(mosaic, mosaic, kSize, 0, 0, cv::INTER_NEAREST);
    auto half = before.clone();
    half(cv::Rect{20, 10, 60, 35}) = 8;
    for (const auto& [name, after] : {std::pair{"nothing", before}, {"blur", blurred}, {"mosaic", mosaic}}) {
        const auto hide = page_cover(pair_of(before, after, 1), labelled, {120, 90});
        EXPECT_EQ(hide.count(), 30 * 35) << name;
        EXPECT_EQ(hide.share({20, 10, 60, 70}), 1) << name << ": all that is labelled";
    }
    const auto hide = page_cover(pair_of(before, half, 1), labelled, {120, 90});
    EXPECT_EQ(hide.share({20, 46, 60, 34}), 1) << "the half that is bare";
    EXPECT_LT(hide.share({22, 12, 56, 30}), 0.05) << "what is covered stays as it is";
    EXPECT_EQ(page_cover(pair_of(before, before, 1), labelled, {60, 45}).share({10, 5, 30, 35}), 1)
        << "half the size";
}

}  // namespace
}  // namespace passerby::measure
