// Which cameras have a recorder, and what each is writing just now. In memory only; the catalogue learns of
// it when it is finished. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "store/segment.h"

namespace passerby::store {

class WritingBoard {
  public:
    // False when the camera has a recorder already.
    bool claim(const std::string& camera) {
        const std::lock_guard lock{mutex_};
        return cameras_.try_emplace(camera).second;
    }
    void release(const std::string& camera) {
        const std::lock_guard lock{mutex_};
        cameras_.erase(camera);
    }
    bool claimed(const std::string& camera) const {
        const std::lock_guard lock{mutex_};
        return cameras_.contains(camera);
    }
    // What of the open segment is synced.
    void publish(const Segment& segment) {
        const std::lock_guard lock{mutex_};
        cameras_[segment.camera] = segment;
    }
    void withdraw(const std::string& camera) {
        const std::lock_guard lock{mutex_};
        cameras_[camera].reset();
    }
    std::optional<Segment> of(const std::string& camera) const {
        const std::lock_guard lock{mutex_};
        const auto found = cameras_.find(camera);
        return found == cameras_.end() ? std::nullopt : found->second;
    }
    std::optional<Segment> with_id(SegmentId id) const {
        const std::lock_guard lock{mutex_};
        for (const auto& [camera, segment] : cameras_)
            if (segment && segment->id == id) return segment;
        return std::nullopt;
    }

  private:
    mutable std::mutex mutex_;
    std::map<std::string, std::optional<Segment>> cameras_;  // guarded by mutex_
};

}  // namespace passerby::store
