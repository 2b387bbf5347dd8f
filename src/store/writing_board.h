// Which cameras have a recorder, and what each is writing just now. In memory only; the catalogue learns of
// it when it is finished. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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
        cameras_[segment.camera].segment = segment;
    }
    void withdraw(const std::string& camera) {
        const std::lock_guard lock{mutex_};
        cameras_[camera].segment.reset();
    }
    // Gaps that the catalogue could not be told of yet, each until the next, the last one open: on a full
    // disk they are seen all the same.
    void publish_gaps(const std::string& camera, std::vector<Gap> gaps) {
        const std::lock_guard lock{mutex_};
        for (std::size_t i = 1; i < gaps.size(); ++i) gaps[i - 1].end = gaps[i].start;
        cameras_[camera].gaps = std::move(gaps);
    }
    std::vector<Gap> gaps_of(const std::string& camera) const {
        const std::lock_guard lock{mutex_};
        const auto found = cameras_.find(camera);
        return found == cameras_.end() ? std::vector<Gap>{} : found->second.gaps;
    }
    std::optional<Segment> of(const std::string& camera) const {
        const std::lock_guard lock{mutex_};
        const auto found = cameras_.find(camera);
        return found == cameras_.end() ? std::nullopt : found->second.segment;
    }
    std::optional<Segment> with_id(SegmentId id) const {
        const std::lock_guard lock{mutex_};
        for (const auto& [camera, entry] : cameras_)
            if (entry.segment && entry.segment->id == id) return entry.segment;
        return std::nullopt;
    }

  private:
    struct Entry {
        std::optional<Segment> segment;
        std::vector<Gap> gaps;
    };
    mutable std::mutex mutex_;
    std::map<std::string, Entry> cameras_;  // guarded by mutex_
};

}  // namespace passerby::store
