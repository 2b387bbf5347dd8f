// What a Feed published, as lines that tests can compare and wait for.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "camera/feed.h"

namespace passerby::camera {

class FeedRecording {
  public:
    static constexpr std::chrono::seconds kPatience{60};

    explicit FeedRecording(Feed& feed)
        : subscription_{feed.subscribe([this](const FeedEvent& e) { take(e); })} {}

    // "status live", "init 768x576 avc1.64001f", "key 0", "fragment 250", "gap camera". Equal statuses only
    // once.
    std::vector<std::string> lines() const {
        const std::lock_guard lock{mutex_};
        return lines_;
    }
    // Blocks until `line` has come `times` times. False after kPatience.
    bool wait_for(const std::string& line, int times = 1) {
        std::unique_lock lock{mutex_};
        return came_.wait_for(lock, kPatience,
                              [&] { return std::count(lines_.begin(), lines_.end(), line) >= times; });
    }
    // Blocks until a status satisfies it.
    template <class Condition>
    bool wait_for_status(Condition condition) {
        std::unique_lock lock{mutex_};
        return came_.wait_for(lock, kPatience,
                              [&] { return std::any_of(statuses_.begin(), statuses_.end(), condition); });
    }
    std::vector<std::shared_ptr<const StreamFragment>> fragments() const {
        const std::lock_guard lock{mutex_};
        return fragments_;
    }
    std::vector<std::shared_ptr<const StreamInit>> inits() const {
        const std::lock_guard lock{mutex_};
        return inits_;
    }
    // "cause: detail"
    std::vector<std::string> gaps() const {
        const std::lock_guard lock{mutex_};
        return gaps_;
    }
    CameraStatus last_status() const {
        const std::lock_guard lock{mutex_};
        return statuses_.empty() ? CameraStatus{} : statuses_.back();
    }

  private:
    void take(const FeedEvent& e) {
        const std::lock_guard lock{mutex_};
        if (e.status) {
            const auto line = "status " + std::string{name(e.status->state)};
            if (statuses_.empty() || statuses_.back().state != e.status->state) lines_.push_back(line);
            statuses_.push_back(*e.status);
        }
        if (e.init) {
            lines_.push_back(
                fmt::format("init {}x{} {}", e.init->size.width, e.init->size.height, e.init->codec));
            inits_.push_back(e.init);
        }
        if (e.fragment) {
            lines_.push_back(fmt::format("{} {}", e.fragment->keyframe ? "key" : "fragment",
                                         e.fragment->start.count() / 1000));
            fragments_.push_back(e.fragment);
        }
        if (e.gap) {
            lines_.push_back("gap " + e.gap->cause);
            gaps_.push_back(e.gap->cause + ": " + e.gap->detail);
        }
        came_.notify_all();
    }

    mutable std::mutex mutex_;
    std::condition_variable came_;
    std::vector<std::string> lines_, gaps_;  // guarded by mutex_, like the rest
    std::vector<CameraStatus> statuses_;
    std::vector<std::shared_ptr<const StreamFragment>> fragments_;
    std::vector<std::shared_ptr<const StreamInit>> inits_;
    Feed::Subscription subscription_;  // last: ends before what it writes to
};

}  // namespace passerby::camera
