#include "redact/inspector.h"

#include <algorithm>
#include <cmath>

#include "vision/suppress.h"

namespace passerby::redact {

namespace {

// At less than this scale the body detector misses persons 40 pixels tall.
constexpr float kLeastScale = 0.5F;
// Detections below this neither cover nor keep a place from being proven.
constexpr float kHeard = 0.25F, kHeardMoving = 0.2F;
// In a fixed scene a face is foreground like the rest of its person: only a sure one keeps a place from being
// proven.
constexpr float kHeardFace = 0.5F;
constexpr float kHeardVehicle = 0.4F;
// A plate is 0.52 m of a car's 1.8 m. On a car narrower than this (pixels) its characters are less than five
// wide.
constexpr float kPlateReadable = 120;
// The second look: below this score, where less than this share of the box is foreground, in a square so many
// times the box and at least so many pixels, at most so many a time; the same thing is found when the boxes
// overlap by this.
constexpr float kSure = 0.6F, kSquare = 1.6F, kLeastSquare = 96, kSameThing = 0.3F;
constexpr double kMoves = 0.25, kShows = 0.02;
constexpr int kMostSecondLooks = 3;
constexpr float kSameBox = 0.7F;
constexpr Micros kAnswerHolds = std::chrono::milliseconds{900};
constexpr Micros kWholeEvery = std::chrono::milliseconds{250};
constexpr Micros kWholeEveryQuiet = std::chrono::milliseconds{1000};
constexpr Micros kTileEvery = std::chrono::milliseconds{120};

image::Rect pixels_of(const vision::Detection& d) {
    return {static_cast<int>(d.x), static_cast<int>(d.y), static_cast<int>(d.width) + 1,
            static_cast<int>(d.height) + 1};
}

// Squares that overlap by a fifth or more and fill the picture.
std::vector<image::Rect> tiles(image::Size size, int side) {
    const auto along = [side](int length) {
        std::vector<int> at;
        const int n = length <= side ? 1 : static_cast<int>(std::ceil((length - side) / (0.8 * side))) + 1;
        for (int i = 0; i < n; ++i) at.push_back(n == 1 ? 0 : (length - side) * i / (n - 1));
        return at;
    };
    std::vector<image::Rect> out;
    for (const int y : along(size.height))
        for (const int x : along(size.width)) out.push_back(image::clip({x, y, side, side}, size));
    return out;
}

class LiveInspector final : public Inspector {
  public:
    LiveInspector(image::Size size, Scene scene, vision::Detectors& detectors, double share)
        : whole_{0, 0, size.width, size.height}, scene_{scene}, detectors_{detectors}, share_{share} {
        const auto network = static_cast<float>(detectors.side_for_persons());
        const float scale = network / static_cast<float>(std::max(size.width, size.height));
        whole_proves_ = scale >= kLeastScale;
        if (!whole_proves_) tiles_ = tiles(size, static_cast<int>(network / kLeastScale * 0.75F));
    }

    Result<std::vector<Inspection>> inspect(const image::RawFrame& frame, const vision::Plate* plate,
                                            const image::Mask& foreground) override {
        std::vector<Inspection> done;
        const Micros now = frame.when().time;
        if (now < rest_until_) return done;
        const Micros began = system_clock().monotonic();
        const bool moving = scene_ == Scene::moving;
        const bool waiting = plate && plate->wants_inspection(whole_);
        if (moving || now >= next_whole_) {
            done.push_back(TRY(look(frame, whole_, whole_proves_, plate, foreground)));
            next_whole_ = now + (waiting || foreground.any() ? kWholeEvery : kWholeEveryQuiet);
        }
        if (!tiles_.empty() && (moving || (waiting && now >= next_tile_))) {
            if (const auto* tile = next_tile(plate)) {
                done.push_back(TRY(look(frame, *tile, true, plate, foreground)));
                next_tile_ = now + kTileEvery;
            }
        }
        if (share_ < 1) {
            const auto spent = std::chrono::duration<double, std::micro>(system_clock().monotonic() - began);
            rest_until_ = now + std::chrono::duration_cast<Micros>(spent / share_);
        }
        return done;
    }

