// A camera's own packets and the encoder's in one recording.
#include <random>

#include <gmock/gmock.h>

#include "media/camera_packets.h"
#include "media/h264_bits.h"
#include "media/join.h"
#include "media/test_files.h"

namespace passerby::media {
namespace {

using std::chrono::milliseconds;

class KeptPacketsTest : public testing::Test {
  protected:
    static constexpr int kFrames = 250, kRate = 25;  // ten seconds, groups of 25
    static constexpr int kFirstKept = 50;            // after two quiet seconds

    struct Recording {
        std::string init, codec;
        std::vector<Fragment> fragments;
        std::vector<image::RawFrame> judged;  // what the reader gave
        std::string all() const {
            std::string bytes = init;
            for (const auto& f : fragments) bytes += text(f.bytes);
            return bytes;
        }
        static std::string text(const std::vector<std::byte>& bytes) {
            return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
        }
    };

    std::string make(const std::string& options, int frames = kFrames) {
        const auto path = folder_ / "clip.mp4";
        make_video(fmt::format("-f lavfi -i testsrc2=size=160x128:rate=25 -frames:v {} -pix_fmt yuv420p "
                               "-c:v libx264 -preset veryfast -g 25 -sc_threshold 0 -bf 0 {}",
                               frames, options),
                   path);
        return path;
    }

    // What a camera's process would write of it. `covered`: is anything of the frame of this number?
    template <class Covered>
    Recording record(const std::string& path, Covered covered) {
        ReadOptions how;
        how.threads = 1;
        how.keep_packets = true;
        const auto reader = open_or_fail(path, how);
        auto options = options_for(reader->info());
        options.low_latency = true;
        options.camera = reader->info().sets;
        options.threads = 1;
        Recording out;
        auto writer = FragmentWriter::create(options, milliseconds{250},
                                             {[&](std::vector<std::byte> bytes, std::string codec) -> Status {
                                                  out.init = Recording::text(bytes);
                                                  out.codec = std::move(codec);
                                                  return {};
                                              },
                                              [&](Fragment f) -> Status {
                                                  out.fragments.push_back(std::move(f));
                                                  return {};
                                              }});
        EXPECT_TRUE(writer) << writer.error().message;
        int number = 0;
        out.judged = read_all(*reader);
        for (const auto& frame : out.judged) {
            const auto written =
                (*writer)->write(covered(number++) ? safe(frame) : redact::Painter::open(frame));
            EXPECT_TRUE(written) << written.error().message;
        }
        EXPECT_TRUE((*writer)->finish());
        return out;
    }
    static int kept(const Recording& recording) {
        int count = 0;
        for (const auto& f : recording.fragments) count += f.kept;
        return count;
    }
    std::string save(const Recording& recording, const std::string& name = "recording.mp4") {
        set_content(folder_ / name, recording.all());
        return folder_ / name;
    }
    // The hash of every picture, as ffmpeg decodes it; nothing may be wrong with it.
    static std::vector<std::string> pictures(const std::string& path) {
        std::istringstream lines{run("ffmpeg -nostdin -v error -xerror -i '" + path +
                                     "' -map v:0 -fps_mode passthrough -f framemd5 - 2>&1")};
        std::vector<std::string> hashes;
        for (std::string line; std::getline(lines, line);)
            if (!line.starts_with('#')) hashes.push_back(line.substr(line.rfind(' ') + 1));
        return hashes;
    }
    // "avcC" has so many sequence parameter sets.
    static int sequence_sets(const std::string& init) {
        const auto at = init.find("avcC");
        return at == std::string::npos ? -1 : init[at + 4 + 5] & 31;
    }

