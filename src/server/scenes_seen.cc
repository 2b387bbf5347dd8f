#include "server/scenes_seen.h"

namespace passerby::server {

void ScenesSeen::add(const std::string& camera, Scene scene) {
    const std::lock_guard lock{mutex_};
    auto& seen = seen_[camera];
    std::erase_if(seen, [&](const Scene& s) { return s->sha256 == scene->sha256; });
    seen.push_back(std::move(scene));
    if (seen.size() > kMost) seen.pop_front();
}

ScenesSeen::Scene ScenesSeen::find(const std::string& camera, const std::string& sha256) const {
    const std::lock_guard lock{mutex_};
    if (const auto seen = seen_.find(camera); seen != seen_.end())
        for (const auto& scene : seen->second)
            if (scene->sha256 == sha256) return scene;
    return nullptr;
}

}  // namespace passerby::server
