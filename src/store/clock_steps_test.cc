// A wall clock that is set again and again while a camera records: nothing overlaps, nothing is lost, and
// what the catalogue says adds up. PASSERBY_CLOCK_STEPS=1000 for as many; PASSERBY_SEED for another run.
#include <cstdlib>
#include <random>

#include "store/check.h"
#include "store/recorder.h"
#include "store/test_world.h"

namespace passerby::store {
namespace {

using namespace testing;

struct Step {
    const char* name;
    Micros by;
};
constexpr Step kSteps[] = {{"+1 s", 1s},       {"-1 s", -1s},       {"+6 s", 6s},       {"-6 s", -6s},
                           {"+10 min", 10min}, {"-10 min", -10min}, {"+1 h", 1h},       {"-1 h", -1h},
                           {"+1 day", 24h},    {"-1 day", -24h},    {"+1 year", 8766h}, {"-1 year", -8766h},
                           {"+200 ms", 200ms}, {"-200 ms", -200ms}};

unsigned number_from(const char* name, unsigned otherwise) {
    const char* text = std::getenv(name);
    return text != nullptr ? static_cast<unsigned>(std::atoi(text)) : otherwise;
}

TEST(ClockSteps, NothingOverlapsAndNothingIsLost) {
    const auto seed = number_from("PASSERBY_SEED", 20260301);
    const auto steps = number_from("PASSERBY_CLOCK_STEPS", 150);
    SCOPED_TRACE(fmt::format("PASSERBY_SEED={}", seed));
    std::mt19937 random{seed};
    const auto below = [&random](unsigned n) { return random() % n; };
    TempFolder folder;
    FakeClock clock{at("2026-03-01T12:00:00Z")};
    auto store = must(Store::open(folder.path() / "data", clock));
    auto recorder = must(Recorder::create(store, "entrance"));
    Camera camera{*recorder, clock};
    must(camera.begin());
    unsigned sent = 0;
    for (unsigned i = 0; i < steps; ++i) {
        const auto choice = below(std::size(kSteps) + 2);
        if (choice < std::size(kSteps))
            clock.set_wall(clock.wall() + kSteps[choice].by);
        else
            clock.set_wall(at(choice == std::size(kSteps) ? "1970-01-01T00:00:01Z" : "2038-01-19T03:14:08Z"));
        // A camera whose own clock runs 500 ppm fast or slow.
        camera.length = 1s;
        const auto fragments = 2 + below(40);
        for (unsigned f = 0; f < fragments; ++f, ++sent) {
            must(camera.send());
            clock.set_wall(clock.wall() + Micros{i % 2 == 0 ? 500 : -500});
        }
    }
    must(recorder->stop());
    recorder.reset();

    const auto found = must(store->timeline("entrance", {Micros::min() / 2}, {Micros::max() / 2}));
    unsigned frames = 0;
    Micros recorded{}, ended{-1};
    for (std::size_t i = 0; i < found.segments.size(); ++i) {
        const auto& s = found.segments[i];
        ASSERT_LT(s.start, s.end) << i;
        if (i > 0) {
            ASSERT_GE(s.start, found.segments[i - 1].end) << "segment " << i << " overlaps";
        }
        EXPECT_GT(s.media_start, ended) << "media time goes on";
        ended = s.media_start;
        // Drift is worked off by a thousandth; no step of the clock stretches a recording.
        EXPECT_LE(std::chrono::abs(s.end - s.start - s.media_duration), s.media_duration / 1000 + 1ms) << i;
        frames += static_cast<unsigned>(s.frames);
        recorded += s.media_duration;
    }
    EXPECT_EQ(frames, 10 * sent) << "every frame is in a segment";
    EXPECT_EQ(recorded, Micros{1s} * sent);
    EXPECT_GT(found.segments.size(), steps / 4);
    for (std::size_t i = 1; i < found.gaps.size(); ++i)
        EXPECT_GE(found.gaps[i].start, *found.gaps[i - 1].end);
    store.reset();
    const auto report = must(check(folder.path() / "data", Depth::bytes, [](std::size_t, std::size_t) {}));
    for (const auto& finding : report.findings) ADD_FAILURE() << finding.where << ": " << finding.what;
}

}  // namespace
}  // namespace passerby::store