  private:
    Result<Inspection> look(const image::RawFrame& frame, image::Rect where, bool proves,
                            const vision::Plate* plate, const image::Mask& foreground) {
        Inspection inspection{where, proves, TRY(detectors_.bodies(frame.raw(), where))};
        for (const auto& face : TRY(detectors_.faces(frame.raw(), where))) {
            // The box spans brow to chin; a head is larger.
            inspection.found.push_back({vision::Kind::face, face.score, face.x - 0.35F * face.width,
                                        face.y - 0.5F * face.height, 1.7F * face.width, 1.8F * face.height});
        }
        const bool moving = scene_ == Scene::moving;
        const float heard = moving ? kHeardMoving : kHeard, heard_face = moving ? kHeardMoving : kHeardFace;
        std::erase_if(inspection.found, [&](const auto& d) {
            if (d.kind == vision::Kind::vehicle) return d.score < kHeardVehicle || d.width < kPlateReadable;
            return d.score < (d.kind == vision::Kind::face ? heard_face : heard);
        });
        if (plate) TRY_STATUS(look_closer(frame, inspection.found, *plate, foreground));
        return inspection;
    }

    // A pillar looks like a person from afar. What is doubtful, and moves nothing in the picture, gets a
    // second look in a square of its own; there true persons score high and pillars vanish. The answer holds
    // for a while, since what moves nothing stays.
    Status look_closer(const image::RawFrame& frame, std::vector<vision::Detection>& found,
                       const vision::Plate& plate, const image::Mask& foreground) {
        const Micros now = frame.when().time;
        std::erase_if(answers_, [&](const Answer& a) { return now >= a.until; });
        int looks = 0;
        for (auto& d : found) {
            if (d.kind != vision::Kind::person || d.score >= kSure) continue;
            if (foreground.share(pixels_of(d)) >= kMoves) continue;
            // In front of proven background that shows there is nothing to find out.
            if (!plate.wants_inspection(pixels_of(d)) && foreground.share(pixels_of(d)) < kShows) continue;
            const auto known = std::find_if(answers_.begin(), answers_.end(), [&](const Answer& a) {
                return vision::intersection_over_union(a.box, d) >= kSameBox;
            });
            if (known != answers_.end()) {
                d.score = known->score;
            } else if (looks < kMostSecondLooks) {
                ++looks;
                const vision::Detection asked = d;
                d.score = TRY(score_from_near(frame, asked));
                answers_.push_back({asked, d.score, now + kAnswerHolds});
            }
        }
        std::erase_if(found,
                      [](const auto& d) { return d.kind == vision::Kind::person && d.score < kHeard; });
        return {};
    }

    Result<float> score_from_near(const image::RawFrame& frame, const vision::Detection& d) {
        float best = 0;
        for (const auto& closer : TRY(detectors_.bodies(frame.raw(), square_around(d))))
            if (closer.kind == d.kind && vision::intersection_over_union(closer, d) >= kSameThing)
                best = std::max(best, closer.score);
        return best;
    }

    image::Rect square_around(const vision::Detection& d) const {
        const float largest = std::max(d.width, d.height);
        const int side = std::min(
            {static_cast<int>(std::max(kLeastSquare, kSquare * largest)), whole_.width, whole_.height});
        const int x = static_cast<int>(d.x + d.width / 2) - side / 2,
                  y = static_cast<int>(d.y + d.height / 2) - side / 2;
        return {std::clamp(x, 0, whole_.width - side), std::clamp(y, 0, whole_.height - side), side, side};
    }

    const image::Rect* next_tile(const vision::Plate* plate) {
        for (std::size_t i = 0; i < tiles_.size(); ++i) {
            const auto& tile = tiles_[turn_++ % tiles_.size()];
            if (!plate || plate->wants_inspection(tile)) return &tile;
        }
        return nullptr;
    }

    struct Answer {
        vision::Detection box;
        float score;
        Micros until;
    };

    const image::Rect whole_;
    const Scene scene_;
    vision::Detectors& detectors_;
    const double share_;
    Micros rest_until_{};  // of media time, which is a live camera's real time
    std::vector<image::Rect> tiles_;
    bool whole_proves_ = false;
    Micros next_whole_{}, next_tile_{};
    std::vector<Answer> answers_;
    std::size_t turn_ = 0;
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

std::unique_ptr<Inspector> make_live_inspector(image::Size size, Scene scene, vision::Detectors& detectors,
                                               double share) {
    return std::make_unique<LiveInspector>(size, scene, detectors, share);
}
std::unique_ptr<Inspector> make_recording_inspector(std::unique_ptr<Inspector> inner, InspectionLog& log) {
    return std::make_unique<RecordingInspector>(std::move(inner), log);
}
std::unique_ptr<Inspector> make_replaying_inspector(const InspectionLog& log) {
    return std::make_unique<ReplayingInspector>(log);
}

}  // namespace passerby::redact
