#include "redact/engine.h"

#include "base/log.h"
#include "redact/delay_line.h"
#include "redact/moving_inspector.h"

namespace passerby::redact {

namespace {

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
        return {.hold = kHoldMoving,
                .reach_back = std::min(look_ahead, kReachBackMoving),
                .bridge = look_ahead};
    return {.hold = kHoldFixed, .reach_back = std::min(look_ahead, kReachBackFixed), .bridge = look_ahead};
}

std::unique_ptr<Inspector> inspector_for(const Engine::Options& options, const Policy& policy,
                                         vision::Detectors* detectors) {
    if (!detectors) return std::make_unique<AbsentInspector>();
    if (policy.scene == Scene::moving)
        return make_moving_inspector(options.size, policy.cover, *detectors, Effort::live,
                                     options.detector_share);
    return make_live_inspector(options.size, policy.cover, *detectors, options.detector_share);
}

class FrameEngine final : public Engine {
  public:
    FrameEngine(Options options, Policy policy, std::unique_ptr<Inspector> inspector,
                std::optional<vision::Plate> plate)
        : size_{options.size},
          analyst_{options.size, std::move(plate), std::move(inspector),
                   track_rules(policy.scene, options.look_ahead)},
          line_{options.size, policy, options.look_ahead},
          emergency_{policy.style} {}

    std::vector<CoveredFrame> push(image::RawFrame frame) override {
        if (frame.size() != size_) return cover_wholly(frame, "the picture has another size than the stream");
        Evidence evidence{image::Mask{}, image::Mask{}, 0, {}};
        try {
            evidence = analyst_.look(frame);
        } catch (const std::exception& e) {
            evidence = {image::Mask{size_, vision::cell_for(size_)},
                        image::Mask{size_, vision::cell_for(size_)}, 0,
                        fmt::format("the engine failed: {}", e.what())};
        }
        line_.push(std::move(frame), std::move(evidence));
        return drain(false);
    }

    std::vector<CoveredFrame> finish() override { return drain(true); }

  private:
    std::vector<CoveredFrame> drain(bool flush) {
        std::vector<CoveredFrame> out;
        while (auto covered = line_.pop(analyst_.tracks(), flush)) out.push_back(std::move(*covered));
        return out;
    }

    // Frames keep their order: those that wait go first.
    std::vector<CoveredFrame> cover_wholly(const image::RawFrame& frame, std::string why) {
        auto out = drain(true);
        out.push_back({emergency_.paint_wholly(frame), {1, 0, std::move(why)}});
        return out;
    }

    const image::Size size_;
    Analyst analyst_;
    DelayLine line_;
    Painter emergency_;
};

}  // namespace

Result<std::unique_ptr<Engine>> Engine::create(Options options, Policy policy, vision::Detectors* detectors) {
    auto inspector = inspector_for(options, policy, detectors);
    std::optional<vision::Plate> plate;
    if (policy.scene == Scene::fixed)
        plate.emplace(options.size, vision::cell_for(options.size), vision::PlateRules{});
    return create(options, std::move(policy), std::move(inspector), std::move(plate));
}

Result<std::unique_ptr<Engine>> Engine::create(Options options, Policy policy,
                                               std::unique_ptr<Inspector> inspector,
                                               std::optional<vision::Plate> plate) {
    if (options.size.width < 16 || options.size.height < 16)
        return fail(ErrorKind::invalid,
                    "a picture of {} x {} is too small to cover; at least 16 x 16 are needed",
                    options.size.width, options.size.height);
    return std::make_unique<FrameEngine>(options, std::move(policy), std::move(inspector), std::move(plate));
}

}  // namespace passerby::redact
