#include "redact/inspector.h"

#include <algorithm>
#include <cmath>

#include "redact/plates.h"
#include "redact/tiles.h"
#include "vision/suppress.h"

namespace passerby::redact {

namespace {

// At less than this scale the body detector misses persons 40 pixels tall.
constexpr float kLeastScale = 0.5F;
// Detections below this neither cover nor keep a place from being proven.
constexpr float kHeard = 0.25F;
// In a fixed scene a face is foreground like the rest of its person: only a sure one keeps a place from being
// proven.
constexpr float kHeardFace = 0.5F;
// And since bodies are looked for each time, for faces every so many looks are enough.
constexpr unsigned kFacesEvery = 2;
constexpr float kHeardVehicle = 0.3F, kHeardScreen = 0.3F;
// A parked vehicle's plate stays where it is.
constexpr PlateFinder::Rules kPlates{
    .looks = 2, .again = std::chrono::seconds{5}, .later = std::chrono::seconds{20}, .parked = true};
// The second look: below this score, where less than this share of the box is foreground, in two squares so
// many times the box and at least so many pixels, at most so many things a time; the same thing is found when
// the boxes overlap by this. A person scores 0.4 or more in one of them, a pillar 0.3 at most.
constexpr float kSure = 0.6F, kSquares[] = {1.6F, 2.2F}, kLeastSquare = 96, kSameThing = 0.3F,
                kHeardNear = 0.33F;
constexpr double kMoves = 0.25, kShows = 0.02, kProven = 0.98;
constexpr int kMostSecondLooks = 3;
constexpr float kSameBox = 0.7F;
// An answer holds for a while, and longer where the picture is as it was.
constexpr Micros kAnswerHolds = std::chrono::milliseconds{900}, kAnswerHoldsStill = std::chrono::seconds{20};
constexpr double kStill = 0.1;
// Where nothing stirred for so long, what lacks inspection will not get it: a parked vehicle's plate, a
// statue. It stays covered, and is looked at now and then. Twice as long as it takes to prove an empty place.
constexpr Micros kPatience = std::chrono::seconds{40}, kSeldom = std::chrono::seconds{2};
constexpr Micros kLately = std::chrono::seconds{2};
constexpr double kStirs = 0.02;
// Pillars stand still: a box of which more changed its looks within so long holds none. Of a large one, whose
// cover would cost much, this is not believed: somebody may pass before the pillar.
constexpr double kLargePart = 0.04;
constexpr double kCalm = 0.35;
constexpr Micros kCalmFor = std::chrono::milliseconds{300};

image::Rect pixels_of(const vision::Detection& d) {
    return {static_cast<int>(d.x), static_cast<int>(d.y), static_cast<int>(d.width) + 1,
            static_cast<int>(d.height) + 1};
}

class LiveInspector final : public Inspector {
  public:
    LiveInspector(image::Size size, Subjects cover, vision::Detectors& detectors, Pace pace)
        : whole_{0, 0, size.width, size.height},
          all_{whole_},
          cover_{cover},
          detectors_{detectors},
          pace_{pace},
          plates_{detectors, kPlates} {
        const auto network = static_cast<float>(detectors.side_for_persons());
        const float scale = network / static_cast<float>(std::max(size.width, size.height));
        whole_proves_ = scale >= kLeastScale;
        if (whole_proves_) return;
        for (const auto& tile : tiles(size, static_cast<int>(network / kLeastScale * 0.75F)))
            tiles_.push_back({tile});
    }

    Result<std::vector<Inspection>> inspect(const image::RawFrame& frame, const vision::Plate* plate,
                                            const image::Mask& foreground) override {
        std::vector<Inspection> done;
        const Micros now = frame.when().time;
        if (now < rest_until_) return done;
        const Micros began = pace_.clock->monotonic();
        const bool waiting = plate && waits(all_, now, *plate, foreground);
        if (now >= next_whole_) {
            all_.looked = now;
            done.push_back(TRY(look(frame, whole_, whole_proves_, plate, foreground)));
            next_whole_ = now + (waiting || foreground.any() ? pace_.whole : pace_.quiet);
        }
        if (!tiles_.empty() && waiting && now >= next_tile_) {
            if (auto* tile = next_tile(now, *plate, foreground)) {
                tile->looked = now;
                done.push_back(TRY(look(frame, tile->where, true, plate, foreground)));
                next_tile_ = now + pace_.tile;
            }
        }
        if (pace_.share < 1) {
            const auto spent = std::chrono::duration<double, std::micro>(pace_.clock->monotonic() - began);
            rest_until_ = now + std::chrono::duration_cast<Micros>(spent / (pace_.share * slowed_));
        }
        return done;
    }

