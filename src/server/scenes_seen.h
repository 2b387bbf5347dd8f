// The pictures of scenes that were named or handed out to be looked at: only such a picture can be approved,
// also when the scene looks a little different by now. Thread-safe.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "camera/feed.h"

namespace passerby::server {

class ScenesSeen {
  public:
    using Scene = std::shared_ptr<const camera::ProvenScene>;
    static constexpr std::size_t kMost =
        32;  // of a camera, some 0.3 MB each; a page that is open takes one in 3 s

    void add(const std::string& camera, Scene);
    // Null: it was never named nor handed out, or so many others were since.
    Scene find(const std::string& camera, const std::string& sha256) const;

  private:
    mutable std::mutex mutex_;
    std::map<std::string, std::deque<Scene>> seen_;  // guarded by mutex_; the newest last
};

}  // namespace passerby::server
