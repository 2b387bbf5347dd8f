// Time that stands still until a test moves it, for Clock and Waiter. File descriptors are real.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <vector>

#include <sys/eventfd.h>

#include "base/file.h"
#include "camera/waiter.h"

namespace passerby::camera {

class SimulatedTime final : public Clock, public Waiter {
  public:
    static constexpr WallTime kBegin{std::chrono::hours{500'000}};
    // A wait that does not come is a failed test, not a hanging one.
    static constexpr std::chrono::seconds kPatience{30};

    WallTime wall() const override { return kBegin + monotonic(); }
    Micros monotonic() const override {
        const std::lock_guard lock{mutex_};
        return now_;
    }

    void advance(Micros by) {
        const std::lock_guard lock{mutex_};
        now_ += by;
        waiting_.reset();
        ::eventfd_write(moved_.get(), 1);
    }

    // Blocks until somebody waits for `fds` descriptors and for `left`. False after kPatience.
    bool waits(std::size_t fds, Micros left) {
        std::unique_lock lock{mutex_};
        return waits_.wait_for(lock, kPatience, [&] {
            return waiting_ && waiting_->fds == fds && waiting_->until - now_ == left;
        });
    }
    // From now on every wait is over soon, for the end of a test.
    void let_go() {
        const std::lock_guard lock{mutex_};
        let_go_ = true;
        ::eventfd_write(moved_.get(), 1);
    }

    void wait(std::span<pollfd> fds, Micros until) override {
        std::vector<pollfd> all{fds.begin(), fds.end()};
        all.push_back({moved_.get(), POLLIN, 0});
        for (;;) {
            const bool late = arrive(fds.size(), until);
            ::poll(all.data(), all.size(), late ? 0 : -1);
            eventfd_t ignored = 0;
            if (all.back().revents != 0) ::eventfd_read(moved_.get(), &ignored);
            std::copy_n(all.begin(), fds.size(), fds.begin());
            if (late || std::any_of(fds.begin(), fds.end(), [](const pollfd& fd) { return fd.revents != 0; }))
                break;
        }
        const std::lock_guard lock{mutex_};
        waiting_.reset();
    }

  private:
    struct Waiting {
        std::size_t fds;
        Micros until;
    };
    // True when there is nothing to wait for.
    bool arrive(std::size_t fds, Micros until) {
        const std::lock_guard lock{mutex_};
        if (let_go_) now_ = std::max(now_, until);
        if (now_ >= until) return true;
        waiting_ = Waiting{fds, until};
        waits_.notify_all();
        return false;
    }

    const Fd moved_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    mutable std::mutex mutex_;
    std::condition_variable waits_;
    Micros now_{};                    // guarded by mutex_
    bool let_go_ = false;             // guarded by mutex_
    std::optional<Waiting> waiting_;  // guarded by mutex_
};

}  // namespace passerby::camera
