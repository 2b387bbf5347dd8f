// Records one camera: what its feed publishes goes to the store, on a thread of its own, so that a slow disk
// holds up neither the camera nor its viewers.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "base/bounded_queue.h"
#include "camera/feed.h"
#include "camera/quiet_log.h"
#include "redact/policy.h"
#include "seal/sealed_file.h"
#include "store/activity.h"
#include "store/ledger.h"
#include "store/recorder.h"
#include "store/sealed.h"

namespace passerby::app {

class Recording {
  public:
    // Events that may wait for the disk, about a minute of fragments. More are dropped and become a gap,
    // `disk`.
    static constexpr std::size_t kWaiting = 256;

    // `feed` outlives the recording. `rules`: a text, for the manifests.
    // `keyholders`: to whom the camera's process seals what it got; what is not sealed to them is not kept.
    // `ledger`: where it is noted that the camera was moved; outlives the recording, and may be null.
    // `counting`: the noise that the process was told to add to what it counts.
    static Result<std::unique_ptr<Recording>> start(std::shared_ptr<store::Store>, const std::string& camera,
                                                    const std::string& rules,
                                                    std::optional<seal::Keyholders> keyholders,
                                                    std::optional<redact::Counting> counting,
                                                    store::Ledger* ledger, camera::Feed& feed);
    ~Recording();
    // What was published is written, the open segment finished. Call it when nothing is published any more.
    void stop();

  private:
    Recording(std::string camera, std::shared_ptr<store::Store>, std::unique_ptr<store::Recorder>,
              std::optional<seal::Keyholders>, std::optional<redact::Counting>, store::Ledger*,
              camera::Feed&);
    void take(const camera::FeedEvent&);  // on the publisher's thread
    void run();
    void record(const camera::FeedEvent&);

    Status note_moved();
    Status keep_sealed(const camera::SealedPart&);
    Status keep_activity(const camera::ActivityTold&);
    void complain_unless(const Status&);

    const std::string camera_;
    const std::optional<seal::Keyholders> keyholders_;
    const std::optional<redact::Counting> counting_;
    store::Sealed sealed_;
    store::Activity activity_;
    store::Ledger* const ledger_;
    std::optional<Micros> moved_noted_;          // the thread's
    bool moved_ = false;                         // the publisher's: in the last status
    std::unique_ptr<store::Recorder> recorder_;  // owned by thread_
    camera::QuietLog log_;                       // owned by thread_: a full disk would fill the log too
    BoundedQueue<camera::FeedEvent> events_{kWaiting};
    std::atomic<bool> behind_ = false;  // events were dropped since the thread last looked
    camera::Feed::Subscription subscription_;
    std::jthread thread_;
};

}  // namespace passerby::app
