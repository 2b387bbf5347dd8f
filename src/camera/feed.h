// What the rest of the program sees of one camera: its state, and its covered stream as it comes. The
// supervisor that runs the camera's process publishes here; the recorder and every live viewer subscribe.
// Only covered pictures pass.
//
// Thread-safe. Subscribers are called on the supervisor's thread and must not block: they copy a pointer and
// return.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "camera/containment.h"
#include "image/plane.h"
#include "vision/crossings.h"

namespace passerby::camera {

enum class State { starting, live, unreachable, off };
std::string_view name(State);

// What is proven of a fixed scene, as a picture for a person who is to approve it.
struct ProvenScene {
    std::string png, sha256;
    WallTime at;
};

struct CameraStatus {
    State state = State::starting;
    WallTime since;                  // when this state began
    image::Size size;                // 0x0: no picture yet
    double fps = 0;                  // measured, frames that were written
    double covered = 1, proven = 0;  // of the last frame, 0-1
    double pace = 1;                 // how often the detectors look, of what they would, 0-1
    std::uint64_t dropped = 0;  // frames lost since the process started because the machine did not keep up
    std::string doubt;          // why the whole frame is covered, or empty
    std::string error;          // last failure in words, without secrets; empty when live
    double approved = 0;        // of the last frame: share that is proven and may be shown, 0-1
    std::optional<Containment> contained = {};  // what its process has given up; nothing: no process yet
    std::shared_ptr<const ProvenScene> scene =
        {};  // null: nothing is proven yet, or nobody needs to approve it
};

// The start of a stream: a decoder that has it can take any fragment that begins with a keyframe.
struct StreamInit {
    std::vector<std::byte> bytes;  // ftyp + moov
    std::string codec;             // "avc1.64001f"
    image::Size size;
};

struct StreamFragment {
    std::vector<std::byte> bytes;  // moof + mdat
    Micros start{}, duration{};    // media time of the stream
    WallTime wall_start;           // when its first frame was taken in, by the server's clock
    int frames = 0;
    bool keyframe = false;
    double covered = 1;  // mean share of the picture that is covered
    int kept = 0;        // of its frames, as the camera sent them
};

// A part of what the camera sent, sealed. Nobody here can open it.
struct SealedPart {
    std::vector<std::byte> bytes;
    WallTime from, to;
};

// Sums of an interval, with their noise (camera/activity_report.h).
struct ActivityTold {
    WallTime from, to;
    std::vector<vision::PlaceCounts> places;
};

// Exactly one member is set.
struct FeedEvent {
    std::shared_ptr<const StreamInit> init = {};
    std::shared_ptr<const StreamFragment> fragment = {};
    std::shared_ptr<const CameraStatus> status = {};
    std::shared_ptr<const SealedPart> sealed = {};
    std::shared_ptr<const ActivityTold> activity = {};
    struct Gap {
        std::string cause;   // camera, decoder, overload, crash, stop, policy
        std::string detail;  // in words, without secrets
    };
    std::shared_ptr<const Gap> gap = {};  // the stream is interrupted from now until the next init
};

class Feed {
  public:
    using Subscriber = std::function<void(const FeedEvent&)>;
    // Ends the subscription when it is destroyed; after that the subscriber is not called any more.
    class Subscription {
      public:
        Subscription() = default;
        Subscription(Feed* feed, int id) : feed_{feed}, id_{id} {}
        Subscription(Subscription&& o) noexcept : feed_{std::exchange(o.feed_, nullptr)}, id_{o.id_} {}
        Subscription& operator=(Subscription&& o) noexcept;
        ~Subscription();

      private:
        Feed* feed_ = nullptr;
        int id_ = 0;
    };

    // A new subscriber is first given the current status, init and the fragments since the last keyframe, so
    // that a picture can be shown at once. Subscribers must not subscribe or publish from inside a call.
    [[nodiscard]] Subscription subscribe(Subscriber);
    void publish(FeedEvent);
    CameraStatus status() const;

  private:
    void unsubscribe(int id);

    mutable std::mutex mutex_;
    std::vector<std::pair<int, Subscriber>> subscribers_;                // guarded by mutex_
    std::shared_ptr<const StreamInit> init_;                             // guarded by mutex_
    std::vector<std::shared_ptr<const StreamFragment>> since_keyframe_;  // guarded by mutex_
    CameraStatus status_;                                                // guarded by mutex_
    int next_id_ = 1;                                                    // guarded by mutex_
};

}  // namespace passerby::camera
