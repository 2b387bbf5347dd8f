// Counting on real footage, compared with a count by hand.
#include "redact/footfall.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "media/video_reader.h"
#include "redact/engine.h"
#include "vision/load_detectors.h"

namespace passerby::redact {
namespace {

const std::filesystem::path kFootage = PASSERBY_FOOTAGE;
const std::filesystem::path kModels = PASSERBY_MODELS;

std::array<std::int64_t, 2> sum(const std::vector<vision::PlaceCounts>& counts) {
    return counts.at(0).persons;
}

// A line over the road, from the grass up. By hand, on a picture of what passes it over time: 12 go from left
// to right, one of whom stands on it for five seconds, and 15 from right to left; twice two cross side by
// side.
TEST(Footfall, CountsTheSampleAsAPersonDoes) {
    if (!std::filesystem::exists(kFootage) || !std::filesystem::exists(kModels / "models.json"))
        GTEST_SKIP() << "the sample footage or the models are missing; scripts/setup.sh fetches them";
    auto detectors = vision::load_detectors({kModels.string(), 1, "cpu", {}});
    ASSERT_TRUE(detectors) << detectors.error().message;
    media::ReadOptions options;
    auto reader = media::VideoReader::open(kFootage.string(), options);
    ASSERT_TRUE(reader) << reader.error().message;
    Policy policy;
    policy.count = Counting{};
    const auto info = (*reader)->info();
    auto engine = Engine::create({info.size, info.frame_rate.value()}, policy, detectors->get());
    ASSERT_TRUE(engine) << engine.error().message;
    (*engine)->set_places({{1, {{0.4F, 0.64F}, {0.4F, 0.33F}}}});
    for (;;) {
        auto frame = (*reader)->read();
        ASSERT_TRUE(frame) << frame.error().message;
        if (!*frame) break;
        (*engine)->push(std::move(**frame));
    }
    const auto [right, left] = sum((*engine)->take_counts());
    RecordProperty("left to right", static_cast<int>(right));
    RecordProperty("right to left", static_cast<int>(left));
    std::printf("left to right %d of 12, right to left %d of 15\n", static_cast<int>(right),
                static_cast<int>(left));
    EXPECT_NEAR(right, 12, 3);
    EXPECT_NEAR(left, 15, 3);
}

}  // namespace
}  // namespace passerby::redact
