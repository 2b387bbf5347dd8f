#include "camera/waiter.h"

#include <algorithm>
#include <climits>

namespace passerby::camera {

namespace {

class SystemWaiter final : public Waiter {
  public:
    void wait(std::span<pollfd> fds, Micros until) override {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(until - system_clock().monotonic()).count();
        const auto timeout = static_cast<int>(std::clamp<long>(left, 0, INT_MAX));
        // Interrupted by a signal: nothing is ready, and the caller looks at the clock.
        if (::poll(fds.data(), fds.size(), timeout) < 0)
            for (auto& fd : fds) fd.revents = 0;
    }
};

}  // namespace

Waiter& system_waiter() {
    static SystemWaiter waiter;
    return waiter;
}

}  // namespace passerby::camera
