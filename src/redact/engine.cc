#include "redact/engine.h"

#include <algorithm>

#include "redact/delay_line.h"
#include "redact/moving_inspector.h"

namespace passerby::redact {

namespace {

constexpr Micros kLongestLookAhead = std::chrono::seconds{10};
constexpr int kLeast = 16, kMost = 16384;  // pixels a side; H.264 has no larger ones
constexpr Micros kHoldFixed = std::chrono::milliseconds{400},
                 kReachBackFixed = std::chrono::milliseconds{300};
// In a moving scene nothing else knows where somebody came from or went to.
constexpr Micros kHoldMoving = std::chrono::milliseconds{900},
                 kReachBackMoving = std::chrono::milliseconds{700};

// Stands in where there are no models: nobody looked, so nothing may be shown.
class AbsentInspector final : public Inspector {
  public:
    Result<std::vector<Inspection>> inspect(const image::RawFrame&, const vision::Plate*,
                                            const image::Mask&) override {
        return fail(ErrorKind::unavailable,
                    "there are no models to look for persons; set up again with './run build'");
    }
};

// Behind a proven plate tracks only bridge the time between two inspections; without one they are all there
// is.
vision::TrackRules track_rules(Scene scene, Micros look_ahead) {
    if (scene == Scene::moving)
        return {
            .hold = kHoldMoving, .reach_back = std::min(look_ahead, kReachBackMoving), .bridge = look_ahead};
    return {.hold = kHoldFixed, .reach_back = std::min(look_ahead, kReachBackFixed), .bridge = look_ahead};
}

std::unique_ptr<Inspector> inspector_for(const Engine::Options& options, const Policy& policy,
                                         vision::Detectors* detectors) {
    if (!detectors) return std::make_unique<AbsentInspector>();
    if (policy.scene == Scene::moving)
        return make_moving_inspector(options.size, policy.cover, *detectors, Effort::live,
                                     options.detector_share);
    return make_live_inspector(options.size, policy.cover, *detectors, {.share = options.detector_share});
}

// So many frames wait at most, should time not go on. A stream may well have more of them than its rate says.
std::size_t most_waiting(const Engine::Options& options) {
    constexpr double kFastest = 240;
    constexpr std::int64_t kMostBytes = std::int64_t{512} << 20;
    const double look_ahead = std::chrono::duration<double>(options.look_ahead).count();
    const auto expected =
        static_cast<std::int64_t>(1.5 * look_ahead * std::min(options.frame_rate, kFastest)) + 2;
    const auto most = static_cast<std::int64_t>(look_ahead * kFastest) + 8;
    const auto bytes = std::int64_t{options.size.width} * options.size.height * 3 / 2;
    return static_cast<std::size_t>(std::max(expected, std::min(most, kMostBytes / bytes)));
}

// Time for those who reason about the past: it never goes back, whatever the stream's does.
class SteadyTime {
  public:
    explicit SteadyTime(double frame_rate) : step_{static_cast<std::int64_t>(1e6 / frame_rate)} {}

    Micros of(Micros time) {
        went_back_ = last_ && !begins_ && time < *last_;
        if (last_ && (begins_ || went_back_)) offset_ += *last_ - time + step_;
        begins_ = false;
        last_ = time;
        return time + offset_;
    }
    void begin_again() { begins_ = true; }
    bool went_back() const { return went_back_; }

  private:
    const Micros step_;
    Micros offset_{};
    std::optional<Micros> last_;
    bool begins_ = false, went_back_ = false;
};

// Nothing that goes wrong here may lose a frame or show it: what is needed to cover frames wholly is made in
// advance.
class FrameEngine final : public Engine {
  public:
    FrameEngine(Options options, Policy policy, std::unique_ptr<Inspector> inspector,
                std::optional<vision::Plate> plate)
        : options_{options},
          policy_{std::move(policy)},
          most_{most_waiting(options)},
          wholly_{std::make_shared<const image::SafeFrame>(
              Painter{policy_.style}.paint_wholly(options.size, image::FrameTime{}))},
          analyst_{options.size, std::move(plate), std::move(inspector),
                   track_rules(policy_.scene, options.look_ahead)},
          time_{options.frame_rate} {
        inside_.reserve(most_ + 1);
        spare_.reserve(most_ + 1);
        if (policy_.approval == Approval::required) analyst_.require_approval();
        if (policy_.count) analyst_.count();
        if (auto* footfall = analyst_.footfall()) footfall->set_masks(policy_.masks);
    }

