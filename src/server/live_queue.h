// What one live viewer is still to be sent: takes a camera's events on the supervisor's thread, gives
// messages in the order of doc/api.md to the connection's thread. It never blocks: a viewer that lets too
// much pile up has overflowed, and nothing more is kept for it.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "camera/feed.h"

namespace passerby::server {

// Thread-safe.
class LiveQueue {
  public:
    struct Limits {
        std::size_t bytes, messages;
    };
    // `wake` is called when there is something new to do, on the thread that publishes. It must not block.
    LiveQueue(Limits limits, std::function<void()> wake) : limits_{limits}, wake_{std::move(wake)} {}

    void take(const camera::FeedEvent&);

    struct Message {
        std::string text;  // JSON, when there are no bytes
        std::shared_ptr<const std::vector<std::byte>> bytes;
    };
    std::optional<Message> next();
    // Whether the camera's state is another one since the last call.
    bool take_state_change();
    bool overflowed() const;

  private:
    void push(Message);  // with mutex_ held

    const Limits limits_;
    const std::function<void()> wake_;
    mutable std::mutex mutex_;
    std::deque<Message> messages_;        // guarded by mutex_
    std::size_t bytes_ = 0;               // guarded by mutex_; of messages_
    bool has_init_ = false;               // guarded by mutex_
    bool has_keyframe_ = false;           // guarded by mutex_; since the init
    bool overflowed_ = false;             // guarded by mutex_
    bool state_changed_ = false;          // guarded by mutex_
    std::optional<camera::State> state_;  // guarded by mutex_
};

}  // namespace passerby::server
