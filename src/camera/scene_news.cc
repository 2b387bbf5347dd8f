#include "camera/scene_news.h"

#include <cstdlib>

#include "redact/painter.h"
#include "redact/scene_picture.h"

namespace passerby::camera {

namespace {

// The proven scene follows the light: what is hardly to be seen is no news.
constexpr int kSeen = 8;           // of 255
constexpr double kShare = 0.0005;  // of the picture

}  // namespace

void SceneNews::tell(const redact::Engine& engine) {
    const Micros now = clock_.monotonic();
    if (looked_ && now - *looked_ < kEvery) return;
    looked_ = now;
    auto scene = engine.scene();
    if (!scene || !is_news(*scene)) return;
    auto png = redact::scene_png(*scene);
    const auto told = png ? channel_.send(SceneNow{std::move(*png)}) : Status{tl::unexpected{png.error()}};
    // A server that is gone is noticed by the encoder's thread.
    if (!told)
        channel_.log(LogLevel::error, "the scene cannot be shown to be approved: " + told.error().message);
    told_ = std::move(scene);
}

bool SceneNews::is_news(const image::SafeFrame& scene) const {
    const auto now = scene.picture();
    std::int64_t different = 0, shown = 0;
    for (int y = 0; y < now.y.size.height; ++y) {
        const std::uint8_t *a = now.y.row(y), *b = told_ ? told_->picture().y.row(y) : a;
        for (int x = 0; x < now.y.size.width; ++x) {
            different += std::abs(a[x] - b[x]) > kSeen;
            shown += a[x] != redact::kNotShown;
        }
    }
    const double area = static_cast<double>(now.y.size.width) * now.y.size.height;
    return told_ ? static_cast<double>(different) > kShare * area : shown > 0;
}

}  // namespace passerby::camera
