#include "server/live_queue.h"

#include <nlohmann/json.hpp>

#include "server/http.h"

namespace passerby::server {

void LiveQueue::take(const camera::FeedEvent& event) {
    {
        const std::lock_guard lock{mutex_};
        if (overflowed_) return;
        if (event.status && state_ != event.status->state) {
            state_ = event.status->state;
            state_changed_ = true;
        } else if (event.init) {
            const auto& init = event.init;
            push({to_text({{"type", "init"},
                           {"codec", init->codec},
                           {"size", {init->size.width, init->size.height}}}),
                  {}});
            push({{}, {init, &init->bytes}});
            has_init_ = true;
            has_keyframe_ = false;
        } else if (event.gap) {
            has_init_ = false;
        } else if (event.fragment && has_init_ && (has_keyframe_ || event.fragment->keyframe)) {
            has_keyframe_ = true;
            push({{}, {event.fragment, &event.fragment->bytes}});
        } else {
            return;
        }
    }
    wake_();
}

void LiveQueue::push(Message message) {
    const auto size = message.text.size() + (message.bytes ? message.bytes->size() : 0);
    // One message alone is never too much, however large the camera makes it.
    if (!messages_.empty() && (messages_.size() >= limits_.messages || bytes_ + size > limits_.bytes)) {
        overflowed_ = true;
        messages_.clear();
        return;
    }
    if (overflowed_) return;
    bytes_ += size;
    messages_.push_back(std::move(message));
}

std::optional<LiveQueue::Message> LiveQueue::next() {
    const std::lock_guard lock{mutex_};
    if (messages_.empty()) return std::nullopt;
    auto message = std::move(messages_.front());
    messages_.pop_front();
    bytes_ -= message.text.size() + (message.bytes ? message.bytes->size() : 0);
    return message;
}

bool LiveQueue::take_state_change() {
    const std::lock_guard lock{mutex_};
    return std::exchange(state_changed_, false);
}

bool LiveQueue::overflowed() const {
    const std::lock_guard lock{mutex_};
    return overflowed_;
}

}  // namespace passerby::server