    TempFolder folder_;
};

TEST_F(KeptPacketsTest, QuietPicturesAreTheCamerasToTheBit) {
    for (const char* options :
         {"-profile:v baseline", "-profile:v main -refs 3", "-profile:v high", "-vf crop=154:122",
          "-x264-params sps-id=3", "-pix_fmt yuvj420p", "-x264-params slices=4:repeat-headers=1"}) {
        SCOPED_TRACE(options);
        const auto clip = make(options);
        // Somebody is there from 120 to 134. After two quiet seconds the next group begins at 200.
        const auto recording = record(clip, [](int i) { return i >= 120 && i < 135; });
        const auto path = save(recording);
        EXPECT_EQ(kept(recording), (120 - kFirstKept) + (kFrames - 200));
        EXPECT_EQ(sequence_sets(recording.init), 2);

        const auto sent = pictures(clip), shown = pictures(path);
        ASSERT_EQ(shown.size(), static_cast<std::size_t>(kFrames));
        for (std::size_t i = 0; i < shown.size(); ++i) {
            const bool is_kept = (i >= kFirstKept && i < 120) || i >= 200;
            if (is_kept)
                EXPECT_EQ(shown[i], sent[i]) << i;
            else
                EXPECT_NE(shown[i], sent[i]) << i << " was encoded";
        }
        EXPECT_EQ(probe(path, "frame=pix_fmt"), probe(clip, "frame=pix_fmt")) << "of one range, too";
        const auto times = probe(path, "packet=pts");
        ASSERT_EQ(times.size(), static_cast<std::size_t>(kFrames));
        for (int i = 0; i < kFrames; ++i)
            EXPECT_EQ(std::stol(times[static_cast<std::size_t>(i)]), 40'000L * i);
    }
}

TEST_F(KeptPacketsTest, ADecoderCanStartAtEveryKeyframeOfEither) {
    const auto recording = record(make(""), [](int i) { return i >= 120 && i < 135; });
    const auto all = pictures(save(recording));
    std::size_t before = 0;
    int keyframes = 0;
    for (std::size_t i = 0; i < recording.fragments.size(); ++i) {
        if (recording.fragments[i].keyframe) {
            ++keyframes;
            Recording rest{recording.init,
                           "",
                           {recording.fragments.begin() + static_cast<long>(i), recording.fragments.end()},
                           {}};
            const auto shown = pictures(save(rest, "rest.mp4"));
            EXPECT_EQ(shown, std::vector<std::string>(all.begin() + static_cast<long>(before), all.end()))
                << before;
        }
        before += static_cast<std::size_t>(recording.fragments[i].frames);
    }
    EXPECT_EQ(before, static_cast<std::size_t>(kFrames));
    EXPECT_EQ(keyframes, 8) << "0, 50, 75, 100, 120, 170, 200, 225";
}

TEST_F(KeptPacketsTest, ACameraThatSendsNothingButKeyframesMakesNoMoreFragments) {
    const auto recording = record(make("-g 1"), [](int) { return false; });
    EXPECT_EQ(kept(recording), kFrames - kFirstKept);
    EXPECT_EQ(pictures(save(recording)).size(), static_cast<std::size_t>(kFrames));
    for (std::size_t i = 0; i + 1 < recording.fragments.size(); ++i)
        if (recording.fragments[i].kept > 0) {
            EXPECT_GE(recording.fragments[i].duration, milliseconds{100}) << i;
        }
}

TEST_F(KeptPacketsTest, NothingIsKeptOfAnotherStreamThanTheHeaderKnows) {
    const auto a = make("-refs 1"), first = folder_ / "a.h264", second = folder_ / "b.h264",
               both = folder_ / "both.h264";
    make_video(fmt::format("-i '{}' -c copy", a), first);
    make_video(fmt::format("-i '{}' -c copy", make("-refs 3")), second);
    set_content(both, content(first) + content(second));
    const auto recording = record(both, [](int) { return false; });
    EXPECT_EQ(kept(recording), kFrames - kFirstKept);
    EXPECT_EQ(pictures(save(recording)).size(), static_cast<std::size_t>(2 * kFrames));
}

bool equal(const image::Plane& a, const image::Plane& b) {
    for (int y = 0; y < a.size.height; ++y)
        if (!std::equal(a.row(y), a.row(y) + a.size.width, b.row(y))) return false;
    return a.size == b.size;
}

TEST_F(KeptPacketsTest, WhatIsKeptOfADamagedStreamDecodesToWhatWasJudged) {
    const auto clip = make("-x264-params slices=2", 150), whole = folder_ / "whole.h264",
               damaged = folder_ / "damaged.h264";
    make_video(fmt::format("-i '{}' -c copy", clip), whole);
    const auto bytes = content(whole);
    int kept_in_all = 0;
    for (unsigned seed = 0; seed < 12; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 random{seed};
        auto changed = bytes;
        // The first group is left alone, so that there is a stream at all.
        for (int i = 0; i < 4; ++i) {
            const auto at = bytes.size() / 4 + random() % (bytes.size() * 3 / 4);
            changed[at] = static_cast<char>(random());
            if (i == 0) changed.erase(at, random() % 300);
        }
        set_content(damaged, changed);
        const auto recording = record(damaged, [](int) { return false; });
        const auto shown = read_all(*open_or_fail(save(recording)));
        ASSERT_EQ(shown.size(), recording.judged.size());
        int same = 0;
        for (std::size_t i = 0; i < shown.size(); ++i) {
            const auto &a = shown[i].raw(), &b = recording.judged[i].raw();
            same += equal(a.y, b.y) && equal(a.u, b.u) && equal(a.v, b.v);
        }
        EXPECT_GE(same, kept(recording)) << "a kept packet shows something else";
        kept_in_all += kept(recording);
    }
    EXPECT_GT(kept_in_all, 50);
}

TEST_F(KeptPacketsTest, WhatACameraHidesBesideThePicturesIsNotThere) {
    const auto plain = make(""), clip = folder_ / "words.mp4";
    make_video(fmt::format("-i '{}' -c copy -bsf:v h264_metadata=sei_user_data=086f3693-b7b3-4f2c-9653-"
                           "21492feee5b8+plate-B-AB-1234:aud=insert",
                           plain),
               clip);
    ASSERT_NE(content(clip).find("plate-B-AB-1234"), std::string::npos);
    const auto recording = record(clip, [](int) { return false; });
    ASSERT_EQ(kept(recording), kFrames - kFirstKept);
    EXPECT_EQ(recording.all().find("plate-B-AB-1234"), std::string::npos);
    EXPECT_EQ(recording.all().find("x264"), std::string::npos) << "the encoder's settings";
}

TEST_F(KeptPacketsTest, AnExportOfItPlaysWithEveryFrame) {
    const auto path = save(record(make(""), [](int i) { return i >= 120 && i < 135; }));
    const auto out = folder_ / "export.mp4";
    const auto joined = join({{path, {}, {}, {}}}, out, nullptr);
    ASSERT_TRUE(joined) << joined.error().message;
    EXPECT_EQ(pictures(out), pictures(path));
}

}  // namespace
}  // namespace passerby::media
