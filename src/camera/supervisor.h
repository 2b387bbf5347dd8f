// Keeps one camera's process running, and publishes what it says to the camera's Feed. When the process ends,
// says nothing for too long, or breaks the rules of the protocol, it is killed and started again after a
// while.
//
//     Feed feed;
//     auto camera = TRY(Supervisor::create({.start = {.camera = "entrance", .url = "rtsp://10.0.0.7/1"}},
//     feed)); … camera->stop();   // the last fragment is published, then a gap `stop`
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "camera/feed.h"
#include "camera/protocol.h"
#include "camera/standing_orders.h"
#include "camera/waiter.h"

namespace passerby::camera {

struct SupervisorSettings {
    Start start;
    // Runs run_worker() of worker.h on descriptors 3 and 4.
    std::string executable = "/proc/self/exe";
    std::vector<std::string> arguments = {"passerby", "camera-process"};
    std::vector<redact::Polygon> drawn = {};  // Supervisor::set_masks() before the first process
};

// create(), approve(), request_stop() and stop() may be called from any thread.
class Supervisor {
  public:
    // Silence of a process that shows pictures, and of one that does not yet.
    static constexpr Micros kSilence = std::chrono::seconds{10};
    static constexpr Micros kFirstPicture = std::chrono::seconds{15};
    // After it was asked to stop: SIGTERM, SIGKILL.
    static constexpr Micros kTerminateAfter = std::chrono::seconds{2};
    static constexpr Micros kKillAfter = std::chrono::seconds{3};

    // `feed`, `clock` and `waiter` outlive the supervisor. ErrorKind::corrupt: `settings.start` is out of
    // bounds, the message names the field. From here on the password never stands in this program's log.
    static Result<std::unique_ptr<Supervisor>> create(SupervisorSettings settings, Feed& feed,
                                                      Clock& clock = system_clock(),
                                                      Waiter& waiter = system_waiter());
    // stop()
    ~Supervisor();

    // From now on these are what is approved, also for the processes to come. ErrorKind::corrupt: one of them
    // is out of bounds, and nothing changes.
    Status approve(const Approvals&);
    // From now on these are drawn beside those of `settings.start`, also by the processes to come, which have
    // them before their first picture. ErrorKind::corrupt as above.
    Status set_masks(const std::vector<redact::Polygon>&);
    // From now on these are the lines and zones where it is counted, also for the processes to come. As above.
    Status set_places(const std::vector<vision::Place>&);
    // Returns at once, so that many cameras can finish at the same time.
    void request_stop();
    // Returns when the process has ended and all is published: within kKillAfter and a little. Nothing is
    // published afterwards. Calling it twice does nothing.
    void stop();

  private:
    Supervisor(SupervisorSettings, Bytes start_message, Feed&, Clock&, Waiter&, Fd stop_event,
               StandingOrders);
    void run();

    // Constant after construction.
    const SupervisorSettings settings_;
    Feed& feed_;
    Clock& clock_;
    Waiter& waiter_;
    const Fd stop_event_;  // readable from request_stop() on
    StandingOrders orders_;

    std::atomic<bool> stopping_ = false;
    std::mutex start_mutex_;
    Bytes start_message_;  // guarded by start_mutex_
    std::mutex joining_;
    std::jthread thread_;
};

}  // namespace passerby::camera
