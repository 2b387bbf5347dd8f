// Which message may follow which from one process of a camera, and how many. doc/format/camera-messages.md,
// "Order". One per process; not thread-safe.
#pragma once

#include <optional>

#include "camera/protocol.h"

namespace passerby::camera {

class MessageOrder {
  public:
    // What a viewer who comes late is given is bounded by these, and with it the server's memory.
    static constexpr int kMostFragmentsPerKeyframe = 512;
    static constexpr std::size_t kMostBytesPerKeyframe = kMostFromCamera;
    // A process may say so many messages at once, and then so many a second. Ten are usual.
    static constexpr double kBurst = 500, kPerSecond = 100;

    // ErrorKind::corrupt: the process breaks the rules and must go.
    Status accept(const FromCamera&, Micros now);

  private:
    Status in_order(const Init&);
    Status in_order(const Fragment&);
    Status in_order(const Progress&) { return {}; }
    Status in_order(const Gap&);
    Status in_order(const Failure&);
    Status in_order(const Log&) { return {}; }
    Status in_order(const SceneNow&) { return {}; }
    Status in_order(const Contained&) { return {}; }
    Status in_order(const Sealed&) { return {}; }
    Status in_order(const Activity&) { return {}; }

    bool begun_ = false;  // an Init and no Gap since
    bool failed_ = false;
    bool keyframe_due_ = true;
    int fragments_ = 0;      // since the last keyframe
    std::size_t bytes_ = 0;  // of them
    std::optional<Micros> last_start_;
    double allowance_ = kBurst;
    std::optional<Micros> last_message_;
};

}  // namespace passerby::camera
