// Sound from a film to fragments and on to an export, beside its pictures. The films flash and beep at the
// same moments.
#include "media/sound.h"

#include <cmath>

#include <gmock/gmock.h>

#include "media/join.h"
#include "media/sample_line.h"
#include "media/test_files.h"

namespace passerby::media {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

std::vector<float> taken(SampleLine& line, std::int64_t from, std::size_t count) {
    std::vector<float> samples(count);
    float* to = samples.data();
    line.take(from, count, {&to, 1});
    return samples;
}

void put(SampleLine& line, std::int64_t at, std::vector<float> samples) {
    const float* from = samples.data();
    line.put(at, samples.size(), {&from, 1});
}

TEST(SampleLine, IsSilentWhereNothingCame) {
    SampleLine line{1, 2, 100};
    EXPECT_THAT(taken(line, 7, 2), ElementsAre(0, 0));
    put(line, 10, {1, 2, 3});
    put(line, 17, {4});
    EXPECT_EQ(line.end(), 18);
    EXPECT_THAT(taken(line, 9, 5), ElementsAre(0, 1, 2, 3, 0));
    EXPECT_THAT(taken(line, 14, 6), ElementsAre(0, 0, 0, 4, 0, 0));
}

TEST(SampleLine, BelievesTheCountOfSamplesBeforeTheirTimes) {
    SampleLine line{1, 2, 100};
    put(line, 10, {1, 2});
    put(line, 14, {3, 4});  // two late
    put(line, 12, {5, 6});  // two early
    EXPECT_THAT(taken(line, 10, 6), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(SampleLine, LeavesOutWhatHasItsSamplesOrIsTooLate) {
    SampleLine line{1, 1, 100};
    put(line, 10, {1, 2, 3, 4});
    put(line, 10, {5, 6, 7, 8, 9});  // the first four of them are there
    EXPECT_THAT(taken(line, 10, 8), ElementsAre(1, 2, 3, 4, 9, 0, 0, 0));
    put(line, 15, {1, 2, 3, 4});  // until 18 it was silence
    EXPECT_THAT(taken(line, 18, 2), ElementsAre(4, 0));
}

TEST(SampleLine, BeginsAnewWhereTimesLeap) {
    SampleLine line{1, 1, 10};
    put(line, 10, {1, 2});
    put(line, 1'000'000'000'000, {3});
    put(line, 12, {4});
    EXPECT_THAT(taken(line, 10, 4), ElementsAre(0, 0, 4, 0));
    put(line, -1'000'000'000'000, {5, 6});
    put(line, 14, {7});
    EXPECT_THAT(taken(line, 14, 2), ElementsAre(7, 0));
}

TEST(SampleLine, KeepsOnlyTheNewest) {
    SampleLine line{1, 1, 3};
    put(line, 0, {1, 2, 3, 4, 5});
    EXPECT_THAT(taken(line, 0, 5), ElementsAre(0, 0, 3, 4, 5));
}

// What a reader hears and sees of a file: when it gets bright, when it gets loud.
struct Seen {
    std::vector<double> flashes, beeps;
    int rate = 0, channels = 0;
    std::size_t frames = 0;
};

struct Onsets {
    double middle;
    bool high = true;
    std::vector<double> found;
    void at(double time, double level) {
        if (level > middle && !high) found.push_back(time);
        high = level > middle;
    }
};

class SoundTest : public testing::Test {
  protected:
    static constexpr int kSeconds = 8;

    std::string film(const std::string& name, const std::string& options) {
        make_video(
            "-f lavfi -i "
            "\"testsrc2=s=96x64:r=25,drawbox=w=96:h=64:t=fill:c=white:enable='lt(mod(t,1),0.2)'\" "
            "-f lavfi -i \"aevalsrc=0.5*sin(2*PI*1000*t)*lt(mod(t\\,1)\\,0.2):s=48000\" -t " +
                std::to_string(kSeconds) + " -c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p " +
                options,
            folder_ / name);
        return folder_ / name;
    }

    // Reads it, and makes fragments of it where a sink is given.
    Seen read(const std::string& path, const FragmentWriter::Sink* sink = nullptr) {
        Seen seen;
        Sound sound;
        ReadOptions options;
        options.sound = &sound;
        auto reader = VideoReader::open(path, options);
        EXPECT_TRUE(reader) << (reader ? "" : reader.error().message);
        if (!reader) return seen;
        seen.rate = sound.rate(), seen.channels = sound.channels();
        std::unique_ptr<FragmentWriter> writer;
        if (sink) {
            EncodeOptions encode;
            encode.size = (*reader)->info().size;
            encode.time_base = (*reader)->info().time_base;
            encode.frame_rate = {25, 1};
            encode.preset = "ultrafast";
            encode.low_latency = true;
            auto made = FragmentWriter::create(encode, milliseconds{250}, *sink, &sound);
            EXPECT_TRUE(made) << (made ? "" : made.error().message);
            writer = *std::move(made);
        }
        Onsets light{150, true, {}}, noise{0.1, true, {}};
        std::int64_t heard = 0;
        const auto hear = [&](Micros until) {
            const auto step = sound.rate() / 250;
            for (; sound.rate() > 0 && (heard + step) * 1'000'000 <= until.count() * sound.rate();
                 heard += step) {
                std::vector<std::vector<float>> to(static_cast<std::size_t>(sound.channels()),
                                                   std::vector<float>(static_cast<std::size_t>(step)));
                std::vector<float*> rows;
                for (auto& row : to) rows.push_back(row.data());
                sound.read(heard, static_cast<std::size_t>(step), rows);
                double loudest = 0;
                for (const float s : to[0]) loudest = std::max(loudest, std::abs(static_cast<double>(s)));
                noise.at(static_cast<double>(heard) / sound.rate(), loudest);
            }
        };
        for (;;) {
            auto frame = (*reader)->read();
            if (!frame || !*frame) break;
            const auto when = (*frame)->when();
            const auto& luma = (*frame)->raw().y;
            light.at(static_cast<double>(when.time.count()) / 1e6, luma.row(32)[48] > 220 ? 255 : 0);
            ++seen.frames;
            if (writer) {
                image::PictureBuffer picture{(*reader)->info().size};
                const auto planes = picture.writable();
                for (const auto plane : {planes.y, planes.u, planes.v})
                    for (int y = 0; y < plane.size.height; ++y)
                        std::fill_n(plane.row(y), plane.size.width,
                                    plane.row(0) == planes.y.row(0) ? luma.row(32)[48] : 128);
                const auto written = writer->write(redact::Painter::safe(std::move(picture), when));
                EXPECT_TRUE(written) << written.error().message;
                if (!written) return seen;
            } else {
                hear(when.time - milliseconds{600});
            }
        }
        if (writer)
            EXPECT_TRUE(writer->finish());
        else
            hear(std::chrono::seconds{kSeconds});
        seen.flashes = light.found, seen.beeps = noise.found;
        return seen;
    }

    // A beep at each flash, and hardly more: the coding of sound has an echo.
    static void expect_in_sync(const Seen& seen, std::size_t at_least) {
        EXPECT_GE(seen.flashes.size(), at_least);
        EXPECT_LE(seen.beeps.size(), seen.flashes.size() + 2);
        ASSERT_FALSE(seen.beeps.empty());
        double worst = 0;
        for (const double flash : seen.flashes) {
            const auto from = [flash](double beep) { return std::abs(beep - flash); };
            worst = std::max(worst, from(*std::ranges::min_element(seen.beeps, {}, from)));
        }
        EXPECT_LT(worst, 0.05);
        RecordProperty("worst_us", static_cast<int>(1e6 * worst));
    }

    // Its fragments as a file.
    std::string fragments_of(const std::string& path) {
        std::string bytes;
        const auto add = [&](const std::vector<std::byte>& more) {
            bytes.append(reinterpret_cast<const char*>(more.data()), more.size());
        };
        FragmentWriter::Sink sink{[&](std::vector<std::byte> init, const std::string& codec) -> Status {
                                      codec_ = codec;
                                      add(init);
                                      return {};
                                  },
                                  [&](const Fragment& f) -> Status {
                                      add(f.bytes);
                                      return {};
                                  }};
        read(path, &sink);
        set_content(path + ".fragments.mp4", bytes);
        return path + ".fragments.mp4";
    }

    TempFolder folder_;
    std::string codec_;
};

struct Film {
    const char *name, *options;
};

class Films : public SoundTest, public testing::WithParamInterface<Film> {};

TEST_P(Films, AreHeardAsTheyAreSeen) {
    const auto original = film(GetParam().name, GetParam().options);
    expect_in_sync(read(original), kSeconds - 2);

    const auto fragments = fragments_of(original);
    EXPECT_THAT(codec_, testing::MatchesRegex("avc1\\.[0-9a-f]+,mp4a\\.40\\.2"));
    expect_in_sync(read(fragments), kSeconds - 2);
    for (const char* trace : {"Lavf", "Lavc"})
        EXPECT_EQ(content(fragments).find(trace), std::string::npos) << trace;

    // Of a clip that is cut at both ends, and then the whole.
    const auto clip = folder_ / "clip.mp4";
    const auto joined =
        join({{fragments, {}, milliseconds{2500}, milliseconds{6500}}, {fragments, {}, {}, {}}}, clip);
    ASSERT_TRUE(joined) << joined.error().message;
    expect_in_sync(read(clip), kSeconds);
}

INSTANTIATE_TEST_SUITE_P(
    All, Films,
    testing::Values(Film{"aac.mp4", "-c:a aac -ar 48000 -ac 2"}, Film{"aac8.mp4", "-c:a aac -ar 8000 -ac 1"},
                    Film{"ulaw.mov", "-c:a pcm_mulaw -ar 8000 -ac 1"},
                    Film{"alaw.mov", "-c:a pcm_alaw -ar 8000 -ac 1"},
                    Film{"opus.mkv", "-c:a libopus -ar 48000 -ac 1"},
                    Film{"mp2.ts", "-c:a mp2 -ar 44100 -ac 2"},
                    // 33 bits of time at 90 kHz are over after 95,443.7 s, in the middle of it.
                    Film{"wraps.ts", "-c:a aac -ar 44100 -bf 2 -output_ts_offset 95439"},
                    Film{"odd.mkv", "-c:a pcm_s16le -ar 22000 -ac 1"},
                    Film{"many.mkv", "-c:a pcm_s16le -ar 48000 -ac 6"}),
    [](const auto& film) {
        const std::string name{film.param.name};
        return name.substr(0, name.find('.'));
    });

TEST_F(SoundTest, AFilmWithoutSoundHasNone) {
    const auto silent = film("silent.mp4", "-an");
    EXPECT_EQ(read(silent).rate, 0);
    EXPECT_EQ(probe(fragments_of(silent), "stream=codec_type", ""), std::vector<std::string>{"video"});
    EXPECT_EQ(codec_.find(','), std::string::npos);
}

TEST_F(SoundTest, NobodyAsksForItUnlessItIsWanted) {
    const auto path = film("aac.mp4", "-c:a aac");
    auto reader = VideoReader::open(path, {});
    ASSERT_TRUE(reader);
    EXPECT_EQ(read_all(**reader).size(), static_cast<std::size_t>(25 * kSeconds));
}

// A microphone that stops is silence: the track of a fragment has no hole, at which browsers would stop.
TEST_F(SoundTest, AMicrophoneThatStopsIsSilence) {
    const auto path = film("short.mkv", "-c:a pcm_mulaw -ar 8000 -ac 1 -af atrim=0:2.5");
    const auto fragments = fragments_of(path);
    const auto times = probe(fragments, "packet=pts_time", "-select_streams a:0");
    ASSERT_GT(times.size(), 50U);
    for (std::size_t i = 1; i < times.size(); ++i)
        EXPECT_NEAR(std::stod(times[i]) - std::stod(times[i - 1]), 1024. / 8000, 1e-3);
    EXPECT_NEAR(std::stod(times.back()), kSeconds, 0.8);
    for (const double beep : read(fragments).beeps) EXPECT_LT(beep, 2.6);
}

}  // namespace
}  // namespace passerby::media
