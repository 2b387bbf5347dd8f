#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "media/converter.h"
#include "proofs/clip.h"
#include "proofs/scripted_detectors.h"
#include "redact/painter.h"

namespace passerby::proofs {

namespace fs = std::filesystem;

std::vector<image::RawFrame> decoded(const Scenario& s, const Samples& samples, std::mt19937& garbage) {
    media::Converter converter{s.stored(), s.orientation};
    std::vector<image::RawFrame> frames;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        auto frame = samples[i].frame(garbage);
        frame->color_range = s.range;
        auto converted = converter.convert(std::move(frame), s.steps[i].when);
        EXPECT_TRUE(converted) << converted.error().message;
        frames.push_back(std::move(*converted));
    }
    return frames;
}

std::vector<redact::CoveredFrame> covered(const Scenario& s, redact::CoverStyle style,
                                          const std::vector<image::RawFrame>& frames) {
    ScriptedDetectors detectors;
    const Step* now = nullptr;
    detectors.bodies_seen = [&](image::Rect where) -> ScriptedDetectors::Answer {
        if (now->detectors_fail) return fail(ErrorKind::internal, "the model failed");
        std::vector<vision::Detection> seen;
        for (const auto& d : now->seen)
            if (d.x < static_cast<float>(where.right()) && d.x + d.width > static_cast<float>(where.x))
                seen.push_back(d);
        return seen;
    };
    auto policy = s.policy;
    policy.style = style;
    const auto engine = redact::Engine::create(s.engine, policy, &detectors);
    EXPECT_TRUE(engine) << engine.error().message;
    std::vector<redact::CoveredFrame> out;
    const auto take = [&](std::vector<redact::CoveredFrame> some) {
        for (auto& frame : some) out.push_back(std::move(frame));
    };
    for (std::size_t i = 0; i < frames.size(); ++i) {
        now = &s.steps[i];
        take((*engine)->push(frames[i]));
        if (now->finish_after) take((*engine)->finish());
    }
    take((*engine)->finish());
    return out;
}

namespace {

std::string file_of(const Scenario& s, const std::vector<redact::CoveredFrame>& frames) {
    // In memory where the machine has such a place: writing syncs.
    const auto folder = fs::exists("/dev/shm") ? fs::path{"/dev/shm"} : fs::temp_directory_path();
    const auto path = (folder / fmt::format("passerby-proof-{}.mp4", ::getpid())).string();
    {
        const auto writer = media::FileWriter::create(path, s.encode);
        EXPECT_TRUE(writer) << writer.error().message;
        for (const auto& f : frames) EXPECT_TRUE((*writer)->write(f.frame));
        EXPECT_TRUE((*writer)->finish());
    }
    std::ifstream file{path, std::ios::binary};
    std::string bytes{std::istreambuf_iterator<char>{file}, {}};
    fs::remove(path);
    return bytes;
}

std::string fragments_of(const Scenario& s, const std::vector<redact::CoveredFrame>& frames) {
    std::string bytes;
    const auto add = [&](const std::vector<std::byte>& more) {
        bytes.append(reinterpret_cast<const char*>(more.data()), more.size());
        return Status{};
    };
    const auto writer =
        media::FragmentWriter::create(s.encode, std::chrono::milliseconds{250},
                                      {[&](std::vector<std::byte> init, const std::string& codec) {
                                           bytes += codec;
                                           return add(init);
                                       },
                                       [&](media::Fragment f) { return add(f.bytes); }});
    EXPECT_TRUE(writer) << writer.error().message;
    for (const auto& f : frames) EXPECT_TRUE((*writer)->write(f.frame));
    EXPECT_TRUE((*writer)->finish());
    return bytes;
}

}  // namespace

std::string encoded(const Scenario& s, const std::vector<redact::CoveredFrame>& frames) {
    return s.as_fragments ? fragments_of(s, frames) : file_of(s, frames);
}

namespace {

// Of the two flat covers.
std::pair<int, int> tones() {
    static const auto both = [] {
        auto owner = std::make_shared<image::PictureBuffer>(image::Size{16, 16});
        const image::RawFrame any{owner->view(), owner, {}};
        redact::Painter painter{redact::CoverStyle::silhouette};
        redact::Cover all{image::Mask{{16, 16}, 1}, image::Mask{{16, 16}, 1}};
        all.hidden.set_all();
        return std::pair<int, int>{*painter.paint(any, all).picture().y.data,
                                   *painter.paint_wholly(any).picture().y.data};
    }();
    return both;
}

}  // namespace

Pixels cover_of(const image::RawFrame& raw, const image::SafeFrame& frame, const Pixels* expected) {
    const auto [hidden, unproven] = tones();
    Pixels cover{raw.size()};
    const auto was = raw.raw().y, is = frame.picture().y;
    for (int y = 0; y < was.size.height; ++y)
        for (int x = 0; x < was.size.width; ++x) {
            const auto tone = is.row(y)[x];
            if (tone != hidden && tone != unproven) continue;
            const bool may_be_open = tone == was.row(y)[x];
            if (may_be_open && !(expected && expected->at(x, y))) continue;
            cover.set(x, y, tone);
        }
    return cover;
}

}  // namespace passerby::proofs
