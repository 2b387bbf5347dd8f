#include "app/recording.h"

#include <pthread.h>

#include "base/log.h"

namespace passerby::app {

Result<std::unique_ptr<Recording>> Recording::start(std::shared_ptr<store::Store> store, const std::string& camera,
                                                    camera::Feed& feed) {
    auto recorder = TRY(store::Recorder::create(std::move(store), camera));
    return std::unique_ptr<Recording>{new Recording{camera, std::move(recorder), feed}};
}

Recording::Recording(std::string camera, std::unique_ptr<store::Recorder> recorder, camera::Feed& feed)
    : camera_{std::move(camera)}, recorder_{std::move(recorder)}, thread_{[this] { run(); }} {
    subscription_ = feed.subscribe([this](const camera::FeedEvent& event) { take(event); });
}

Recording::~Recording() { stop(); }

void Recording::stop() {
    subscription_ = {};
    events_.stop();
    if (thread_.joinable()) thread_.join();
}

void Recording::take(const camera::FeedEvent& event) {
    if (event.status) return;
    if (!events_.try_push(event)) behind_ = true;
}

void Recording::run() {
    pthread_setname_np(pthread_self(), ("rec " + camera_).substr(0, 15).c_str());
    while (const auto event = events_.pop()) {
        if (behind_.exchange(false)) {
            log_error("camera {}: the disk does not keep up; a part was not recorded", camera_);
            if (const auto noted = recorder_->gap(store::GapCause::disk, "the disk did not keep up"); !noted)
                log_error("camera {}: {}", camera_, noted.error().message);
        }
        record(*event);
    }
    if (const auto stopped = recorder_->stop(); !stopped) log_error("camera {}: {}", camera_, stopped.error().message);
}

void Recording::record(const camera::FeedEvent& event) {
    Status done;
    if (event.init) {
        done = recorder_->begin(event.init->bytes, event.init->size, event.init->codec);
    } else if (event.fragment) {
        const auto& f = *event.fragment;
        done = recorder_->add({f.bytes, f.start, f.duration, f.frames, f.keyframe, f.covered}, f.wall_start);
    } else if (event.gap) {
        const auto cause = store::gap_cause_named(event.gap->cause);
        done = recorder_->gap(cause.value_or(store::GapCause::camera), event.gap->detail);
    }
    if (!done) log_error("camera {}: not recorded: {}", camera_, done.error().message);
}

}  // namespace passerby::app
