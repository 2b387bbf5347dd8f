#include <algorithm>

#include "proofs/clip.h"

namespace passerby::proofs {

namespace {

// The background is dark and the rest bright: nothing of either has the luma of a cover.
constexpr int kDark = 64, kShades = 5, kShade = 8, kBrightest = 235, kBright = 172;

// Sets samples by the pixels of the upright picture and by levels of 8 bits.
class Canvas {
  public:
    Canvas(const Scenario& s, media::SamplePicture& picture) : s_{s}, picture_{picture} {}

    // `colour`: of the chroma, or of what makes a channel differ from the luma; 128 is none.
    void set(int x, int y, int luma, int colour_u, int colour_v) {
        const auto [sx, sy] = stored(x, y);
        auto& all = picture_.components;
        if (picture_.is_rgb()) {
            put(0, sx, sy, full(luma) + colour_u - 128);
            put(1, sx, sy, full(luma));
            put(2, sx, sy, full(luma) + colour_v - 128);
            if (all.size() == 4) put(3, sx, sy, 255);
            return;
        }
        put(0, sx, sy, picture_.has_palette() ? full(luma) : luma);
        if (all.size() == 2) put(1, sx, sy, 255);
        if (all.size() >= 3) put(1, sx, sy, colour_u), put(2, sx, sy, colour_v);
        if (all.size() == 4) put(3, sx, sy, 255);
    }

    // Where the upright pixels of a sample are, as a rectangle.
    image::Rect upright(image::Rect stored_pixels) const {
        const image::Rect r = image::clip(stored_pixels, picture_.size());
        const auto& o = s_.orientation;
        const auto [w, h] = s_.upright;
        image::Rect u = o.transpose ? image::Rect{r.y, r.x, r.height, r.width} : r;
        if (o.mirror_x) u.x = w - u.right();
        if (o.mirror_y) u.y = h - u.bottom();
        return u;
    }

  private:
    std::pair<int, int> stored(int x, int y) const {
        const auto& o = s_.orientation;
        const auto [w, h] = s_.upright;
        if (o.mirror_x) x = w - 1 - x;
        if (o.mirror_y) y = h - 1 - y;
        if (o.transpose) std::swap(x, y);
        return {x, y};
    }
    static int full(int luma) { return (luma - 16) * 255 / 219; }
    void put(int c, int x, int y, int level) {
        auto& component = picture_.components[static_cast<std::size_t>(c)];
        const auto bits = static_cast<std::uint32_t>(std::clamp(level, 0, 255));
        const int depth = picture_.depth(c);
        component.at(x >> component.shift_x, y >> component.shift_y) =
            depth >= 8 ? bits << (depth - 8) : bits >> (8 - depth);
    }

    const Scenario& s_;
    media::SamplePicture& picture_;
};

void paint_bright(Canvas& canvas, const Scenario& s, image::Rect r, Random& random) {
    r = image::clip(r, s.upright);
    for (int y = r.y; y < r.bottom(); ++y)
        for (int x = r.x; x < r.right(); ++x)
            canvas.set(x, y, random.between(kBright, kBrightest), random.between(108, 148),
                       random.between(108, 148));
}

}  // namespace

Samples make_clip(const Scenario& s, Random& random) {
    Samples clip;
    const int noise = random.between(0, 2);
    int scene = random.between(1, 1000);
    for (int i = 0; i < static_cast<int>(s.steps.size()); ++i) {
        if (s.steps[static_cast<std::size_t>(i)].scene_changes) scene = scene * 7 + 3;
        media::SamplePicture picture{s.format, s.stored()};
        Canvas canvas{s, picture};
        for (int y = 0; y < s.upright.height; ++y)
            for (int x = 0; x < s.upright.width; ++x) {
                const int place = (x / 6) * 31 + (y / 6) * 17 + scene;
                canvas.set(x, y, kDark + place * place % kShades * kShade + random.between(-noise, noise),
                           122 + place % 3 * 4, 128);
            }
        for (const auto& r : s.restless) paint_bright(canvas, s, r, random);
        for (const auto& thing : s.things) paint_bright(canvas, s, thing.at(i), random);
        clip.push_back(std::move(picture));
    }
    return clip;
}

Samples changed_under(const std::vector<Pixels>& covered, const Scenario& s, const Samples& samples,
                      Random& random) {
    Samples changed = samples;
    for (int i = 0; i < static_cast<int>(samples.size()); ++i) {
        if (random.chance(0.1)) continue;
        auto& picture = changed[static_cast<std::size_t>(i)];
        Pixels where = s.may_differ(i);
        where.intersect(covered[static_cast<std::size_t>(i)]);
        // A sample is under the cover when all of its pixels are. The painter also covers a chroma sample
        // that only some of its pixels hide, where the picture came as it is.
        const bool shared_too = s.orientation.upright() && random.chance(0.5);
        const bool anything =
            s.policy.scene == redact::Scene::moving || s.steps[static_cast<std::size_t>(i)].detectors_fail;
        const Canvas canvas{s, picture};
        for (std::size_t c = 0; c < picture.components.size(); ++c) {
            auto& component = picture.components[c];
            const int depth = picture.depth(static_cast<int>(c));
            const bool half = component.shift_x <= 1 && component.shift_y <= 1;
            const bool luma = picture.is_rgb() || c == 0;
            for (int y = 0; y < component.size.height; ++y)
                for (int x = 0; x < component.size.width; ++x) {
                    const auto pixels = canvas.upright(component.pixels(x, y));
                    if (shared_too && half ? !where.any(pixels) : !where.all(pixels)) continue;
                    auto& sample = component.at(x, y);
                    const auto most = (1U << depth) - 1;
                    if (anything || !luma)
                        sample = static_cast<std::uint32_t>(random.engine()()) & most;
                    else if (depth >= 8)
                        sample = static_cast<std::uint32_t>(random.between(kBright + 8, kBrightest))
                                 << (depth - 8);
                }
        }
    }
    return changed;
}

}  // namespace passerby::proofs
