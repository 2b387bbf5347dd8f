#include "camera/worker.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "camera/child_process.h"
#include "camera/feed_recording.h"
#include "camera/frame_splitter.h"
#include "camera/supervisor.h"
#include "camera/test_messages.h"

namespace passerby::camera {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

// A clip of 50 frames in two seconds, 128x96, in a folder of its own. `filter` of ffmpeg.
class WorkerTest : public testing::Test {
  protected:
    void SetUp() override {
        auto name = (fs::temp_directory_path() / "passerby-worker-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { fs::remove_all(folder_); }

    void make_clip(const std::string& filter = "null") {
        clip_ = (folder_ / "clip.mkv").string();
        const auto command = fmt::format(
            "ffmpeg -v error -y -f lavfi -i testsrc=size=128x96:rate=25 -frames:v 50 -vf '{}' -fps_mode "
            "passthrough "
            "-c:v libx264 -preset ultrafast -pix_fmt yuv420p '{}'",
            filter, clip_);
        ASSERT_EQ(std::system(command.c_str()), 0) << "ffmpeg is needed for this test: " << command;
    }
    SupervisorSettings settings(const std::string& url) const {
        SupervisorSettings s{test_start(), PASSERBY_FAKE_CAMERA, {"passerby", "worker"}};
        s.start.url = url;
        s.start.rule.owners = true;
        s.start.realtime = false;
        s.start.models_folder = (folder_ / "no-models").string();
        return s;
    }
    void run(SupervisorSettings s) { supervisor_ = *Supervisor::create(std::move(s), feed_); }

    // How many frames a decoder finds in the fragments from one time to another, put behind an init section.
    int decoded_frames(Micros from = 0s, Micros to = 1h, std::size_t init = 0) {
        const auto path = (folder_ / "joined.mp4").string();
        std::ofstream out{path, std::ios::binary};
        const auto put = [&](const Bytes& b) {
            out.write(reinterpret_cast<const char*>(b.data()), static_cast<std::streamsize>(b.size()));
        };
        put(seen_.inits().at(init)->bytes);
        for (const auto& f : seen_.fragments())
            if (f->start >= from && f->start < to) put(f->bytes);
        out.close();
        auto reader = media::VideoReader::open(path, {});
        EXPECT_TRUE(reader) << reader.error().message;
        int frames = 0;
        while (reader) {
            auto frame = (*reader)->read();
            EXPECT_TRUE(frame) << frame.error().message;
            if (!frame || !*frame) break;
            EXPECT_EQ((*frame)->size(), (image::Size{128, 96}));
            ++frames;
        }
        return frames;
    }
    int told_frames() const {
        int frames = 0;
        for (const auto& f : seen_.fragments()) frames += f->frames;
        return frames;
    }

    fs::path folder_;
    std::string clip_;
    Feed feed_;
    FeedRecording seen_{feed_};
    std::unique_ptr<Supervisor> supervisor_;
};

TEST_F(WorkerTest, EveryFrameOfAFileArrivesCovered) {
    make_clip();
    run(settings(clip_));
    ASSERT_TRUE(seen_.wait_for("gap camera"));
    supervisor_->stop();
    EXPECT_THAT(seen_.gaps().front(), HasSubstr("has ended"));
    EXPECT_EQ(seen_.inits().front()->size, (image::Size{128, 96}));
    EXPECT_THAT(seen_.inits().front()->codec, HasSubstr("avc1."));

    EXPECT_EQ(told_frames(), 50);
    EXPECT_EQ(decoded_frames(), 50);
    const auto fragments = seen_.fragments();
    ASSERT_GE(fragments.size(), 6U);
    EXPECT_TRUE(fragments[0]->keyframe);
    EXPECT_EQ(fragments[0]->start, 0s);
    for (std::size_t i = 1; i < fragments.size(); ++i) {
        EXPECT_EQ(fragments[i]->start, fragments[i - 1]->start + fragments[i - 1]->duration) << i;
        EXPECT_GE(fragments[i]->wall_start, fragments[i - 1]->wall_start) << i;
        EXPECT_LE(fragments[i]->duration, 300ms) << i;
    }
    for (const auto& f : fragments) EXPECT_EQ(f->covered, 1) << "without models nothing may be shown";
}

TEST_F(WorkerTest, SaysThatItHasNoModels) {
    make_clip();
    run(settings(clip_));
    EXPECT_TRUE(seen_.wait_for_status([](const CameraStatus& s) {
        return s.covered == 1 && s.doubt.find("no-models") != std::string::npos;
    }));
}

TEST_F(WorkerTest, LoadsTheModelsThatItIsToldOf) {
    make_clip();
    auto s = settings(clip_);
    const auto models = resource("models");
    ASSERT_TRUE(models) << models.error().message;
    s.start.models_folder = models->string();
    s.start.models = {test_model()};
    s.start.models[0].file = (folder_ / "mine.onnx").string();
    run(std::move(s));
    EXPECT_TRUE(seen_.wait_for_status([](const CameraStatus& status) {
        return status.covered == 1 && status.doubt.find("mine.onnx' is not there") != std::string::npos;
    }));
}

TEST_F(WorkerTest, RunsTheModelsOnWhatItIsTold) {
    make_clip();
    auto s = settings(clip_);
    s.start.provider = "abacus";
    run(std::move(s));
    EXPECT_TRUE(seen_.wait_for_status([](const CameraStatus& status) {
        return status.covered == 1 && status.doubt.find("'abacus'") != std::string::npos;
    }));
}

TEST_F(WorkerTest, MissingTimeIsAGapAndANewStream) {
    make_clip("setpts=PTS+gte(N\\,25)*3/TB");
    run(settings(clip_));
    ASSERT_TRUE(seen_.wait_for("gap camera", 2));
    supervisor_->stop();
    EXPECT_THAT(seen_.gaps(), ElementsAre(HasSubstr("camera: the camera sent nothing for 3.0 s"),
                                          HasSubstr("has ended"), "stop: "));
    EXPECT_EQ(seen_.inits().size(), 2U);
    EXPECT_EQ(decoded_frames(0s, 2s, 0), 25);
    EXPECT_EQ(decoded_frames(2s, 1h, 1), 25);
}

TEST_F(WorkerTest, FinishesWhatIsUnderWayWhenItIsStopped) {
    make_clip();
    auto s = settings(clip_);
    s.start.realtime = s.start.loop = true;
    run(std::move(s));
    ASSERT_TRUE(
        seen_.wait_for_status([](const CameraStatus& status) { return status.state == State::live; }));
    const auto before = seen_.fragments().size();
    supervisor_->stop();
    EXPECT_EQ(seen_.lines().back(), "gap stop");
    EXPECT_EQ(seen_.gaps().size(), 1U);
    // Half a second of look-ahead was inside.
    EXPECT_GT(seen_.fragments().size(), before);
    EXPECT_EQ(decoded_frames(), told_frames());
}

TEST_F(WorkerTest, ACameraThatIsNotThereIsACameraGap) {
    run(settings("rtsp://127.0.0.1:9/stream"));
    ASSERT_TRUE(seen_.wait_for("gap camera"));
    EXPECT_THAT(seen_.gaps().front(), HasSubstr("rtsp://127.0.0.1:9/stream"));
}

TEST_F(WorkerTest, ACameraThatMayNotBeThereIsNotConnectedTo) {
    auto s = settings("rtsp://127.0.0.1:9/stream");
    s.start.rule = {};
    run(std::move(s));
    ASSERT_TRUE(seen_.wait_for("gap camera"));
    EXPECT_THAT(seen_.gaps().front(), HasSubstr("'127.0.0.1' is at 127.0.0.1, which is this machine itself"));
}

TEST_F(WorkerTest, ANameThatNobodyKnowsIsSaid) {
    run(settings("rtsp://camera.invalid/stream"));
    ASSERT_TRUE(seen_.wait_for("gap camera"));
    EXPECT_THAT(seen_.gaps().front(), HasSubstr("the network does not know 'camera.invalid'"));
}

// The same process, seen without a supervisor.
class WorkerProcessTest : public WorkerTest {
  protected:
    ChildProcess start_worker(const std::string& mode = "worker") {
        auto child = ChildProcess::start(PASSERBY_FAKE_CAMERA, {"passerby", mode});
        EXPECT_TRUE(child) << child.error().message;
        for (const int fd : {child->to(), child->from()}) ::fcntl(fd, F_SETFL, 0);  // block
        return std::move(*child);
    }
    void say(ChildProcess& child, std::span<const std::byte> bytes) {
        ASSERT_TRUE(write_all(child.to(), bytes));
    }
    void say_start(ChildProcess& child, const std::string& url) {
        auto start = settings(url).start;
        start.realtime = start.loop = true;
        say(child, *encode(ToCamera{start}));
    }
    // All it says from now on, until `last` says so or it has nothing more to say.
    std::vector<FromCamera> listen(
        ChildProcess& child, bool (*last)(const FromCamera&) = [](const FromCamera&) { return false; }) {
        std::vector<FromCamera> said;
        std::array<std::byte, 4096> buffer;
        for (;;) {
            for (auto message = splitter_.next(); message && *message; message = splitter_.next()) {
                said.push_back(*decode_from_camera(**message));
                if (last(said.back())) return said;
            }
            const auto n = ::read(child.from(), buffer.data(), buffer.size());
            if (n <= 0) return said;
            splitter_.add(std::span{buffer}.first(static_cast<std::size_t>(n)));
        }
    }
    static bool is_fragment(const FromCamera& m) { return std::holds_alternative<Fragment>(m); }
    static int status_of(ChildProcess& child) {
        pollfd end{child.end_fd(), POLLIN, 0};
        EXPECT_EQ(::poll(&end, 1, 20'000), 1) << "it does not end";
        const auto ended = child.ended().value_or(ProcessEnd{-1, -1});
        EXPECT_EQ(ended.signal, 0);
        return ended.status;
    }
    FrameSplitter splitter_{kMostFromCamera};
};

TEST_F(WorkerProcessTest, EndsWithTheServer) {
    make_clip();
    auto child = start_worker();
    say_start(child, clip_);
    listen(child, is_fragment);
    child.close_to();
    const auto rest = listen(child);
    EXPECT_TRUE(std::any_of(rest.begin(), rest.end(), is_fragment)) << "what was under way";
    EXPECT_EQ(status_of(child), kWorkerStopped);
}

TEST_F(WorkerProcessTest, FinishesOnSigterm) {
    make_clip();
    auto child = start_worker();
    say_start(child, clip_);
    listen(child, is_fragment);
    child.send_signal(SIGTERM);
    const auto rest = listen(child);
    EXPECT_TRUE(std::any_of(rest.begin(), rest.end(), is_fragment));
    EXPECT_EQ(status_of(child), kWorkerStopped);
}

TEST_F(WorkerProcessTest, TakesBadOrdersForAnEnd) {
    const Bytes stop_that_is_too_long = {std::byte{0}, std::byte{0}, std::byte{0}, std::byte{3}};
    for (const auto& orders : {stop_that_is_too_long, Bytes(64, std::byte{0x20}),
                               Bytes{std::byte{1}, std::byte{}, std::byte{}, std::byte{}, std::byte{0xFF}}}) {
        auto child = start_worker();
        say(child, orders);
        splitter_ = FrameSplitter{kMostFromCamera};
        const auto said = listen(child);
        ASSERT_EQ(said.size(), 1U);
        EXPECT_THAT(std::get<Failure>(said[0]).message, HasSubstr("bad orders"));
        EXPECT_EQ(status_of(child), kWorkerBadOrders);
    }
}

TEST_F(WorkerProcessTest, TakesApprovalsBeforeTheStartForAnEnd) {
    auto child = start_worker();
    say(child, *encode(ToCamera{Approvals{}}));
    const auto said = listen(child);
    ASSERT_EQ(said.size(), 1U);
    EXPECT_THAT(std::get<Failure>(said[0]).message, HasSubstr("approvals before the start"));
    EXPECT_EQ(status_of(child), kWorkerBadOrders);
}

TEST_F(WorkerProcessTest, TakesMasksBeforeTheStartForAnEnd) {
    auto child = start_worker();
    say(child, *encode(ToCamera{Masks{}}));
    const auto said = listen(child);
    ASSERT_EQ(said.size(), 1U);
    EXPECT_THAT(std::get<Failure>(said[0]).message, HasSubstr("masks before the start"));
    EXPECT_EQ(status_of(child), kWorkerBadOrders);
}

TEST_F(WorkerProcessTest, SaysWhyTheCameraIsLost) {
    auto child = start_worker();
    say_start(child, (folder_ / "nothing.mkv").string());
    const auto said = listen(child);
    ASSERT_FALSE(said.empty());
    EXPECT_EQ(std::get<Failure>(said.back()).kind, ErrorKind::not_found);
    EXPECT_EQ(status_of(child), kWorkerCameraLost);
}

TEST_F(WorkerProcessTest, IsShutIn) {
    auto child = start_worker("worker that is looked at");
    say(child, *encode(ToCamera{Stop{}}));
    EXPECT_EQ(status_of(child), 77);
}

}  // namespace
}  // namespace passerby::camera
