#include "camera/pipeline.h"

#include <utility>

#include <pthread.h>
#include <sys/eventfd.h>

#include "camera/detector_pace.h"
#include "camera/fragment_sender.h"
#include "camera/live_edge.h"
#include "camera/scene_news.h"
#include "redact/scene_picture.h"
#include "vision/load_detectors.h"

namespace passerby::camera {

namespace {

// A camera shares the machine with others: its detectors rest as long as they worked, the cover waits for
// them.
constexpr double kDetectorShare = 0.5;

void name_thread(const char* name) {
    ::pthread_setname_np(::pthread_self(), name);
}
}  // namespace

Result<std::unique_ptr<Pipeline>> Pipeline::start(Start start, Channel& channel, const Clock& clock) {
    Fd end_event{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!end_event) return fail_errno(errno, "cannot make an event for the pipeline's end");
    std::unique_ptr<Pipeline> pipeline{new Pipeline{std::move(start), channel, clock, std::move(end_event)}};
    pipeline->decode_thread_ = std::jthread{[p = pipeline.get()] { p->decode(); }};
    return pipeline;
}

Pipeline::Pipeline(Start start, Channel& channel, const Clock& clock, Fd end_event)
    : start_{std::move(start)}, channel_{channel}, clock_{clock}, end_event_{std::move(end_event)} {}

Pipeline::~Pipeline() {
    stop();
    // It starts the other two.
    if (decode_thread_.joinable()) decode_thread_.join();
}

void Pipeline::stop() {
    stopping_ = true;
    const std::lock_guard lock{reader_mutex_};
    if (reader_) reader_->interrupt();
}

void Pipeline::decode() {
    name_thread("decode");
    if (const auto opened = open(); !opened) {
        if (stopping_)
            tell_end(End::stopped, std::nullopt);
        else
            tell_end(End::camera_lost, opened.error());
        return;
    }
    redact_thread_ = std::jthread{[this] { redact(); }};
    encode_thread_ = std::jthread{[this] { encode(); }};
    opened_ = true;
    const auto read = read_all();
    if (sealer_) sealer_->finish();
    // There is little time, and what waits here is half a second at most.
    if (stopping_ && start_.realtime) raw_->clear();
    if (!read && !stopping_) stream_error_ = read.error();
    raw_->stop();
}

Status Pipeline::open() {
    media::ReadOptions options;
    options.realtime = start_.realtime;
    options.passes = start_.loop ? 0 : 1;
    options.transport = start_.transport;
    options.user = start_.user;
    options.password = start_.password;
    options.threads = 1;
    options.keep_packets = start_.quiet == Quiet::keep && start_.policy.scene == redact::Scene::fixed;
    if (start_.originals) {
        sealer_ = std::make_unique<Sealer>(start_, channel_, clock_);
        options.originals = sealer_->originals();
    }
    if (start_.audio) {
        sound_ = std::make_unique<media::Sound>();
        options.sound = sound_.get();
    }
    auto reader = TRY(media::VideoReader::open(start_.url, options));
    if (sound_ && sound_->rate() == 0)
        channel_.log(LogLevel::warning,
                     "audio is to be kept, and this camera sends none that can be decoded");
    info_ = reader->info();
    if (options.keep_packets && !info_.sets && !info_.unkept.empty())
        channel_.log(LogLevel::info, "quiet pictures are encoded, since " + one_line(info_.unkept));
    {
        const std::lock_guard lock{reader_mutex_};
        reader_ = std::move(reader);
    }
    // Only now: a camera that is not there must not cost the loading of models every few seconds.
    if (auto loaded =
            vision::load_detectors({start_.models_folder, start_.threads, start_.provider, start_.models})) {
        detectors_ = std::move(*loaded);
    } else {
        no_detectors_ = one_line(loaded.error().message);
        channel_.log(LogLevel::error,
                     "the whole picture is covered, since there are no detectors: " + no_detectors_);
    }
    const double rate = info_.frame_rate.value();
    engine_ = TRY(
        redact::Engine::create({info_.size, rate, start_.look_ahead, start_.realtime ? kDetectorShare : 1},
                               start_.policy, detectors_.get()));
    FrameQueue::Options queue;
    queue.drop = start_.realtime;
    queue.limit = FrameQueue::limit_for(info_.size, rate);
    queue.hole = FrameQueue::hole_for(rate);
    raw_ = std::make_unique<FrameQueue>(queue);
    return {};
}

// Always ends with an error: a camera's stream is not to end.
Status Pipeline::read_all() {
    LiveEdge edge;
    // While the stream is not live yet, the newest frame: the next one may come at once and take its place.
    std::vector<image::RawFrame> newest;
    Micros newest_taken{};
    while (!stopping_) {
        auto [frame, damage] = TRY(read());
        const Micros now = clock_.monotonic();
        if (start_.realtime && !edge.reached(frame.when().time, now)) {
            newest.assign(1, std::move(frame));
            newest_taken = now;
            continue;
        }
        for (auto& earlier : newest) raw_->push(std::move(earlier), newest_taken, {});
        newest.clear();
        if (!raw_->push(std::move(frame), now, damage)) break;
    }
    return fail(ErrorKind::cancelled, "stopped");
}

Result<std::pair<image::RawFrame, std::string>> Pipeline::read() {
    auto frame = TRY(reader_->read());
    if (!frame)
        return fail(ErrorKind::unavailable, "the stream of '{}' has ended", without_secrets(start_.url));
    const auto& gaps = reader_->gaps();
    auto damage = gaps.size() > gaps_seen_ ? gaps.back().cause : std::string{};
    gaps_seen_ = gaps.size();
    if (!damage.empty()) channel_.log(LogLevel::warning, "a stretch did not decode: " + damage);
    return std::pair{std::move(*frame), std::move(damage)};
}

void Pipeline::redact() {
    name_thread("redact");
    const auto pass_on = [this](std::vector<redact::CoveredFrame> frames) {
        for (auto& frame : frames)
            if (!covered_.push(std::move(frame))) return false;
        return true;
    };
    std::optional<SceneNews> scene;
    if (start_.policy.approval == redact::Approval::required) scene.emplace(channel_, clock_);
    std::optional<ActivityReport> activity;
    if (start_.policy.count)
        activity.emplace(
            *start_.policy.count, [this](const Activity& told) { return channel_.send(told); }, clock_);
    DetectorPace pace;
    bool wanted = true;
    while (wanted) {
        auto frame = raw_->pop();
        if (!frame) break;
        if (start_.realtime) {
            detector_pace_ = pace.next(raw_->filled(), clock_.monotonic());
            engine_->slow_detectors(detector_pace_);
        }
        hear_orders(activity ? &*activity : nullptr);
        if (scene) scene->tell(*engine_);
        wanted = pass_on(engine_->push(std::move(*frame)));
        // A server that is gone is noticed by the encoder's thread.
        if (activity) static_cast<void>(activity->tell(*engine_));
    }
    if (activity) static_cast<void>(activity->finish(*engine_));
    if (wanted) pass_on(engine_->finish());
    covered_.stop();
}

void Pipeline::approve(Approvals approvals) {
    const std::lock_guard lock{orders_mutex_};
    approvals_ = std::move(approvals);
}

void Pipeline::set_masks(Masks masks) {
    const std::lock_guard lock{orders_mutex_};
    masks_ = std::move(masks);
}

void Pipeline::set_places(Places places) {
    const std::lock_guard lock{orders_mutex_};
    places_ = std::move(places);
}

void Pipeline::hear_orders(ActivityReport* activity) {
    std::optional<Approvals> approvals;
    std::optional<Masks> masks;
    std::optional<Places> places;
    {
        const std::lock_guard lock{orders_mutex_};
        approvals = std::exchange(approvals_, std::nullopt);
        masks = std::exchange(masks_, std::nullopt);
        places = std::exchange(places_, std::nullopt);
    }
    if (places && activity) static_cast<void>(activity->set_places(*engine_, std::move(places->drawn)));
    if (masks) engine_->set_masks(std::move(masks->polygons));
    if (approvals) hear(*std::move(approvals));
}

void Pipeline::hear(Approvals approvals) {
    // First of all: whatever goes wrong from here on leaves less approved.
    engine_->withdraw_approval();
    for (const auto& picture : approvals.pictures) {
        auto scene = redact::scene_from_png(picture.png, info_.size);
        if (!scene) {
            channel_.log(LogLevel::error, "an approved picture counts for nothing: " + scene.error().message);
            continue;
        }
        image::Mask refused{scene->of, scene->cell};
        for (const auto& part : picture.refused) refused.set(part);
        scene->refuse(refused);
        engine_->approve(std::move(*scene));
    }
}

void Pipeline::encode() {
    name_thread("encode");
    const auto sent = encode_all();
    if (!sent) {
        // Nobody takes the frames any more: the stages before must not wait for us.
        stop();
        raw_->stop();
        covered_.stop();
    }
    if (!sent)
        tell_end(End::failed, sent.error());
    else
        tell_end(stream_error_ ? End::camera_lost : End::stopped, stream_error_);
}

Status Pipeline::encode_all() {
    FragmentSender sender{start_, info_,        no_detectors_,  channel_,
                          *raw_,  sound_.get(), detector_pace_, clock_};
    while (auto frame = covered_.pop()) TRY_STATUS(sender.write(*frame));
    return sender.finish();
}

void Pipeline::tell_end(End end, const std::optional<Error>& why) {
    end_ = end;
    if (why && !channel_.send(Failure{why->kind, one_line(without_secrets(why->message))}))
        end_ = End::server_gone;
    ::eventfd_write(end_event_.get(), 1);
}

}  // namespace passerby::camera
