#include "camera/supervisor.h"

#include <csignal>

#include <pthread.h>
#include <sys/eventfd.h>

#include "base/log.h"
#include "camera/backoff.h"
#include "camera/process_run.h"

namespace passerby::camera {

namespace {

Start with_masks(Start start, const std::vector<redact::Polygon>& more) {
    start.policy.masks.insert(start.policy.masks.end(), more.begin(), more.end());
    return start;
}

}  // namespace

Result<std::unique_ptr<Supervisor>> Supervisor::create(SupervisorSettings settings, Feed& feed, Clock& clock,
                                                       Waiter& waiter) {
    hide_in_log(settings.start.password);
    auto message = TRY(encode(ToCamera{with_masks(settings.start, settings.drawn)}));
    Fd stop_event{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!stop_event) return fail_errno(errno, "cannot make an event to stop a camera");
    auto orders = TRY(StandingOrders::create());
    return std::unique_ptr<Supervisor>{new Supervisor{std::move(settings), std::move(message), feed, clock,
                                                      waiter, std::move(stop_event), std::move(orders)}};
}

Supervisor::Supervisor(SupervisorSettings settings, Bytes start_message, Feed& feed, Clock& clock,
                       Waiter& waiter, Fd stop_event, StandingOrders orders)
    : settings_{std::move(settings)},
      feed_{feed},
      clock_{clock},
      waiter_{waiter},
      stop_event_{std::move(stop_event)},
      orders_{std::move(orders)},
      start_message_{std::move(start_message)},
      thread_{[this] { run(); }} {}

Supervisor::~Supervisor() {
    stop();
}

Status Supervisor::approve(const Approvals& approvals) {
    orders_.set(StandingOrders::About::approvals, TRY(encode(ToCamera{approvals})));
    return {};
}

Status Supervisor::set_masks(const std::vector<redact::Polygon>& masks) {
    const auto start = with_masks(settings_.start, masks);
    auto message = TRY(encode(ToCamera{start}));
    auto order = TRY(encode(ToCamera{Masks{start.policy.masks}}));
    {
        const std::lock_guard lock{start_mutex_};
        start_message_ = std::move(message);
    }
    orders_.set(StandingOrders::About::masks, std::move(order));
    return {};
}

Status Supervisor::set_places(const std::vector<vision::Place>& places) {
    orders_.set(StandingOrders::About::places, TRY(encode(ToCamera{Places{places}})));
    return {};
}

void Supervisor::request_stop() {
    stopping_ = true;
    ::eventfd_write(stop_event_.get(), 1);
}

void Supervisor::stop() {
    request_stop();
    const std::lock_guard lock{joining_};
    if (thread_.joinable()) thread_.join();
}

void Supervisor::run() {
    ::pthread_setname_np(::pthread_self(), ("cam " + settings_.start.camera).substr(0, 15).c_str());
    // A write to a process that has just ended must not end us.
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);

    Publisher publisher{settings_.start.camera, feed_, clock_};
    Backoff backoff;
    while (!stopping_) {
        const Micros began = clock_.monotonic();
        publisher.starting();
        Bytes start_message;
        {
            const std::lock_guard lock{start_mutex_};
            start_message = start_message_;
        }
        ProcessRun{publisher, clock_, waiter_, stop_event_.get(), orders_}.run(settings_, start_message);
        const Micros next = backoff.next_start(began, clock_.monotonic(), publisher.live_for());
        while (!stopping_ && clock_.monotonic() < next) {
            pollfd stop{stop_event_.get(), POLLIN, 0};
            waiter_.wait({&stop, 1}, next);
        }
    }
    publisher.stopped();
}

}  // namespace passerby::camera
