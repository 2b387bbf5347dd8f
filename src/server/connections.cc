#include <algorithm>

#include "server/connection.h"

namespace passerby::server {

Connections::Entry::~Entry() {
    if (!all_) return;
    const std::lock_guard lock{all_->mutex_};
    all_->open_.erase(number_);
    all_->left_.notify_all();
}

void Connections::Entry::is_known() {
    if (!all_) return;
    const std::lock_guard lock{all_->mutex_};
    all_->open_.at(number_).known = true;
}

// Closes the oldest of those that nobody knows, of this address or, where it is empty, of all. False: there
// is none. With the lock held.
bool Connections::make_room(const std::string& address) {
    const auto oldest = std::ranges::find_if(open_, [&](const auto& numbered) {
        const auto& o = numbered.second;
        return !o.known && !o.leaving && (address.empty() || o.address == address);
    });
    if (oldest == open_.end()) return false;
    oldest->second.leaving = true;
    if (const auto connection = oldest->second.connection.lock()) connection->give_way();
    return true;
}

Connections::Entry Connections::enter(std::weak_ptr<Connection> connection, const std::string& address) {
    const std::lock_guard lock{mutex_};
    if (stopped_) return {};
    const auto staying = [&](const std::string& of) {
        return static_cast<std::size_t>(std::ranges::count_if(open_, [&](const auto& numbered) {
            return !numbered.second.leaving && (of.empty() || numbered.second.address == of);
        }));
    };
    if (!address.empty() && staying(address) >= most_of_one_ && !make_room(address)) return {};
    if (staying({}) >= most_ && !make_room({})) return {};
    const auto number = next_++;
    open_.emplace(number, Open{std::move(connection), address});
    return {this, number};
}

void Connections::stop() {
    std::unique_lock lock{mutex_};
    stopped_ = true;
    for (const auto& [number, open] : open_)
        if (const auto connection = open.connection.lock()) connection->stop();
    left_.wait(lock, [&] { return open_.empty(); });
}

}  // namespace passerby::server