    void set_masks(std::vector<Polygon> masks) override {
        policy_.masks = std::move(masks);
        try {
            if (auto* footfall = analyst_.footfall()) footfall->set_masks(policy_.masks);
            if (line_) line_->set_masks(policy_.masks);
        } catch (const std::exception&) {
            line_.reset();  // the frames in it come out wholly covered
        }
    }
    void set_places(std::vector<vision::Place> places) override {
        if (auto* footfall = analyst_.footfall()) footfall->set_places(std::move(places));
    }
    std::vector<vision::PlaceCounts> take_counts() override {
        auto* footfall = analyst_.footfall();
        return footfall ? footfall->take() : std::vector<vision::PlaceCounts>{};
    }
    void slow_detectors(double pace) override { analyst_.slow_detectors(pace); }
    void approve(image::ScenePicture picture) override {
        if (auto* approval = analyst_.approval()) approval->add(std::move(picture));
    }
    void withdraw_approval() override {
        if (auto* approval = analyst_.approval()) approval->withdraw();
    }
    std::optional<image::SafeFrame> scene() const override {
        if (!analyst_.plate()) return std::nullopt;
        image::Mask masked{options_.size, vision::cell_for(options_.size)};
        for (const auto& polygon : policy_.masks) masked.set(polygon);
        return Painter::paint_scene(*analyst_.plate(), masked);
    }

    std::vector<CoveredFrame> push(image::RawFrame frame) override {
        const image::FrameTime when = frame.when();
        inside_.push_back(when);
        std::vector<CoveredFrame> out;
        if (!room_for_all(out)) {
            line_.reset();  // this frame should be in it
            return out;
        }
        guard(out, [&] {
            frame = frame.shown_at({when.ticks, time_.of(when.time)});
            check_none_is_owed(1);
            take(std::move(frame));
            drain(out, false);
        });
        restock();
        return out;
    }

    std::vector<CoveredFrame> finish() override {
        std::vector<CoveredFrame> out;
        if (!room_for_all(out)) return out;
        guard(out, [&] {
            check_none_is_owed(0);
            drain(out, true);
        });
        time_.begin_again();
        restock();
        return out;
    }

  private:
    bool room_for_all(std::vector<CoveredFrame>& out) {
        out = std::exchange(spare_, {});
        try {
            out.reserve(inside_.size());
            return true;
        } catch (const std::bad_alloc&) {
            return false;
        }
    }
    // For the next answer, while there is memory.
    void restock() {
        try {
            spare_.reserve(most_ + 1);
        } catch (const std::bad_alloc&) {
        }
    }
    // Without a line nothing waits but the `newest`, or there was no room for an answer.
    void check_none_is_owed(std::size_t newest) const {
        if (!line_ && inside_.size() > newest) throw std::bad_alloc{};
    }

    template <class Work>
    void guard(std::vector<CoveredFrame>& out, Work work) {
        try {
            work();
        } catch (const std::bad_alloc&) {
            cover_all_that_wait(out, "out of memory");
        } catch (const std::exception& e) {
            cover_all_that_wait(out, e.what());
        } catch (...) {
            cover_all_that_wait(out, "unknown exception");
        }
    }

    void take(image::RawFrame frame) {
        std::string doubt;
        if (!line_) {
            line_.emplace(options_.size, policy_, options_.look_ahead);
            if (began_) doubt = "the engine failed at the frame before";
        }
        began_ = true;
        if (time_.went_back()) doubt = "the time of the frames went back";
        if (frame.size() != options_.size) {
            doubt = fmt::format("the picture has another size than the stream: {} x {}, not {} x {}",
                                frame.size().width, frame.size().height, options_.size.width,
                                options_.size.height);
            line_->push({wholly_->picture(), wholly_, frame.when()}, unknown(std::move(doubt)));
            return;
        }
        Evidence evidence = look(frame);
        if (evidence.doubt.empty()) evidence.doubt = std::move(doubt);
        line_->push(std::move(frame), std::move(evidence));
    }

