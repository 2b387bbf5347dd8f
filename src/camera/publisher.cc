#include "camera/publisher.h"

#include <utility>

#include "crypto/digest.h"

namespace passerby::camera {

namespace {

// The process has the same clock; it may have been set meanwhile.
constexpr Micros kSealedTolerance = std::chrono::minutes{2};

// Whose trouble it is when the process says that it must end.
std::string cause_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::corrupt:
            return "decoder";
        case ErrorKind::full:
        case ErrorKind::exists:
        case ErrorKind::internal:
            return "crash";
        case ErrorKind::invalid:
        case ErrorKind::not_found:
        case ErrorKind::denied:
        case ErrorKind::unavailable:
        case ErrorKind::cancelled:
            return "camera";
    }
    return "crash";
}

}  // namespace

Publisher::Publisher(std::string camera, Feed& feed, const Clock& clock)
    : feed_{feed}, clock_{clock}, log_{std::move(camera), clock} {
    status_.since = clock_.wall();
    feed_.publish({.status = std::make_shared<const CameraStatus>(status_)});
}

void Publisher::starting() {
    live_since_.reset();
    failure_said_ = false;
    stream_clock_ = {};
    status_.dropped = 0;
}

void Publisher::take(FromCamera message) {
    std::visit([this](auto& m) { take(std::move(m)); }, message);
}

void Publisher::take(Init&& init) {
    gap_.reset();
    status_.size = init.size;
    feed_.publish({.init = std::make_shared<const StreamInit>(
                       StreamInit{std::move(init.bytes), std::move(init.codec), init.size})});
}

void Publisher::take(Fragment&& f) {
    StreamFragment fragment;
    fragment.bytes = std::move(f.bytes);
    fragment.start = f.start;
    fragment.duration = f.duration;
    fragment.wall_start = stream_clock_.start_of(f.start, f.age, clock_.wall());
    fragment.frames = f.frames;
    fragment.keyframe = f.keyframe;
    fragment.covered = f.covered;
    fragment.kept = f.kept;
    feed_.publish({.fragment = std::make_shared<const StreamFragment>(std::move(fragment))});
    if (!live_since_) live_since_ = clock_.monotonic();
    if (status_.state != State::live) {
        log_.write(LogLevel::info, fmt::format("live, {}x{}", status_.size.width, status_.size.height));
        publish_status(State::live, "");
    }
}

void Publisher::take(Progress&& p) {
    p.doubt = without_secrets(p.doubt);
    const bool news = p.doubt != status_.doubt;
    status_.covered = p.covered;
    status_.proven = p.proven;
    status_.approved = p.approved;
    status_.fps = p.fps;
    status_.dropped = p.dropped;
    status_.pace = p.pace;
    status_.doubt = std::move(p.doubt);
    if (news || clock_.monotonic() - last_published_ >= kStatusEvery) publish_numbers();
}

void Publisher::take(Gap&& gap) {
    publish_gap(std::string{name(gap.cause)}, without_secrets(gap.detail));
}

void Publisher::take(Failure&& failure) {
    failure_said_ = true;
    lost(cause_of(failure.kind), failure.message);
}

void Publisher::take(Log&& line) {
    log_.write(line.level, line.text);
}

void Publisher::take(SceneNow&& scene) {
    auto hash = crypto::sha256_hex(scene.png);
    status_.scene = std::make_shared<const ProvenScene>(
        ProvenScene{std::move(scene.png), std::move(hash), clock_.wall()});
    publish_numbers();
}

void Publisher::take(Contained&& contained) {
    if (const auto& missing = contained.done.missing; !missing.empty())
        log_.write(LogLevel::warning, "its process is not wholly contained: " + missing);
    status_.contained = std::move(contained.done);
    publish_numbers();
}

void Publisher::take(Sealed&& sealed) {
    // It names the time itself, since its shares do. What it names must be of the present.
    const auto now = clock_.wall();
    if (sealed.to > now + kSealedTolerance || sealed.from < now - kSealedTolerance - std::chrono::minutes{10})
        return log_.write(LogLevel::error, "a sealed part names a time that is not now, and is not kept: " +
                                               to_iso8601(sealed.from));
    feed_.publish({.sealed = std::make_shared<const SealedPart>(
                       SealedPart{std::move(sealed.bytes), sealed.from, sealed.to})});
}

void Publisher::take(Activity&& told) {
    const auto now = clock_.wall();
    if (told.to > now + kSealedTolerance || told.to < now - kSealedTolerance)
        return log_.write(LogLevel::error,
                          "activity of a time that is not now is not kept: " + to_iso8601(told.to));
    feed_.publish({.activity = std::make_shared<const ActivityTold>(
                       ActivityTold{told.from, told.to, std::move(told.places)})});
}

void Publisher::lost(std::string cause, const std::string& error) {
    const auto said = without_secrets(error);
    log_.write(LogLevel::warning, said);
    publish_gap(std::move(cause), said);
    status_.covered = 1;
    status_.fps = status_.proven = status_.approved = 0;
    status_.scene.reset();
    status_.contained.reset();
    status_.doubt.clear();
    publish_status(State::unreachable, said);
}

void Publisher::stopped() {
    status_.covered = 1;
    status_.fps = status_.proven = status_.approved = 0;
    status_.scene.reset();
    status_.contained.reset();
    status_.doubt.clear();
    publish_status(State::off, "");
    gap_.reset();
    publish_gap("stop", "");
}

Micros Publisher::live_for() const {
    return live_since_ ? clock_.monotonic() - *live_since_ : Micros{0};
}

// One gap an interruption: each further attempt fails as well, maybe in other words.
void Publisher::publish_gap(std::string cause, std::string detail) {
    if (gap_ == cause) return;
    gap_ = cause;
    feed_.publish(
        {.gap = std::make_shared<const FeedEvent::Gap>(FeedEvent::Gap{std::move(cause), std::move(detail)})});
}

void Publisher::publish_status(State state, std::string error) {
    if (status_.state == state && status_.error == error) return;
    if (status_.state != state) status_.since = clock_.wall();
    status_.state = state;
    status_.error = std::move(error);
    publish_numbers();
}

void Publisher::publish_numbers() {
    last_published_ = clock_.monotonic();
    feed_.publish({.status = std::make_shared<const CameraStatus>(status_)});
}

}  // namespace passerby::camera
