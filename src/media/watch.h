// Ends libav's blocking calls: when somebody interrupts, or when the network gave nothing for too long.
#pragma once

#include <atomic>

#include "base/time.h"
#include "media/av.h"

namespace passerby::media {

// interrupt() from any thread and from signal handlers; the rest from the reading thread only.
class Watch {
  public:
    // `stop` interrupts too, when it becomes true; it may be null.
    explicit Watch(const Clock& clock, const std::atomic<bool>* stop = nullptr)
        : clock_{clock}, stop_{stop} {}
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    void interrupt() { interrupted_.store(true, std::memory_order_relaxed); }
    bool interrupted() const {
        return interrupted_.load(std::memory_order_relaxed) ||
               (stop_ && stop_->load(std::memory_order_relaxed));
    }

    // The next blocking call may take `limit`; zero: for ever.
    void allow(Micros limit) { deadline_ = limit.count() > 0 ? clock_.monotonic() + limit : Micros{}; }
    bool timed_out() const { return deadline_.count() > 0 && clock_.monotonic() > deadline_; }

    AVIOInterruptCB callback() { return {&Watch::should_stop, this}; }

  private:
    static int should_stop(void* self) {
        const auto* watch = static_cast<const Watch*>(self);
        return watch->interrupted() || watch->timed_out();
    }

    static_assert(std::atomic<bool>::is_always_lock_free);
    std::atomic<bool> interrupted_ = false;
    const Clock& clock_;
    const std::atomic<bool>* const stop_;
    Micros deadline_{};
};

}  // namespace passerby::media
