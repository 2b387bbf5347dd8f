#include "app/recording.h"

#include <pthread.h>

#include "camera/activity_report.h"
#include "redact/policy.h"

namespace passerby::app {

namespace {
// A light that flickers would fill the ledger.
constexpr std::chrono::minutes kMovedAgain{10};
}  // namespace

Result<std::unique_ptr<Recording>> Recording::start(std::shared_ptr<store::Store> store,
                                                    const std::string& camera, const std::string& rules,
                                                    std::optional<seal::Keyholders> keyholders,
                                                    std::optional<redact::Counting> counting,
                                                    store::Ledger* ledger, camera::Feed& feed) {
    auto recorder = TRY(store::Recorder::create(store, camera, rules));
    return std::unique_ptr<Recording>{new Recording{camera, std::move(store), std::move(recorder),
                                                    std::move(keyholders), counting, ledger, feed}};
}

Recording::Recording(std::string camera, std::shared_ptr<store::Store> store,
                     std::unique_ptr<store::Recorder> recorder, std::optional<seal::Keyholders> keyholders,
                     std::optional<redact::Counting> counting, store::Ledger* ledger, camera::Feed& feed)
    : camera_{std::move(camera)},
      keyholders_{std::move(keyholders)},
      counting_{counting},
      sealed_{store},
      activity_{std::move(store)},
      ledger_{ledger},
      recorder_{std::move(recorder)},
      log_{camera_, system_clock()},
      thread_{[this] { run(); }} {
    subscription_ = feed.subscribe([this](const camera::FeedEvent& event) { take(event); });
}

Recording::~Recording() {
    stop();
}

void Recording::stop() {
    subscription_ = {};
    events_.stop();
    if (thread_.joinable()) thread_.join();
}

void Recording::take(const camera::FeedEvent& event) {
    if (event.status) {
        const bool was = std::exchange(moved_, event.status->doubt == redact::kMostChanged);
        if (!moved_ || was) return;
    }
    if (!events_.try_push(event)) behind_ = true;
}

void Recording::run() {
    pthread_setname_np(pthread_self(), ("rec " + camera_).substr(0, 15).c_str());
    while (const auto event = events_.pop()) {
        if (behind_.exchange(false)) {
            log_.write(LogLevel::error, "the disk does not keep up; a part was not recorded");
            complain_unless(recorder_->gap(store::GapCause::disk, "the disk did not keep up"));
        }
        record(*event);
    }
    complain_unless(recorder_->stop());
}

void Recording::record(const camera::FeedEvent& event) {
    Status done;
    if (event.status) {
        done = note_moved();
    } else if (event.init) {
        done = recorder_->begin(event.init->bytes, event.init->size, event.init->codec);
    } else if (event.fragment) {
        const auto& f = *event.fragment;
        done = recorder_->add({f.bytes, f.start, f.duration, f.frames, f.keyframe, f.covered, f.kept},
                              f.wall_start);
    } else if (event.sealed) {
        done = keep_sealed(*event.sealed);
    } else if (event.activity) {
        done = keep_activity(*event.activity);
    } else if (event.gap) {
        const auto cause = store::gap_cause_named(event.gap->cause);
        done = recorder_->gap(cause.value_or(store::GapCause::camera), event.gap->detail);
    }
    complain_unless(done);
}

Status Recording::note_moved() {
    const auto now = system_clock().monotonic();
    if (ledger_ == nullptr || (moved_noted_ && now - *moved_noted_ < kMovedAgain)) return {};
    TRY(ledger_->append("moved", {{"camera", camera_}}));
    moved_noted_ = now;
    return {};
}

Status Recording::keep_sealed(const camera::SealedPart& part) {
    // The process parses hostile bytes: what it calls sealed must look so, to those who are to open it.
    if (!keyholders_) return fail(ErrorKind::denied, "a sealed part, though nothing is to be sealed");
    const std::string_view bytes{reinterpret_cast<const char*>(part.bytes.data()), part.bytes.size()};
    TRY(seal::look_at(bytes, *keyholders_));
    return sealed_.keep(camera_, part.from, part.to, keyholders_->to_text(), part.bytes);
}

Status Recording::keep_activity(const camera::ActivityTold& told) {
    if (!counting_) return fail(ErrorKind::denied, "activity, though nothing is to be counted");
    const auto scale = camera::noise_scale(*counting_);
    std::vector<store::ActivityNumber> numbers;
    for (const auto& place : told.places)
        numbers.push_back(
            {place.place, told.from, told.to, place.persons, place.vehicles, scale.of, scale.by});
    return activity_.add(camera_, numbers);
}

void Recording::complain_unless(const Status& done) {
    if (!done) log_.write(LogLevel::error, "not recorded: " + done.error().message);
}

}  // namespace passerby::app
