#include <algorithm>
#include <cmath>

#include "proofs/clip.h"
#include "vision/reduced.h"

namespace passerby::proofs {

void Pixels::set(image::Rect r) {
    r = image::clip(r, size_);
    for (int y = r.y; y < r.bottom(); ++y)
        for (int x = r.x; x < r.right(); ++x) set(x, y);
}

void Pixels::intersect(const Pixels& other) {
    for (std::size_t i = 0; i < set_.size(); ++i) set_[i] = set_[i] && other.set_[i] ? 1 : 0;
}

bool Pixels::any(image::Rect r) const {
    r = image::clip(r, size_);
    for (int y = r.y; y < r.bottom(); ++y)
        for (int x = r.x; x < r.right(); ++x)
            if (at(x, y)) return true;
    return false;
}

bool Pixels::all(image::Rect r) const {
    r = image::clip(r, size_);
    for (int y = r.y; y < r.bottom(); ++y)
        for (int x = r.x; x < r.right(); ++x)
            if (!at(x, y)) return false;
    return !r.empty();
}

int Pixels::count() const {
    return static_cast<int>(std::count_if(set_.begin(), set_.end(), [](auto v) { return v != 0; }));
}

image::Rect Scenario::Thing::at(int step) const {
    if (step < first || step > last) return {};
    const auto moved = [&](float by) {
        return static_cast<int>(std::lround(by * static_cast<float>(step - first)));
    };
    return {begin.x + moved(dx), begin.y + moved(dy), begin.width, begin.height};
}

int Scenario::cell() const {
    return vision::cell_for(upright);
}

namespace {

image::Rect inset(image::Rect r, int by) {
    return {r.x + by, r.y + by, r.width - 2 * by, r.height - 2 * by};
}

// Thin pictures give every size of cell at little cost.
image::Size random_size(Random& random) {
    const int kind = random.between(1, 20);
    image::Size size{random.between(16, 76), random.between(16, 60)};
    if (kind > 16) size = {random.between(401, 440), random.between(16, 30)};
    if (kind > 18) size = {random.between(1001, 1040), random.between(16, 24)};
    if (kind > 19) size = {random.between(2601, 2640), random.between(16, 20)};
    if (random.chance(0.5)) std::swap(size.width, size.height);
    return size;
}

image::Rect random_rect(Random& random, image::Size in, int least) {
    const int w = random.between(least, std::max(least, in.width / 2)),
              h = random.between(least, std::max(least, in.height / 2));
    image::Rect r{random.between(-w / 3, in.width - 2 * w / 3), random.between(-h / 3, in.height - 2 * h / 3),
                  w, h};
    // From border to border, so that thin pictures have an inside too.
    if (in.height < 40) r.y = -least, r.height = in.height + 2 * least;
    if (in.width < 40) r.x = -least, r.width = in.width + 2 * least;
    return r;
}

redact::Polygon polygon_of(image::Rect r, image::Size in) {
    const auto at = [&](int x, int y) {
        return image::Point{std::clamp(static_cast<float>(x) / static_cast<float>(in.width), 0.F, 1.F),
                            std::clamp(static_cast<float>(y) / static_cast<float>(in.height), 0.F, 1.F)};
    };
    return {at(r.x, r.y), at(r.right(), r.y), at(r.right(), r.bottom()), at(r.x, r.bottom())};
}

void add_masks(Scenario& s, Random& random) {
    for (int n = random.between(0, 2); n > 0; --n) {
        const auto r = random_rect(random, s.upright, 12);
        s.policy.masks.push_back(polygon_of(r, s.upright));
        if (random.chance(0.7)) s.restless.push_back(r);
    }
    if (random.chance(0.3)) {  // any shape
        redact::Polygon polygon;
        for (int i = random.between(3, 6); i > 0; --i)
            polygon.push_back({static_cast<float>(random.between(0, 100)) / 100,
                               static_cast<float>(random.between(0, 100)) / 100});
        s.policy.masks.push_back(polygon);
    }
}

vision::Detection around(image::Rect r, Random& random) {
    const auto kind =
        random.pick<vision::Kind>({vision::Kind::person, vision::Kind::person, vision::Kind::vehicle});
    const auto f = [&](int v) { return static_cast<float>(v + random.between(-2, 2)); };
    return {kind, static_cast<float>(random.between(30, 95)) / 100, f(r.x), f(r.y), f(r.width), f(r.height)};
}

// A quiet time, in which the scene is proven, at two pictures a second; then something happens.
void add_steps(Scenario& s, Random& random) {
    const bool moving = s.policy.scene == redact::Scene::moving;
    const int longest = std::max(s.upright.width, s.upright.height);
    const int quiet = moving ? 0 : 14 + (longest > 800 ? 8 * (longest / 400) : 0),
              busy = random.between(8, 16);
    for (int n = moving ? random.between(0, 3) : random.between(1, 3); n > 0; --n) {
        Scenario::Thing thing{random_rect(random, s.upright, 12)};
        if (!moving && 5 * thing.begin.area() > 2 * s.upright.width * s.upright.height) continue;
        thing.dx = static_cast<float>(random.between(-30, 30)) / 10;
        thing.dy = static_cast<float>(random.between(-20, 20)) / 10;
        thing.first = quiet + random.between(0, busy / 2);
        thing.last = quiet + random.between(busy / 2, busy);
        s.things.push_back(thing);
    }
    const int fail_from = random.chance(0.3) ? quiet + random.between(0, busy) : -1,
              fail_for = random.between(1, 4);
    const int change_at = random.chance(0.15) ? quiet + random.between(0, busy) : -1;
    const int finish_at = random.chance(0.15) ? random.between(0, quiet + busy) : -1;
    s.failures_differ = moving || random.chance(0.3);
    const std::vector<int> still = {random.between(5, 30), random.between(5, 30), 12, 12};
    Micros time{};
    for (int i = 0; i < quiet + busy; ++i) {
        Step step;
        step.when = {time.count(), time};
        for (const auto& thing : s.things)
            if (!thing.at(i).empty() && random.chance(0.8)) step.seen.push_back(around(thing.at(i), random));
        if (moving && random.chance(0.5))
            step.seen.push_back(around({still[0], still[1], still[2], still[3]}, random));
        step.detectors_fail = fail_from >= 0 && i >= fail_from && i < fail_from + fail_for;
        step.scene_changes = i == change_at;
        step.finish_after = i == finish_at;
        s.steps.push_back(std::move(step));
        time += std::chrono::milliseconds{i < quiet ? 500 : random.between(20, 80)};
    }
}

}  // namespace

Pixels Scenario::may_differ(int i) const {
    Pixels allowed{upright};
    const Step& step = steps[static_cast<std::size_t>(i)];
    if (policy.scene == redact::Scene::moving || (step.detectors_fail && failures_differ))
        return Pixels{upright, true};
    // At its edge a thing's cells are mixed with the background: those stay as they are.
    for (const auto& thing : things) allowed.set(inset(thing.at(i), std::max(4, 2 * cell())));
    for (const auto& r : restless) allowed.set(inset(r, 8 * cell() + 4));
    return allowed;
}

Scenario random_scenario(Random& random, redact::CoverStyle style) {
    static const auto formats = media::pixel_formats();
    Scenario s;
    // Half of them what cameras send.
    const std::vector<AVPixelFormat> usual = {AV_PIX_FMT_YUV420P,     AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV422P,
                                              AV_PIX_FMT_YUVJ422P,    AV_PIX_FMT_YUV444P,  AV_PIX_FMT_NV12,
                                              AV_PIX_FMT_YUV420P10LE, AV_PIX_FMT_GRAY8};
    s.format = random.pick(random.chance(0.5) ? usual : formats);
    s.range = random.pick<AVColorRange>({AVCOL_RANGE_UNSPECIFIED, AVCOL_RANGE_MPEG, AVCOL_RANGE_JPEG});
    s.upright = random_size(random);
    if (random.chance(0.3)) s.orientation = {random.chance(0.5), random.chance(0.5), random.chance(0.5)};
    s.policy.scene = random.chance(0.6) ? redact::Scene::fixed : redact::Scene::moving;
    s.policy.style = style;
    add_masks(s, random);
    s.engine.size = s.upright;
    s.engine.look_ahead = std::chrono::milliseconds{random.pick<int>({0, 200, 500, 1000})};
    add_steps(s, random);
    s.encode.size = s.upright;
    s.encode.time_base = {1, 1'000'000};
    s.encode.frame_rate = {25, 1};
    s.encode.preset = random.pick<std::string>({"ultrafast", "superfast", "superfast", "veryfast", "medium"});
    s.encode.crf = random.between(10, 40);
    s.encode.threads = random.between(0, 2);
    s.encode.low_latency = s.as_fragments = random.chance(0.4);
    s.encode.keyframe_interval = std::chrono::milliseconds{random.pick<int>({200, 2000})};
    return s;
}

}  // namespace passerby::proofs
