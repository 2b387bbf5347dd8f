#include "camera/quiet_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "camera/simulated_time.h"

namespace passerby::camera {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class QuietLogTest : public testing::Test {
  protected:
    SimulatedTime time_;
    std::vector<std::string> lines_;
    QuietLog log_{"door", time_, [this](LogLevel, std::string_view line) { lines_.emplace_back(line); }};
};

TEST_F(QuietLogTest, EqualLinesAreCountedInsteadOfWritten) {
    for (int i = 0; i < 30; ++i) log_.write(LogLevel::warning, "no route");
    log_.write(LogLevel::info, "live");
    EXPECT_THAT(lines_, ElementsAre("camera door: no route", "camera door: live"));
    lines_.clear();
    time_.advance(1min);
    log_.write(LogLevel::warning, "no route");
    EXPECT_THAT(lines_, ElementsAre("camera door: 29 more times: no route", "camera door: no route"));
}

TEST_F(QuietLogTest, DifferentLinesAreBounded) {
    for (int i = 0; i < 100; ++i) log_.write(LogLevel::warning, std::to_string(i));
    EXPECT_EQ(lines_.size(), 20U);
    lines_.clear();
    time_.advance(1min);
    log_.write(LogLevel::warning, "x");
    EXPECT_THAT(lines_, ElementsAre("camera door: 80 other lines were left out", "camera door: x"));
}

}  // namespace
}  // namespace passerby::camera
