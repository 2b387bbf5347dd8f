#include "camera/supervisor.h"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "camera/feed_recording.h"
#include "camera/simulated_time.h"
#include "camera/test_messages.h"

namespace passerby::camera {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Descriptors in the supervisor's waits, by which a test knows what it waits for.
constexpr std::size_t kForProcess = 4, kForBackoff = 1;

class SupervisorTest : public testing::Test {
  protected:
    void start(const std::string& mode) {
        SupervisorSettings settings{test_start(), PASSERBY_FAKE_CAMERA, {"passerby", mode}};
        auto created = Supervisor::create(std::move(settings), feed_, time_, time_);
        ASSERT_TRUE(created) << created.error().message;
        supervisor_ = std::move(*created);
    }

    void TearDown() override { time_.let_go(); }

    SimulatedTime time_;
    Feed feed_;
    FeedRecording seen_{feed_};
    std::unique_ptr<Supervisor> supervisor_;
};

TEST_F(SupervisorTest, PublishesTheStreamAndFinishesIt) {
    start("normal");
    ASSERT_TRUE(seen_.wait_for("fragment 750"));
    ASSERT_TRUE(seen_.wait_for("status live"));
    supervisor_->stop();
    EXPECT_THAT(seen_.lines(), ElementsAre("status starting", "init 768x576 avc1.64001f", "key 0",
                                           "status live", "fragment 250", "fragment 500", "fragment 750",
                                           "key 1000", "fragment 1250", "status off", "gap stop"));
    // It was 0.8 s under way. The next came at the same moment, so this one must have been late.
    EXPECT_EQ(seen_.fragments()[0]->wall_start, SimulatedTime::kBegin - 800ms);
    EXPECT_EQ(seen_.fragments()[1]->wall_start, SimulatedTime::kBegin - 800ms);
    EXPECT_EQ(seen_.fragments()[0]->frames, 6);
    EXPECT_EQ(seen_.fragments()[0]->covered, 0.125);
    EXPECT_EQ(seen_.fragments()[0]->bytes, test_fragment(0).bytes);
    EXPECT_EQ(seen_.inits()[0]->bytes, test_init().bytes);
    EXPECT_EQ(feed_.status().state, State::off);
    supervisor_->stop();
    EXPECT_EQ(seen_.lines().back(), "gap stop");
}

TEST_F(SupervisorTest, StartsACrashedProcessAgain) {
    start("crashes after 3");
    ASSERT_TRUE(time_.waits(kForBackoff, 500ms));
    EXPECT_THAT(seen_.gaps(), ElementsAre(HasSubstr("crash: the camera's process was ended by signal 9")));
    EXPECT_EQ(seen_.last_status().state, State::unreachable);
    EXPECT_THAT(seen_.last_status().error, HasSubstr("signal 9"));
    time_.advance(500ms);
    ASSERT_TRUE(seen_.wait_for("key 0", 2));
    ASSERT_TRUE(seen_.wait_for("status live", 2));
    ASSERT_TRUE(time_.waits(kForBackoff, 1s));
    EXPECT_EQ(seen_.gaps().size(), 2U);
}

TEST_F(SupervisorTest, WaitsLongerEachTimeButNotForLong) {
    start("crash at once");
    for (const auto delay : {500ms, 1000ms, 1500ms, 1500ms, 1500ms}) {
        ASSERT_TRUE(time_.waits(kForBackoff, delay));
        time_.advance(delay);
    }
    ASSERT_TRUE(time_.waits(kForBackoff, 1500ms));
    EXPECT_THAT(seen_.lines(), ElementsAre("status starting", "gap crash", "status unreachable"))
        << "one gap, not one an attempt";
    EXPECT_THAT(seen_.last_status().error, HasSubstr("status 42"));
}

TEST_F(SupervisorTest, SaysWhyACameraIsNotReachedAndNotItsPassword) {
    start("unreachable");
    for (const auto delay : {500ms, 1000ms, 1500ms}) {
        ASSERT_TRUE(time_.waits(kForBackoff, delay));
        time_.advance(delay);
    }
    ASSERT_TRUE(time_.waits(kForBackoff, 1500ms));
    EXPECT_THAT(seen_.gaps(), ElementsAre("camera: cannot reach rtsp://***@10.0.0.7/, check ***"));
    EXPECT_EQ(seen_.last_status().error, "cannot reach rtsp://***@10.0.0.7/, check ***");
    EXPECT_EQ(seen_.last_status().state, State::unreachable);
}

TEST_F(SupervisorTest, KillsAProcessThatNeverShowsAPicture) {
    start("silent");
    ASSERT_TRUE(time_.waits(kForProcess, 15s));
    time_.advance(15s);
    ASSERT_TRUE(time_.waits(kForBackoff, 500ms));
    EXPECT_THAT(seen_.gaps(),
                ElementsAre("crash: no picture for 15 s, the camera's process is started again"));
}

TEST_F(SupervisorTest, KillsAProcessThatShowsNoMorePictures) {
    start("hangs");
    ASSERT_TRUE(seen_.wait_for("fragment 250"));
    ASSERT_TRUE(time_.waits(kForProcess, 10s));
    time_.advance(10s);
    ASSERT_TRUE(time_.waits(kForBackoff, 500ms));
    EXPECT_THAT(seen_.gaps(),
                ElementsAre("crash: no picture for 10 s, the camera's process is started again"));
}

TEST_F(SupervisorTest, BlamesTheCameraWhenTheProcessDid) {
    start("camera gone, hangs");
    ASSERT_TRUE(seen_.wait_for("gap camera"));
    ASSERT_TRUE(time_.waits(kForProcess, 10s));
    time_.advance(10s);
    ASSERT_TRUE(time_.waits(kForBackoff, 500ms));
    EXPECT_THAT(seen_.gaps(), ElementsAre("camera: nothing comes"));
    EXPECT_EQ(seen_.last_status().state, State::unreachable);
}

TEST_F(SupervisorTest, PassesAGapOnWithoutARestart) {
    start("gap and on");
    ASSERT_TRUE(seen_.wait_for("fragment 2250"));
    EXPECT_THAT(seen_.lines(), ElementsAre("status starting", "init 768x576 avc1.64001f", "key 0",
                                           "status live", "fragment 250", "gap overload",
                                           "init 768x576 avc1.64001f", "key 2000", "fragment 2250"));
}

TEST_F(SupervisorTest, DoesNotWaitForAProcessThatHasFailed) {
    start("failure and stays");
    ASSERT_TRUE(time_.waits(2, 1s)) << "for its end";
    time_.advance(1s);
    ASSERT_TRUE(time_.waits(kForBackoff, 500ms));
    EXPECT_THAT(seen_.gaps(), ElementsAre("camera: wrong password"));
}

struct Breach {
    const char *mode, *why;
};
class SupervisorBreachTest : public SupervisorTest, public testing::WithParamInterface<Breach> {};

TEST_P(SupervisorBreachTest, KillsAProcessThatBreaksTheRules) {
    start(GetParam().mode);
    ASSERT_TRUE(time_.waits(kForBackoff, 500ms));
    EXPECT_THAT(seen_.gaps(),
                ElementsAre(testing::AllOf(HasSubstr("crash: the camera's process breaks the protocol"),
                                           HasSubstr(GetParam().why))));
    EXPECT_THAT(seen_.lines(), ElementsAre("status starting", "gap crash", "status unreachable"));
}
INSTANTIATE_TEST_SUITE_P(, SupervisorBreachTest,
                         testing::Values(Breach{"garbage", "a message of 1936287860 bytes"},
                                         Breach{"too long", "a message of 268435457 bytes, not 1-67108864"},
                                         Breach{"no init", "without an init section"},
                                         Breach{"floods", "more than 100 messages a second"}),
                         [](const auto& test) {
                             std::string name{test.param.mode};
                             std::replace(name.begin(), name.end(), ' ', '_');
                             return name;
                         });

TEST_F(SupervisorTest, TerminatesAndThenKillsWhatDoesNotStop) {
    start("ignores stop");
    ASSERT_TRUE(seen_.wait_for("key 0"));
    supervisor_->request_stop();
    ASSERT_TRUE(time_.waits(kForProcess, 2s));
    time_.advance(2s);
    ASSERT_TRUE(time_.waits(kForProcess, 1s));
    time_.advance(1s);
    supervisor_->stop();
    EXPECT_THAT(seen_.lines(), ElementsAre("status starting", "init 768x576 avc1.64001f", "key 0",
                                           "status live", "status off", "gap stop"));
}

TEST_F(SupervisorTest, AProcessMayEndOnSigterm) {
    start("ends on SIGTERM");
    ASSERT_TRUE(seen_.wait_for("key 0"));
    supervisor_->request_stop();
    ASSERT_TRUE(time_.waits(kForProcess, 2s));
    time_.advance(2s);
    supervisor_->stop();
    EXPECT_EQ(seen_.lines().back(), "gap stop");
}

TEST_F(SupervisorTest, StopsWhileItWaitsToStartAgain) {
    start("crash at once");
    ASSERT_TRUE(time_.waits(kForBackoff, 500ms));
    supervisor_->stop();
    EXPECT_THAT(seen_.lines(),
                ElementsAre("status starting", "gap crash", "status unreachable", "status off", "gap stop"));
}

TEST_F(SupervisorTest, GivesTheProcessNothingThatIsNotItsBusiness) {
    ::setenv("PASSERBY_TEST_SECRET", "of another camera", 1);
    const Fd open{::eventfd(0, 0)};  // not even close-on-exec
    start("about itself");
    EXPECT_TRUE(seen_.wait_for_status([](const CameraStatus& s) {
        return s.doubt == "entrance: 0 foreign descriptors, PASSERBY_TEST_SECRET is not set";
    }));
}

TEST_F(SupervisorTest, AMissingProgramIsAnErrorThatIsSeen) {
    SupervisorSettings settings{test_start(), "/nowhere/passerby", {"passerby"}};
    supervisor_ = *Supervisor::create(std::move(settings), feed_, time_, time_);
    ASSERT_TRUE(time_.waits(kForBackoff, 500ms));
    EXPECT_THAT(seen_.last_status().error, HasSubstr("cannot start '/nowhere/passerby'"));
}

TEST_F(SupervisorTest, RefusesSettingsThatTheProcessWouldRefuse) {
    SupervisorSettings settings{test_start()};
    settings.start.crf = 99;
    const auto created = Supervisor::create(std::move(settings), feed_, time_, time_);
    ASSERT_FALSE(created);
    EXPECT_THAT(created.error().message, HasSubstr("crf 99"));
}

}  // namespace
}  // namespace passerby::camera
