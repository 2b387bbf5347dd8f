// One life of a camera's process, seen from the server: start it, pass its messages on, end it. Used by the
// supervisor's thread only.
#pragma once

#include <optional>
#include <string>

#include "camera/child_process.h"
#include "camera/frame_splitter.h"
#include "camera/message_order.h"
#include "camera/publisher.h"
#include "camera/standing_orders.h"
#include "camera/supervisor.h"
#include "camera/waiter.h"

namespace passerby::camera {

class ProcessRun {
  public:
    // `stop_event` becomes readable when the process is to finish.
    ProcessRun(Publisher& publisher, const Clock& clock, Waiter& waiter, int stop_event,
               StandingOrders& orders)
        : publisher_{publisher}, clock_{clock}, waiter_{waiter}, stop_event_{stop_event}, orders_{orders} {}

    // Returns when the process is gone, and has told the publisher why unless it was asked to stop.
    void run(const SupervisorSettings&, const Bytes& start_message);

  private:
    enum class Phase { running, finishing, terminating };

    void talk(ChildProcess&);
    Micros deadline() const;
    void on_deadline(ChildProcess&);
    void ask_to_stop();
    void pass_orders_on();
    void send(ChildProcess&);
    // False at the end of what it says.
    bool receive(ChildProcess&);
    Status take(std::span<const std::byte>);
    void give_up(std::string why);
    void report(ChildProcess&);

    Publisher& publisher_;
    const Clock& clock_;
    Waiter& waiter_;
    const int stop_event_;
    StandingOrders& orders_;

    FrameSplitter splitter_{kMostFromCamera};
    MessageOrder order_;
    Bytes outgoing_;
    Phase phase_ = Phase::running;
    bool pictures_ = false;
    bool gap_said_ = false;  // the last thing it said is that the camera gives nothing
    Micros heard_{};         // when a picture, or the start
    Micros stop_asked_{};
    std::optional<std::string> given_up_;  // why we end it
};

}  // namespace passerby::camera
