#include "server/camera_list.h"

#include <algorithm>

namespace passerby::server {

void CameraList::put(CameraEntry entry) {
    auto shared = std::make_shared<const CameraEntry>(std::move(entry));
    const std::lock_guard lock{mutex_};
    const auto known = std::ranges::find(entries_, shared->id, [](const auto& e) { return e->id; });
    if (known == entries_.end())
        entries_.push_back(std::move(shared));
    else
        *known = std::move(shared);
}

void CameraList::remove(const std::string& id) {
    const std::lock_guard lock{mutex_};
    std::erase_if(entries_, [&](const auto& e) { return e->id == id; });
}

CameraList::Entry CameraList::find(const std::string& id) const {
    const std::lock_guard lock{mutex_};
    const auto found = std::ranges::find(entries_, id, [](const auto& e) { return e->id; });
    return found == entries_.end() ? nullptr : *found;
}

std::vector<CameraList::Entry> CameraList::all() const {
    const std::lock_guard lock{mutex_};
    return entries_;
}

}  // namespace passerby::server
