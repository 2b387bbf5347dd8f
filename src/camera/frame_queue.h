// The edge between decoder and engine, and its policy: what happens to frames when the engine does not keep
// up, and what becomes of the time that is missing then.
//
// A camera does not wait. When more waits than the options allow, the oldest frames are dropped and counted:
// the delay stays bounded and the frames that are left are spread evenly. They are never shown raw. A short
// loss is a lower frame rate for a while; where more than Options::hole is missing, the stream is cut: a Gap
// with the cause, then a new Init.
//
// The queue also remembers when each frame was taken in, so that a fragment can say how long it was under
// way.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "camera/protocol.h"
#include "image/frame.h"

namespace passerby::camera {

// Thread-safe. One thread pushes, one pops.
class FrameQueue {
  public:
    struct Options {
        bool drop = true;       // false: nothing is dropped, push() waits for space
        std::size_t limit = 8;  // frames that may wait
        // From the first to the last of them: a slow engine behind a long queue would be late for good.
        Micros span = std::chrono::milliseconds{500};
        Micros hole = std::chrono::seconds{1};
    };

    explicit FrameQueue(Options options) : options_{options} {}

    // How many frames of a picture size and rate may wait: half a second, at most twelve, and at most
    // `most_bytes`.
    static std::size_t limit_for(image::Size, double frame_rate,
                                 std::size_t most_bytes = std::size_t{96} << 20);
    // What is missing time at this frame rate: a second, or four frames of a slow camera.
    static Micros hole_for(double frame_rate);

    // The next frame, taken in `now`. `damage`: what did not decode right before it, or empty. False when
    // stopped.
    bool push(image::RawFrame, Micros now, const std::string& damage);
    // Blocks until there is a frame; nothing when the queue is stopped and empty.
    std::optional<image::RawFrame> pop();
    // How near it is to dropping frames, 0-1.
    double filled() const;
    void stop();
    // Drops what waits, without counting it.
    void clear();

    // Of frames that were popped: the Gap right before the frame shown at `time`, once.
    std::optional<Gap> gap_before(Micros time);
    // When the frame shown at `time` was taken in. Forgets those before it.
    Micros taken_at(Micros time);
    std::uint64_t dropped() const;

  private:
    struct Waiting {
        image::RawFrame frame;
        Micros taken;
        std::string damage;
    };
    struct Passed {
        Micros time, taken;
    };
    struct Hole {
        Micros at;  // time of the first frame after it
        Gap gap;
    };

    bool behind(Micros newest) const;
    void drop_oldest();
    void note_hole(const Waiting& next);

    const Options options_;
    mutable std::mutex mutex_;
    std::condition_variable space_, filled_;
    // All guarded by mutex_.
    std::deque<Waiting> waiting_;
    std::deque<Passed> passed_;
    std::deque<Hole> holes_;
    std::optional<Micros> last_passed_;
    std::uint64_t dropped_ = 0, dropped_since_passed_ = 0;
    std::string damage_since_passed_;
    bool stopped_ = false;
};

}  // namespace passerby::camera
