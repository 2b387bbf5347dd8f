// A bounded queue between two threads. push() blocks while it is full, try_push() refuses and counts the
// refusal, pop() blocks while it is empty, stop() wakes everybody: what is queued can still be popped, then
// pop() returns nothing.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

namespace passerby {

template <class T>
class BoundedQueue {
  public:
    explicit BoundedQueue(std::size_t limit) : limit_{limit} {}

    // False when the queue was stopped: the item is dropped.
    bool push(T item) {
        std::unique_lock lock{mutex_};
        space_.wait(lock, [&] { return stopped_ || items_.size() < limit_; });
        if (stopped_) return false;
        items_.push_back(std::move(item));
        filled_.notify_one();
        return true;
    }

    bool try_push(T item) {
        const std::lock_guard lock{mutex_};
        if (stopped_ || items_.size() >= limit_) {
            ++refused_;
            return false;
        }
        items_.push_back(std::move(item));
        filled_.notify_one();
        return true;
    }

    std::optional<T> pop() {
        std::unique_lock lock{mutex_};
        filled_.wait(lock, [&] { return stopped_ || !items_.empty(); });
        if (items_.empty()) return std::nullopt;
        std::optional<T> item{std::move(items_.front())};
        items_.pop_front();
        space_.notify_one();
        return item;
    }

    void stop() {
        const std::lock_guard lock{mutex_};
        stopped_ = true;
        filled_.notify_all();
        space_.notify_all();
    }

    std::size_t size() const {
        const std::lock_guard lock{mutex_};
        return items_.size();
    }
    std::uint64_t refused() const {
        const std::lock_guard lock{mutex_};
        return refused_;
    }

  private:
    const std::size_t limit_;
    mutable std::mutex mutex_;
    std::condition_variable space_, filled_;
    std::deque<T> items_;        // guarded by mutex_
    std::uint64_t refused_ = 0;  // guarded by mutex_
    bool stopped_ = false;       // guarded by mutex_
};

}  // namespace passerby
