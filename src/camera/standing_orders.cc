#include "camera/standing_orders.h"

#include <cerrno>

#include <sys/eventfd.h>

namespace passerby::camera {

Result<StandingOrders> StandingOrders::create() {
    Fd news{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!news) return fail_errno(errno, "cannot make an event for a camera's orders");
    return StandingOrders{std::move(news)};
}

void StandingOrders::set(About about, Bytes order) {
    const std::lock_guard lock{mutex_};
    orders_[about] = std::move(order);
    ::eventfd_write(news_.get(), 1);
}

Bytes StandingOrders::take() {
    const std::lock_guard lock{mutex_};
    eventfd_t ignored = 0;
    ::eventfd_read(news_.get(), &ignored);
    Bytes all;
    for (const auto& [about, order] : orders_) all.insert(all.end(), order.begin(), order.end());
    return all;
}

}  // namespace passerby::camera
