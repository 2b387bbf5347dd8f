#include "camera/standing_orders.h"

#include <cerrno>

#include <sys/eventfd.h>

namespace passerby::camera {

Result<StandingOrders> StandingOrders::create() {
    Fd news{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!news) return fail_errno(errno, "cannot make an event for a camera's orders");
    return StandingOrders{std::move(news)};
}

void StandingOrders::set(Bytes orders) {
    const std::lock_guard lock{mutex_};
    orders_ = std::move(orders);
    ::eventfd_write(news_.get(), 1);
}

Bytes StandingOrders::take() {
    const std::lock_guard lock{mutex_};
    eventfd_t ignored = 0;
    ::eventfd_read(news_.get(), &ignored);
    return orders_;
}

}  // namespace passerby::camera
