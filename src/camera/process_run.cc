#include "camera/process_run.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace passerby::camera {

namespace {

std::string seconds(Micros t) {
    return fmt::format("{} s", std::chrono::duration_cast<std::chrono::seconds>(t).count());
}

std::string described(ProcessEnd end) {
    if (end.signal != 0)
        return fmt::format("the camera's process was ended by signal {} ({})", end.signal,
                           ::strsignal(end.signal));
    return fmt::format("the camera's process ended by itself with status {}", end.status);
}

}  // namespace

void ProcessRun::run(const SupervisorSettings& settings, const Bytes& start_message) {
    auto child = ChildProcess::start(settings.executable, settings.arguments);
    if (!child) {
        publisher_.lost("crash", child.error().message);
        return;
    }
    outgoing_ = start_message;
    pass_orders_on();
    heard_ = clock_.monotonic();
    talk(*child);
    report(*child);
}

void ProcessRun::talk(ChildProcess& child) {
    // After a failure nothing may follow, so there is nothing to wait for.
    for (bool open = true; open && !given_up_ && !publisher_.failure_said();) {
        const bool running = phase_ == Phase::running;
        std::array<pollfd, 4> fds{{{running ? stop_event_ : -1, POLLIN, 0},
                                   {child.from(), POLLIN, 0},
                                   {outgoing_.empty() ? -1 : child.to(), POLLOUT, 0},
                                   {running ? orders_.news_fd() : -1, POLLIN, 0}}};
        waiter_.wait(fds, deadline());
        if (fds[1].revents != 0) open = receive(child);
        if (fds[2].revents != 0) send(child);
        if (fds[3].revents != 0) pass_orders_on();
        if (fds[0].revents != 0) ask_to_stop();
        if (phase_ != Phase::running && outgoing_.empty()) child.close_to();
        if (clock_.monotonic() >= deadline()) on_deadline(child);
    }
}

Micros ProcessRun::deadline() const {
    switch (phase_) {
        case Phase::running:
            return heard_ + (pictures_ ? Supervisor::kSilence : Supervisor::kFirstPicture);
        case Phase::finishing:
            return stop_asked_ + Supervisor::kTerminateAfter;
        case Phase::terminating:
            return stop_asked_ + Supervisor::kKillAfter;
    }
    return stop_asked_;
}

void ProcessRun::on_deadline(ChildProcess& child) {
    switch (phase_) {
        case Phase::running:
            give_up(fmt::format("no picture for {}, the camera's process is started again",
                                seconds(pictures_ ? Supervisor::kSilence : Supervisor::kFirstPicture)));
            break;
        case Phase::finishing:
            publisher_.log().write(LogLevel::warning, "does not finish, is sent SIGTERM");
            phase_ = Phase::terminating;
            child.send_signal(SIGTERM);
            break;
        case Phase::terminating:
            give_up("does not end, is killed");
            break;
    }
}

void ProcessRun::ask_to_stop() {
    phase_ = Phase::finishing;
    stop_asked_ = clock_.monotonic();
    if (auto message = encode(ToCamera{Stop{}}))
        outgoing_.insert(outgoing_.end(), message->begin(), message->end());
}

void ProcessRun::pass_orders_on() {
    const auto orders = orders_.take();
    outgoing_.insert(outgoing_.end(), orders.begin(), orders.end());
}

void ProcessRun::send(ChildProcess& child) {
    // A process that is gone (EPIPE; SIGPIPE is blocked in this thread) is noticed by the end of what it
    // says.
    const auto n = ::write(child.to(), outgoing_.data(), outgoing_.size());
    if (n > 0)
        outgoing_.erase(outgoing_.begin(), outgoing_.begin() + n);
    else if (n < 0 && errno != EAGAIN && errno != EINTR)
        outgoing_.clear();
}

bool ProcessRun::receive(ChildProcess& child) {
    std::array<std::byte, 1 << 16> buffer;
    const auto n = ::read(child.from(), buffer.data(), buffer.size());
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    if (n == 0) return false;
    splitter_.add(std::span{buffer}.first(static_cast<std::size_t>(n)));
    for (;;) {
        auto message = splitter_.next();
        if (message && !*message) return true;
        Status taken = message ? take(**message) : Status{tl::unexpected{message.error()}};
        if (!taken) {
            give_up(fmt::format("the camera's process breaks the protocol and is killed: {}",
                                taken.error().message));
            return false;
        }
    }
}

Status ProcessRun::take(std::span<const std::byte> bytes) {
    auto message = TRY(decode_from_camera(bytes));
    const Micros now = clock_.monotonic();
    TRY_STATUS(order_.accept(message, now));
    if (std::holds_alternative<Fragment>(message)) {
        pictures_ = true;
        heard_ = now;
    }
    if (const auto* gap = std::get_if<Gap>(&message)) gap_said_ = gap->cause == Cause::camera;
    if (std::holds_alternative<Init>(message)) gap_said_ = false;
    publisher_.take(std::move(message));
    return {};
}

void ProcessRun::give_up(std::string why) {
    given_up_ = std::move(why);
}

void ProcessRun::report(ChildProcess& child) {
    if (given_up_) {
        child.kill();
        if (phase_ != Phase::running)
            publisher_.log().write(LogLevel::warning, *given_up_);
        else
            publisher_.lost(gap_said_ ? "camera" : "crash", *given_up_);
        return;
    }
    // It has closed its pipe: its end is a matter of moments.
    std::array<pollfd, 2> end{{{-1, 0, 0}, {child.end_fd(), POLLIN, 0}}};
    waiter_.wait(end, clock_.monotonic() + std::chrono::seconds{1});
    const auto ended = child.ended();
    if (phase_ != Phase::running || publisher_.failure_said()) {
        // Expected; the destructor of `child` sees to a process that stays.
        if (phase_ != Phase::running && ended && (ended->signal != 0 || ended->status != 0))
            publisher_.log().write(LogLevel::warning, "while it was stopped " + described(*ended));
        return;
    }
    publisher_.lost("crash", described(ended ? *ended : child.kill()));
}

}  // namespace passerby::camera
