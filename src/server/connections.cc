#include "server/connection.h"

namespace passerby::server {

Connections::Entry::Entry(Connections* all, std::weak_ptr<Connection> connection)
    : all_{all}, connection_{std::move(connection)} {}

Connections::Entry::~Entry() {
    if (!all_) return;
    const std::lock_guard lock{all_->mutex_};
    all_->open_.erase(connection_);
    all_->left_.notify_all();
}

Connections::Entry Connections::enter(std::weak_ptr<Connection> connection) {
    const std::lock_guard lock{mutex_};
    if (stopped_ || open_.size() >= most_) return {};
    open_.insert(connection);
    return {this, std::move(connection)};
}

void Connections::stop() {
    std::unique_lock lock{mutex_};
    stopped_ = true;
    for (const auto& weak : open_)
        if (const auto connection = weak.lock()) connection->stop();
    left_.wait(lock, [&] { return open_.empty(); });
}

}  // namespace passerby::server
