#include "camera/activity_report.h"

#include <algorithm>

namespace passerby::camera {

crypto::NoiseScale noise_scale(const redact::Counting& rule) {
    constexpr std::uint64_t kThousandths = 1000;
    const auto added = static_cast<std::uint64_t>(rule.visits) * vision::Crossings::kMost;
    return {added * kThousandths, static_cast<std::uint64_t>(rule.epsilon_thousandths)};
}

// The beginning of the interval that holds `time`.
WallTime ActivityReport::interval_of(WallTime time) const {
    return {Micros{time.micros() - time.micros() % rule_.interval.count()}};
}

Status ActivityReport::set_places(redact::Engine& engine, std::vector<vision::Place> places) {
    const auto same_point = [](image::Point a, image::Point b) { return a.x == b.x && a.y == b.y; };
    const auto same = [&](const vision::Place& a, const vision::Place& b) {
        return a.id == b.id && std::ranges::equal(a.points, b.points, same_point);
    };
    if (std::ranges::equal(places_, places, same)) return {};
    places_ = places;
    TRY_STATUS(finish(engine));
    from_.reset();
    if (!places.empty()) from_ = clock_.wall();
    engine.set_places(std::move(places));
    return {};
}

Status ActivityReport::tell(redact::Engine& engine) {
    if (!from_) return {};
    const WallTime now = clock_.wall();
    if (now < *from_) {
        // The clock was set back: of which time these are nobody can say.
        engine.take_counts();
        from_ = now;
        return {};
    }
    const WallTime end = interval_of(*from_) + rule_.interval;
    if (now < end) return {};
    TRY_STATUS(send(engine, end));
    // The first frame after the end is a moment late. It is the next interval's; only after a longer silence
    // nobody counted.
    from_ = now - end < kShortest ? end : now;
    return {};
}

Status ActivityReport::finish(redact::Engine& engine) {
    if (!from_) return {};
    TRY_STATUS(tell(engine));
    const WallTime now = clock_.wall();
    TRY_STATUS(send(engine, now));
    from_ = now;
    return {};
}

Status ActivityReport::send(redact::Engine& engine, WallTime until) {
    const auto counts = engine.take_counts();
    if (counts.empty() || until - *from_ < kShortest) return {};
    const auto scale = noise_scale(rule_);
    Activity activity{*from_, until, {}};
    for (const auto& exact : counts) {
        auto& told = activity.places.emplace_back();
        told.place = exact.place;
        for (const auto way : {vision::in, vision::out}) {
            told.persons[way] = exact.persons[way] + crypto::draw_noise(scale, random_);
            told.vehicles[way] = exact.vehicles[way] + crypto::draw_noise(scale, random_);
        }
    }
    return send_(activity);
}

}  // namespace passerby::camera
