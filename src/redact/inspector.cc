#include "redact/inspector.h"

#include <algorithm>
#include <cmath>

namespace passerby::redact {

namespace {

// The body detector's input is 416 pixels wide. At less than this scale it misses persons 40 pixels tall.
constexpr float kNetwork = 416;
constexpr float kLeastScale = 0.5F;
// Detections below this neither cover nor keep a place from being proven.
constexpr float kHeard = 0.25F, kHeardMoving = 0.2F;
constexpr Micros kWholeEvery = std::chrono::milliseconds{250};
constexpr Micros kWholeEveryQuiet = std::chrono::milliseconds{1000};
constexpr Micros kTileEvery = std::chrono::milliseconds{120};

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
    LiveInspector(image::Size size, Scene scene, vision::Detectors& detectors)
        : whole_{0, 0, size.width, size.height}, scene_{scene}, detectors_{detectors} {
        const float scale = kNetwork / static_cast<float>(std::max(size.width, size.height));
        whole_proves_ = scale >= kLeastScale;
        if (!whole_proves_) tiles_ = tiles(size, static_cast<int>(kNetwork / kLeastScale * 0.75F));
    }

    Result<std::vector<Inspection>> inspect(const image::RawFrame& frame, const vision::Plate* plate, bool busy) override {
        std::vector<Inspection> done;
        const Micros now = frame.when().time;
        const bool moving = scene_ == Scene::moving;
        const bool waiting = plate && plate->wants_inspection(whole_);
        if (moving || now >= next_whole_) {
            done.push_back(TRY(look(frame, whole_, whole_proves_)));
            next_whole_ = now + (busy || waiting ? kWholeEvery : kWholeEveryQuiet);
        }
        if (!tiles_.empty() && (moving || (waiting && now >= next_tile_))) {
            if (const auto* tile = next_tile(plate)) {
                done.push_back(TRY(look(frame, *tile, true)));
                next_tile_ = now + kTileEvery;
            }
        }
        return done;
    }

  private:
    Result<Inspection> look(const image::RawFrame& frame, image::Rect where, bool proves) {
        Inspection inspection{where, proves, TRY(detectors_.bodies(frame.raw(), where))};
        for (const auto& face : TRY(detectors_.faces(frame.raw(), where))) {
            // The box spans brow to chin; a head is larger.
            inspection.found.push_back({vision::Kind::face, face.score, face.x - 0.35F * face.width, face.y - 0.5F * face.height,
                                        1.7F * face.width, 1.8F * face.height});
        }
        const float heard = scene_ == Scene::moving ? kHeardMoving : kHeard;
        std::erase_if(inspection.found, [&](const auto& d) { return d.score < heard; });
        return inspection;
    }

    const image::Rect* next_tile(const vision::Plate* plate) {
        for (std::size_t i = 0; i < tiles_.size(); ++i) {
            const auto& tile = tiles_[turn_++ % tiles_.size()];
            if (!plate || plate->wants_inspection(tile)) return &tile;
        }
        return nullptr;
    }

    const image::Rect whole_;
    const Scene scene_;
    vision::Detectors& detectors_;
    std::vector<image::Rect> tiles_;
    bool whole_proves_ = false;
    Micros next_whole_{}, next_tile_{};
    std::size_t turn_ = 0;
};

class RecordingInspector final : public Inspector {
  public:
    RecordingInspector(std::unique_ptr<Inspector> inner, InspectionLog& log) : inner_{std::move(inner)}, log_{log} {}
    Result<std::vector<Inspection>> inspect(const image::RawFrame& frame, const vision::Plate* plate, bool busy) override {
        auto result = inner_->inspect(frame, plate, busy);
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
    Result<std::vector<Inspection>> inspect(const image::RawFrame&, const vision::Plate*, bool) override {
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

std::unique_ptr<Inspector> make_live_inspector(image::Size size, Scene scene, vision::Detectors& detectors) {
    return std::make_unique<LiveInspector>(size, scene, detectors);
}
std::unique_ptr<Inspector> make_recording_inspector(std::unique_ptr<Inspector> inner, InspectionLog& log) {
    return std::make_unique<RecordingInspector>(std::move(inner), log);
}
std::unique_ptr<Inspector> make_replaying_inspector(const InspectionLog& log) {
    return std::make_unique<ReplayingInspector>(log);
}

}  // namespace passerby::redact
