// Plays the process of a camera in tests: `passerby_fake_camera MODE`, with the pipes of a real one. The mode
// `worker` is the real one.
#include <array>
#include <csignal>
#include <cstdlib>
#include <string_view>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "camera/child_process.h"
#include "camera/frame_splitter.h"
#include "camera/test_messages.h"
#include "camera/worker.h"

namespace passerby::camera {

namespace {

void put(std::span<const std::byte> bytes) {
    if (!write_all(ChildProcess::kOut, bytes)) std::_Exit(9);
}
void say(const FromCamera& message) {
    const auto bytes = encode(message);
    if (!bytes) std::_Exit(8);
    put(*bytes);
}

// The next order; Stop when the server is gone.
ToCamera next_order() {
    static FrameSplitter splitter{kMostToCamera};
    for (;;) {
        auto message = splitter.next();
        if (!message) std::_Exit(7);
        if (*message) {
            auto order = decode_to_camera(**message);
            if (!order) std::_Exit(6);
            return *order;
        }
        std::array<std::byte, 4096> buffer;
        const auto n = ::read(ChildProcess::kIn, buffer.data(), buffer.size());
        if (n <= 0) return Stop{};
        splitter.add(std::span{buffer}.first(static_cast<std::size_t>(n)));
    }
}

void stream(int from, int count) {
    for (int i = from; i < from + count; ++i) say(test_fragment(i));
}

// As many as there are descriptors besides the standard ones and our two.
int foreign_descriptors() {
    int count = 0;
    for (int fd = ChildProcess::kOut + 1; fd < 256; ++fd)
        if (::fcntl(fd, F_GETFD) >= 0) ++count;
    return count;
}

bool is_shut_in() {
    int dies_with_parent = 0;
    rlimit core{1, 1};
    ::prctl(PR_GET_PDEATHSIG, &dies_with_parent);
    ::getrlimit(RLIMIT_CORE, &core);
    return dies_with_parent == SIGKILL && core.rlim_cur == 0 && core.rlim_max == 0 &&
           ::prctl(PR_GET_DUMPABLE) == 0 && ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

int play(std::string_view mode) {
    if (mode == "worker") return run_worker(ChildProcess::kIn, ChildProcess::kOut);
    if (mode == "worker that is looked at") {
        const int status = run_worker(ChildProcess::kIn, ChildProcess::kOut);
        return status == kWorkerStopped && is_shut_in() ? 77 : 78;
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (mode == "crash at once") return 42;
    const auto order = next_order();
    const auto* start = std::get_if<Start>(&order);
    if (!start) return 5;

    if (mode == "silent") {
        next_order();
    } else if (mode == "garbage") {
        put(std::as_bytes(std::span{"this is not a message at all"}));
        next_order();
    } else if (mode == "too long") {
        const std::array<std::byte, 4> length{std::byte{1}, std::byte{0}, std::byte{0}, std::byte{0x10}};
        put(length);
        next_order();
    } else if (mode == "no init") {
        stream(0, 1);
        next_order();
    } else if (mode == "unreachable") {
        const auto secret = start->user + ":" + start->password;
        say(Failure{ErrorKind::unavailable,
                    "cannot reach rtsp://" + secret + "@10.0.0.7/, check " + start->password});
        return kWorkerCameraLost;
    } else if (mode == "failure and stays") {
        say(Failure{ErrorKind::denied, "wrong password"});
        for (;;) ::pause();
    } else if (mode == "floods") {
        for (;;) say(Log{LogLevel::info, "again"});
    } else if (mode == "about itself") {
        Progress progress;
        progress.doubt =
            fmt::format("{}: {} foreign descriptors, PASSERBY_TEST_SECRET is {}", start->camera,
                        foreign_descriptors(), std::getenv("PASSERBY_TEST_SECRET") ? "set" : "not set");
        say(progress);
        next_order();
    } else if (mode == "hangs") {
        say(test_init());
        stream(0, 2);
        for (;;) ::pause();
    } else if (mode == "camera gone, hangs") {
        say(test_init());
        stream(0, 1);
        say(Gap{Cause::camera, "nothing comes"});
        for (;;) ::pause();
    } else if (mode == "crashes after 3") {
        say(test_init());
        stream(0, 3);
        ::raise(SIGKILL);
    } else if (mode == "gap and on") {
        say(test_init());
        stream(0, 2);
        say(Gap{Cause::overload, "too much"});
        say(test_init());
        stream(8, 2);
        next_order();
    } else if (mode == "ignores stop") {
        std::signal(SIGTERM, SIG_IGN);
        say(test_init());
        stream(0, 1);
        for (;;) ::pause();
    } else if (mode == "ends on SIGTERM") {
        say(test_init());
        stream(0, 1);
        for (;;) ::pause();
    } else if (mode == "normal") {
        say(test_init());
        stream(0, 4);
        say(Progress{0.25, 0.5, "", 12.5, 16, 0});
        next_order();
        stream(4, 2);  // what was under way
    } else {
        return 4;
    }
    return 0;
}

}  // namespace

}  // namespace passerby::camera

int main(int argc, char** argv) {
    return argc == 2 ? passerby::camera::play(argv[1]) : 2;
}
