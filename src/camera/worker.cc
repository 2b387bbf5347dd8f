#include "camera/worker.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/log.h"
#include "camera/frame_splitter.h"
#include "camera/pipeline.h"

namespace passerby::camera {

namespace {

// From the wish to stop to the end. The server sends SIGTERM after two seconds and SIGKILL after three.
constexpr Micros kGrace = std::chrono::milliseconds{1800};

// Before anything is read. Raw pixels must not outlive this process in a core dump, nor be read by a
// debugger, nor go on being made when the server has died.
Status shut_in() {
    const rlimit none{0, 0};
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::prctl(PR_SET_DUMPABLE, 0) != 0 ||
        ::setrlimit(RLIMIT_CORE, &none) != 0 || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail_errno(errno, "cannot shut the camera's process in");
    std::signal(SIGPIPE, SIG_IGN);
    // Of the terminal, to all processes: the server tells us when it stops.
    std::signal(SIGINT, SIG_IGN);
    std::signal(SIGHUP, SIG_IGN);
    return {};
}

// SIGTERM becomes readable; it is blocked in this thread and in those it starts.
Result<Fd> terminate_event() {
    sigset_t terminate;
    sigemptyset(&terminate);
    sigaddset(&terminate, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &terminate, nullptr);
    Fd fd{::signalfd(-1, &terminate, SFD_CLOEXEC | SFD_NONBLOCK)};
    if (!fd) return fail_errno(errno, "cannot watch for SIGTERM");
    return fd;
}

class Worker {
  public:
    Worker(int in_fd, int out_fd, Fd terminate)
        : in_{in_fd}, terminate_{std::move(terminate)}, channel_{out_fd} {}

    int run() {
        for (;;) {
            std::array<pollfd, 3> fds{{{stop_at_ ? -1 : in_, POLLIN, 0},
                                       {stop_at_ ? -1 : terminate_.get(), POLLIN, 0},
                                       {pipeline_ ? pipeline_->end_fd() : -1, POLLIN, 0}}};
            wait(fds);
            if (fds[2].revents != 0) {
                finished_ = true;
                return status_of(pipeline_->end());
            }
            if (fds[1].revents != 0) stop();
            if (fds[0].revents != 0) take_orders();
            if (bad_orders_) return kWorkerBadOrders;
            if (unreachable_) return kWorkerCameraLost;
            if (stop_at_ && (!pipeline_ || !pipeline_->opened())) return kWorkerStopped;
            if (stop_at_ && clock_.monotonic() >= *stop_at_) return kWorkerUnfinished;
        }
    }

    // All threads have come to their end.
    bool finished() const { return finished_ || !pipeline_; }

  private:
    void wait(std::span<pollfd> fds) {
        const auto left =
            stop_at_ ? std::chrono::ceil<std::chrono::milliseconds>(*stop_at_ - clock_.monotonic()).count()
                     : -1;
        const auto timeout = static_cast<int>(stop_at_ ? std::max<long>(0, left) : -1);
        if (::poll(fds.data(), fds.size(), timeout) < 0)
            for (auto& fd : fds) fd.revents = 0;
    }

    void stop() {
        if (stop_at_) return;
        stop_at_ = clock_.monotonic() + kGrace;
        if (pipeline_) pipeline_->stop();
    }

    void take_orders() {
        std::array<std::byte, 1 << 16> buffer;
        const auto n = ::read(in_, buffer.data(), buffer.size());
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
        if (n <= 0) return stop();  // the server is gone, or has said all
        splitter_.add(std::span{buffer}.first(static_cast<std::size_t>(n)));
        for (;;) {
            auto message = splitter_.next();
            if (message && !*message) return;
            const auto taken = message ? take(**message) : Status{tl::unexpected{message.error()}};
            if (taken) continue;
            bad_orders_ = true;
            // Once the pipeline runs, its encoder may sit in the channel, waiting for a server that does not
            // listen.
            if (!pipeline_)
                static_cast<void>(channel_.send(
                    Failure{ErrorKind::internal, one_line("bad orders: " + taken.error().message)}));
            return;
        }
    }

    Status take(std::span<const std::byte> bytes) {
        auto message = TRY(decode_to_camera(bytes));
        if (std::holds_alternative<Stop>(message)) {
            stop();
            return {};
        }
        if (auto* approvals = std::get_if<Approvals>(&message)) {
            if (!pipeline_) return fail(ErrorKind::corrupt, "approvals before the start");
            pipeline_->approve(std::move(*approvals));
            return {};
        }
        if (auto* masks = std::get_if<Masks>(&message)) {
            if (!pipeline_) return fail(ErrorKind::corrupt, "masks before the start");
            pipeline_->set_masks(std::move(*masks));
            return {};
        }
        if (auto* places = std::get_if<Places>(&message)) {
            if (!pipeline_) return fail(ErrorKind::corrupt, "places before the start");
            pipeline_->set_places(std::move(*places));
            return {};
        }
        if (pipeline_) return fail(ErrorKind::corrupt, "a second start");
        auto& start = std::get<Start>(message);
        hide_in_log(start.password);
        // Before its first byte, and while this is the only thread.
        std::vector<std::string> model_files;
        for (const auto& model : start.models) model_files.push_back(model.file);
        const bool udp = start.transport == media::ReadOptions::Transport::udp;
        const auto needs =
            needs_of(start.url, start.rule, udp, start.models_folder, model_files, start.provider);
        if (!needs) {
            unreachable_ = true;
            return channel_.send(Failure{needs.error().kind, one_line(needs.error().message)});
        }
        const auto contained = TRY(contain(*needs));
        TRY_STATUS(channel_.send(Contained{contained}));
        ::prctl(PR_SET_NAME, ("cam " + start.camera).substr(0, 15).c_str());
        pipeline_ = TRY(Pipeline::start(std::move(start), channel_, clock_));
        return {};
    }

    static int status_of(Pipeline::End end) {
        switch (end) {
            case Pipeline::End::stopped:
            case Pipeline::End::server_gone:
                return kWorkerStopped;
            case Pipeline::End::camera_lost:
                return kWorkerCameraLost;
            case Pipeline::End::failed:
                return kWorkerFailed;
        }
        return kWorkerFailed;
    }

    const int in_;
    const Fd terminate_;
    Clock& clock_ = system_clock();
    Channel channel_;
    FrameSplitter splitter_{kMostToCamera};
    std::unique_ptr<Pipeline> pipeline_;
    std::optional<Micros> stop_at_;  // when we go, finished or not
    bool bad_orders_ = false, unreachable_ = false, finished_ = false;
};

}  // namespace

int run_worker(int in_fd, int out_fd) {
    const auto shut = shut_in();
    auto terminate = terminate_event();
    if (!shut || !terminate) {
        log_error("{}", shut ? terminate.error().message : shut.error().message);
        return kWorkerFailed;
    }
    Worker worker{in_fd, out_fd, std::move(*terminate)};
    const int status = worker.run();
    // A thread may be inside a connection that takes its time; nothing of it is wanted any more.
    if (!worker.finished()) std::_Exit(status);
    return status;
}

}  // namespace passerby::camera
