// Turns what a camera's process says into what the rest of the program sees: the events of the camera's Feed.
// One per camera, for all the processes that run for it one after the other. Used by the supervisor's thread
// only.
#pragma once

#include <optional>
#include <string>

#include "camera/feed.h"
#include "camera/protocol.h"
#include "camera/quiet_log.h"
#include "camera/stream_clock.h"

namespace passerby::camera {

class Publisher {
  public:
    // What only changes in numbers is published so often.
    static constexpr Micros kStatusEvery = std::chrono::milliseconds{500};

    Publisher(std::string camera, Feed&, const Clock&);

    // A process is started; its stream will have its own media time.
    void starting();
    // The message was accepted by MessageOrder.
    void take(FromCamera);
    // The process is gone, or as good as gone: the stream is interrupted. `error` goes into the status.
    void lost(std::string cause, const std::string& error);
    void stopped();

    // Since the first picture of the process, 0 before.
    Micros live_for() const;
    // The process has said why it ends, and that is published.
    bool failure_said() const { return failure_said_; }
    QuietLog& log() { return log_; }

  private:
    void take(Init&&);
    void take(Fragment&&);
    void take(Progress&&);
    void take(Gap&&);
    void take(Failure&&);
    void take(Log&&);
    void take(SceneNow&&);
    void take(Contained&&);
    void take(Sealed&&);
    void take(Activity&&);
    void publish_gap(std::string cause, std::string detail);
    void publish_status(State, std::string error);
    void publish_numbers();

    Feed& feed_;
    const Clock& clock_;
    QuietLog log_;
    CameraStatus status_;
    StreamClock stream_clock_;
    std::optional<std::string> gap_;  // cause of the gap that lasts
    std::optional<Micros> live_since_;
    Micros last_published_{};
    bool failure_said_ = false;
};

}  // namespace passerby::camera