    Evidence look(const image::RawFrame& frame) {
        try {
            return analyst_.look(frame);
        } catch (const std::bad_alloc&) {
            return unknown("the engine failed: out of memory");
        } catch (const std::exception& e) {
            return unknown(fmt::format("the engine failed: {}", e.what()));
        } catch (...) {
            return unknown("the engine failed: unknown exception");
        }
    }

    Evidence unknown(std::string doubt) const {
        const image::Mask nothing{options_.size, vision::cell_for(options_.size)};
        return {nothing, nothing, 0, std::move(doubt)};
    }

    void drain(std::vector<CoveredFrame>& out, bool flush) {
        while (line_) {
            const bool too_many = inside_.size() > most_;
            auto covered = line_->pop(analyst_.tracks(), flush || too_many);
            if (!covered) return;
            if (too_many && !flush) {
                covered->frame = *wholly_;
                covered->report.covered = 1;
                covered->report.doubt = "the time of the frames does not go on";
            }
            covered->frame = covered->frame.shown_at(inside_.front());
            out.push_back(std::move(*covered));
            inside_.erase(inside_.begin());
        }
    }

    // Needs no memory beyond what `out` has; the reason may be cut to what a string holds by itself.
    void cover_all_that_wait(std::vector<CoveredFrame>& out, const char* why) {
        line_.reset();
        for (const auto& when : inside_) {
            FrameReport report;
            try {
                report.doubt = fmt::format("the engine failed: {}", why);
            } catch (...) {
                report.doubt = "out of memory";
            }
            out.push_back({wholly_->shown_at(when), std::move(report)});
        }
        inside_.clear();
    }

    const Options options_;
    Policy policy_;
    const std::size_t most_;
    // What is shown where nothing may be; it stands in for pictures of another size, too.
    const std::shared_ptr<const image::SafeFrame> wholly_;
    Analyst analyst_;
    SteadyTime time_;
    std::optional<DelayLine> line_;         // none before the first frame and after a failure
    std::vector<image::FrameTime> inside_;  // of the frames that are in the line, or owed
    std::vector<CoveredFrame> spare_;       // room for an answer
    bool began_ = false;
};

}  // namespace

namespace {

Result<Engine::Options> checked(Engine::Options options) {
    const auto [width, height] = options.size;
    if (width < kLeast || height < kLeast)
        return fail(ErrorKind::invalid,
                    "a picture of {} x {} is too small to cover; at least {} x {} are needed", width, height,
                    kLeast, kLeast);
    if (width > kMost || height > kMost)
        return fail(ErrorKind::invalid,
                    "a picture of {} x {} is too large to cover; at most {} x {} can be written", width,
                    height, kMost, kMost);
    options.look_ahead = std::clamp<Micros>(options.look_ahead, Micros{0}, kLongestLookAhead);
    if (!(options.frame_rate >= 0.01 && options.frame_rate <= 1000)) options.frame_rate = 25;
    return options;
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::create(Options wanted, Policy policy, vision::Detectors* detectors) {
    const auto options = TRY(checked(wanted));
    auto inspector = inspector_for(options, policy, detectors);
    std::optional<vision::Plate> plate;
    if (policy.scene == Scene::fixed)
        plate.emplace(options.size, vision::cell_for(options.size), plate_rules(policy.approval));
    return create(options, std::move(policy), std::move(inspector), std::move(plate));
}

Result<std::unique_ptr<Engine>> Engine::create(Options wanted, Policy policy,
                                               std::unique_ptr<Inspector> inspector,
                                               std::optional<vision::Plate> plate) try {
    if (policy.approval == Approval::required && !plate)
        return fail(ErrorKind::invalid, "a moving scene has no background that could be approved");
    return std::make_unique<FrameEngine>(TRY(checked(wanted)), std::move(policy), std::move(inspector),
                                         std::move(plate));
} catch (const std::bad_alloc&) {
    return fail(ErrorKind::unavailable, "there is not enough memory to cover pictures of {} x {}",
                wanted.size.width, wanted.size.height);
}

}  // namespace passerby::redact
