#include "camera/feed.h"

#include <algorithm>

namespace passerby::camera {

std::string_view name(State state) {
    switch (state) {
        case State::starting:
            return "starting";
        case State::live:
            return "live";
        case State::unreachable:
            return "unreachable";
        case State::off:
            return "off";
    }
    return "off";
}

Feed::Subscription& Feed::Subscription::operator=(Subscription&& o) noexcept {
    if (this != &o) {
        if (feed_) feed_->unsubscribe(id_);
        feed_ = std::exchange(o.feed_, nullptr);
        id_ = o.id_;
    }
    return *this;
}

Feed::Subscription::~Subscription() {
    if (feed_) feed_->unsubscribe(id_);
}

Feed::Subscription Feed::subscribe(Subscriber subscriber) {
    const std::lock_guard lock{mutex_};
    subscriber({.status = std::make_shared<const CameraStatus>(status_)});
    if (init_) subscriber({.init = init_});
    for (const auto& fragment : since_keyframe_) subscriber({.fragment = fragment});
    subscribers_.emplace_back(next_id_, std::move(subscriber));
    return {this, next_id_++};
}

void Feed::publish(FeedEvent event) {
    const std::lock_guard lock{mutex_};
    if (event.init) {
        init_ = event.init;
        since_keyframe_.clear();
    }
    if (event.gap) {
        init_.reset();
        since_keyframe_.clear();
    }
    if (event.fragment) {
        if (event.fragment->keyframe) since_keyframe_.clear();
        // Without a keyframe before it a fragment is of no use to a newcomer.
        if (event.fragment->keyframe || !since_keyframe_.empty()) since_keyframe_.push_back(event.fragment);
    }
    if (event.status) status_ = *event.status;
    for (const auto& [id, subscriber] : subscribers_) subscriber(event);
}

CameraStatus Feed::status() const {
    const std::lock_guard lock{mutex_};
    return status_;
}

void Feed::unsubscribe(int id) {
    const std::lock_guard lock{mutex_};
    std::erase_if(subscribers_, [&](const auto& s) { return s.first == id; });
}

}  // namespace passerby::camera
