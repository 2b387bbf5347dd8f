// Waiting, so that tests own time as they own the clock.
#pragma once

#include <span>

#include <poll.h>

#include "base/time.h"

namespace passerby::camera {

// Thread-safe.
class Waiter {
  public:
    virtual ~Waiter() = default;
    // Until one of `fds` is ready, as poll(2) has it (negative ones are left alone, `revents` are set), or
    // until the clock's monotonic() reaches `until`.
    virtual void wait(std::span<pollfd> fds, Micros until) = 0;
};

// With poll(2) and system_clock(); lives for the whole program.
Waiter& system_waiter();

}  // namespace passerby::camera
