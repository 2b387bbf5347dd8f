// Streams of more than a day, through demuxer, decoder, encoder, fragments and recorder, with a clock that is
// turned: seconds of real time, because there are few pictures. Every picture is recorded, no time is
// missing, and none is dated wrongly.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "media/test_files.h"
#include "store/check.h"
#include "store/test_world.h"

namespace passerby {
namespace {

using namespace std::chrono_literals;
using store::testing::must;
using testing::ElementsAre;

constexpr const char* kCamera = "entrance";

struct LongRun {
    const char* name;
    const char* file;
    // For the ffmpeg program; {} is the output. The parts are put one after the other into `file`.
    std::vector<std::string> parts;
    int frames;
    Micros period;  // of the pictures, by a right clock
};

const std::string kSlow = "-f lavfi -i testsrc2=s=64x48:r=1/10 -c:v libx264 -preset ultrafast -g 6 ";
const std::string kDrift = "-fps_mode passthrough -enc_time_base 1/90000 ";

class LongRuns : public testing::TestWithParam<LongRun> {
  protected:
    // What the camera's process and the server do with it, but for the covering.
    void record(const std::string& path) {
        auto reader = must(media::VideoReader::open(path, {}));
        recorder_ = must(store::Recorder::create(store_, kCamera));
        media::EncodeOptions options;
        options.size = reader->info().size;
        options.time_base = reader->info().time_base;
        options.frame_rate = {25, 1};
        options.preset = "ultrafast";
        options.low_latency = true;
        const auto began = clock_.wall();
        auto writer = must(media::FragmentWriter::create(
            options, 250ms,
            {[&](std::vector<std::byte> init, std::string codec) {
                 return recorder_->begin(std::move(init), options.size, std::move(codec));
             },
             [&](const media::Fragment& f) {
                 const auto wall = began + taken_ * GetParam().period;
                 taken_ += f.frames;
                 clock_.pass(f.frames * GetParam().period);
                 return recorder_->add({f.bytes, f.start, f.duration, f.frames, f.keyframe, 1}, wall);
             }}));
        while (auto frame = must(reader->read())) {
            image::PictureBuffer picture{options.size};
            must(writer->write(redact::Painter::safe(std::move(picture), frame->when())));
        }
        // Where a part is put behind another, its first packet counts as damaged.
        EXPECT_LT(reader->gaps().size(), GetParam().parts.size());
        must(writer->finish());
        must(recorder_->stop());
        recorder_.reset();
    }

    media::TempFolder films_;
    store::testing::TempFolder folder_;
    store::testing::FakeClock clock_{store::testing::at("2026-03-01T12:00:00Z")};
    std::shared_ptr<store::Store> store_ = must(store::Store::open(folder_.path() / "data", clock_));
    std::unique_ptr<store::Recorder> recorder_;
    int taken_ = 0;
};

TEST_P(LongRuns, LoseNothing) {
    const auto& run = GetParam();
    const auto path = films_ / run.file;
    std::string film;
    for (const auto& part : run.parts) {
        media::make_video(part, path);
        film += media::content(path);
    }
    media::set_content(path, film);
    record(path);

    const auto found = must(store_->timeline(kCamera, {Micros::min() / 2}, {Micros::max() / 2}));
    int frames = 0;
    for (std::size_t i = 0; i < found.segments.size(); ++i) {
        const auto& s = found.segments[i];
        frames += s.frames;
        EXPECT_LE(std::chrono::abs(s.clock_error), 60ms) << to_iso8601(s.start);
        if (i > 0) {
            EXPECT_EQ(s.start, found.segments[i - 1].end);
        }
    }
    EXPECT_EQ(frames, run.frames);
    EXPECT_EQ(store::testing::gaps_of(*store_, kCamera).size(), 1U)
        << "only what follows the stop is missing";
    ASSERT_FALSE(found.segments.empty());
    // A minute's file each.
    const auto whole = run.frames * run.period;
    EXPECT_NEAR(static_cast<double>(found.segments.size()), static_cast<double>(whole / 1min), 3);
    const auto recorded = found.segments.back().end - found.segments.front().start;
    EXPECT_LE(std::chrono::abs(recorded - whole), run.period + 100ms);
    store_.reset();
    EXPECT_TRUE(
        must(store::check(folder_.path() / "data", store::Depth::bytes, [](auto, auto) {})).findings.empty());
}

INSTANTIATE_TEST_SUITE_P(
    All, LongRuns,
    testing::Values(
        // 33 bits at 90 kHz are 95,443.7 s: the numbers begin anew after 9.8 h, and come past where they
        // began after 26.5 h.
        LongRun{
            "TimestampsThatWrap", "wraps.ts", {kSlow + "-bf 0 -t 97200 -output_ts_offset 60000"}, 9720, 10s},
        LongRun{"TimestampsThatWrapBetweenBFrames",
                "b.ts",
                {kSlow + "-bf 2 -t 90000 -output_ts_offset 60000"},
                9000,
                10s},
        LongRun{"ACameraWithASlowClock",
                "slow.ts",
                {kSlow + kDrift + "-vf settb=1/90000,setpts=PTS*0.9995 -t 90000"},
                9005,
                10s},
        LongRun{"ACameraWithAFastClock",
                "fast.ts",
                {kSlow + kDrift + "-vf settb=1/90000,setpts=PTS*1.0005 -t 90000"},
                8996,
                10s},
        LongRun{"NoTimestamps",
                "none.h264",
                {"-f lavfi -i testsrc2=s=64x48:r=25 -c:v libx264 -preset ultrafast -g 50 -t 1200"},
                30000,
                40ms},
        LongRun{"OtherParameterSetsAndTimesThatBeginAnew",
                "sets.ts",
                {kSlow + "-refs 1 -t 36000", kSlow + "-bf 2 -refs 4 -profile:v high -t 36000",
                 kSlow + "-coder 0 -t 18000"},
                9000,
                10s}),
    [](const auto& run) { return std::string{run.param.name}; });

}  // namespace
}  // namespace passerby