    void slow_down(double pace) override { slowed_ = std::clamp(pace, 0.01, 1.0); }

  private:
    // A part of the picture.
    struct Part {
        image::Rect where;
        std::optional<Micros> stirred{};  // when something moved in it last; or when it was looked at first
        Micros looked{};
    };

    Result<Inspection> look(const image::RawFrame& frame, image::Rect where, bool proves,
                            const vision::Plate* plate, const image::Mask& foreground) {
        Inspection inspection{where, proves, TRY(detectors_.bodies(frame.raw(), where))};
        // One that fails is asked again the next time.
        if (looks_ % kFacesEvery == 0) TRY_STATUS(add_heads(frame, where, inspection.found));
        ++looks_;
        std::erase_if(inspection.found, [&](const auto& d) {
            if (d.kind == vision::Kind::vehicle) return d.score < kHeardVehicle;
            if (d.kind == vision::Kind::screen)
                return d.score < kHeardScreen || !cover_.has(Subject::screens);
            return d.score < (d.kind == vision::Kind::face ? kHeardFace : kHeard);
        });
        for (const auto& d : inspection.found)
            if (d.kind == vision::Kind::vehicle) inspection.vehicles.push_back(d);
        if (plate) TRY_STATUS(look_closer(frame, inspection.found, *plate, foreground));
        TRY_STATUS(settle_vehicles(frame, inspection.found, foreground));
        return inspection;
    }

    Status add_heads(const image::RawFrame& frame, image::Rect where, std::vector<vision::Detection>& found) {
        for (const auto& face : TRY(detectors_.faces(frame.raw(), where))) {
            // The box spans brow to chin; a head is larger.
            found.push_back({vision::Kind::face, face.score, face.x - 0.35F * face.width,
                             face.y - 0.5F * face.height, 1.7F * face.width, 1.8F * face.height});
        }
        return {};
    }

    // Vehicles give way to their plates, unless they are to be covered themselves. One that moves is
    // foreground anyway.
    Status settle_vehicles(const image::RawFrame& frame, std::vector<vision::Detection>& found,
                           const image::Mask& foreground) {
        std::vector<vision::Detection> parked;
        for (const auto& d : found)
            if (d.kind == vision::Kind::vehicle && foreground.share(pixels_of(d)) < kMoves)
                parked.push_back(d);
        if (!cover_.has(Subject::vehicles))
            std::erase_if(found, [](const auto& d) { return d.kind == vision::Kind::vehicle; });
        if (!cover_.has(Subject::plates)) return {};
        TRY_STATUS(plates_.add(frame, parked));
        for (const auto& d : parked)
            if (d.kind == vision::Kind::plate) found.push_back(d);
        return {};
    }

    // A pillar looks like a person from afar. What is doubtful, and moves nothing in the picture, gets a
    // second look in a square of its own; there true persons score high and pillars vanish. The answer holds
    // for a while, since what moves nothing stays.
    Status look_closer(const image::RawFrame& frame, std::vector<vision::Detection>& found,
                       const vision::Plate& plate, const image::Mask& foreground) {
        const Micros now = frame.when().time;
        std::erase_if(answers_, [&](const Answer& a) {
            const Micros age = now - a.when;
            return age >= kAnswerHolds &&
                   (age >= kAnswerHoldsStill || plate.changed(pixels_of(a.box), age) > kStill);
        });
        int looks = 0;
        for (auto& d : found) {
            if (d.kind != vision::Kind::person || d.score >= kSure) continue;
            if (foreground.share(pixels_of(d)) >= kMoves) continue;
            if (pixels_of(d).area() < kLargePart * whole_.area() &&
                plate.changed(pixels_of(d), kCalmFor) > kCalm)
                continue;
            // In front of proven background that shows there is nothing to find out.
            if (plate.proven_share(pixels_of(d)) > kProven && !plate.wants_inspection(pixels_of(d)) &&
                foreground.share(pixels_of(d)) < kShows)
                continue;
            const auto known = std::find_if(answers_.begin(), answers_.end(), [&](const Answer& a) {
                return vision::intersection_over_union(a.box, d) >= kSameBox;
            });
            if (known != answers_.end()) {
                d.score = known->score;
            } else if (looks < kMostSecondLooks) {
                ++looks;
                const vision::Detection asked = d;
                const float score = TRY(score_from_near(frame, asked));
                d.score = score < kHeardNear ? 0 : score;
                answers_.push_back({asked, d.score, now});
            }
        }
        std::erase_if(found,
                      [](const auto& d) { return d.kind == vision::Kind::person && d.score < kHeard; });
        return {};
    }

    Result<float> score_from_near(const image::RawFrame& frame, const vision::Detection& d) {
        float best = 0;
        image::Rect before{};
        for (const float times : kSquares) {
            const image::Rect square = square_around(d, times);
            if (square == before) break;
            before = square;
            const auto found = TRY(detectors_.bodies(frame.raw(), square));
            for (const auto& closer : found)
                if (closer.kind == d.kind && vision::intersection_over_union(closer, d) >= kSameThing)
                    best = std::max(best, closer.score);
            if (best >= kSure) break;
        }
        return best;
    }

    image::Rect square_around(const vision::Detection& d, float times) const {
        const float largest = std::max(d.width, d.height);
        const int side = std::min(
            {static_cast<int>(std::max(kLeastSquare, times * largest)), whole_.width, whole_.height});
        const int x = static_cast<int>(d.x + d.width / 2) - side / 2,
                  y = static_cast<int>(d.y + d.height / 2) - side / 2;
        return {std::clamp(x, 0, whole_.width - side), std::clamp(y, 0, whole_.height - side), side, side};
    }

    bool waits(Part& part, Micros now, const vision::Plate& plate, const image::Mask& foreground) {
        if (!plate.wants_inspection(part.where)) return false;
        if (!part.stirred || foreground.share(part.where) > 0 || plate.changed(part.where, kLately) > kStirs)
            part.stirred = now;
        return now - *part.stirred < kPatience || now - part.looked >= kSeldom;
    }

    Part* next_tile(Micros now, const vision::Plate& plate, const image::Mask& foreground) {
        for (std::size_t i = 0; i < tiles_.size(); ++i) {
            auto& tile = tiles_[turn_++ % tiles_.size()];
            if (waits(tile, now, plate, foreground)) return &tile;
        }
        return nullptr;
    }

    struct Answer {
        vision::Detection box;
        float score;
        Micros when;
    };

    const image::Rect whole_;
    Part all_;
    const Subjects cover_;
    vision::Detectors& detectors_;
    const Pace pace_;
    double slowed_ = 1;
    PlateFinder plates_;
    Micros rest_until_{};  // of media time, which is a live camera's real time
    std::vector<Part> tiles_;
    bool whole_proves_ = false;
    Micros next_whole_{}, next_tile_{};
    std::vector<Answer> answers_;
    std::size_t turn_ = 0;
    unsigned looks_ = 0;
};

class RecordingInspector final : public Inspector {
  public:
    RecordingInspector(std::unique_ptr<Inspector> inner, InspectionLog& log)
        : inner_{std::move(inner)}, log_{log} {}
    Result<std::vector<Inspection>> inspect(const image::RawFrame& frame, const vision::Plate* plate,
                                            const image::Mask& foreground) override {
        auto result = inner_->inspect(frame, plate, foreground);
        log_.frames.push_back(result ? std::optional{*result} : std::nullopt);
        return result;
    }

  private:
    std::unique_ptr<Inspector> inner_;
    InspectionLog& log_;
};

class ReplayingInspector final : public Inspector {
  public:
    explicit ReplayingInspector(const InspectionLog& log) : log_{log} {}
    Result<std::vector<Inspection>> inspect(const image::RawFrame&, const vision::Plate*,
                                            const image::Mask&) override {
        if (next_ >= log_.frames.size())
            return fail(ErrorKind::internal, "frame {} was not there in the first pass", next_ + 1);
        const auto& seen = log_.frames[next_++];
        if (!seen) return fail(ErrorKind::internal, "the detectors failed at frame {}", next_);
        return *seen;
    }

  private:
    const InspectionLog& log_;
    std::size_t next_ = 0;
};

}  // namespace

std::unique_ptr<Inspector> make_live_inspector(image::Size size, Subjects cover, vision::Detectors& detectors,
                                               Pace pace) {
    return std::make_unique<LiveInspector>(size, cover, detectors, pace);
}
std::unique_ptr<Inspector> make_recording_inspector(std::unique_ptr<Inspector> inner, InspectionLog& log) {
    return std::make_unique<RecordingInspector>(std::move(inner), log);
}
std::unique_ptr<Inspector> make_replaying_inspector(const InspectionLog& log) {
    return std::make_unique<ReplayingInspector>(log);
}

}  // namespace passerby::redact
