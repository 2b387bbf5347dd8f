// Where a camera's stream becomes live. While it is opened and the models are loaded, frames pile up, which
// then come all at once: shown one by one they would only be late, and no machine keeps up with them. Frames
// of the past are read as fast as they can be; a frame that had to be waited for is of the present.
#pragma once

#include <optional>

#include "base/time.h"

namespace passerby::camera {

class LiveEdge {
  public:
    // More than this no camera has in store: who sends without end faster than time goes is taken as it
    // comes.
    static constexpr Micros kMostBacklog = std::chrono::seconds{5};

    // Has the stream become live with the frame that is shown at `time` and was read `now`? Never with the
    // first one, as there is nothing to compare it with.
    bool reached(Micros time, Micros now) {
        if (!first_) first_ = time;
        const bool waited_for = last_ && now - last_->read >= (time - last_->time) / 2;
        reached_ = reached_ || waited_for || time - *first_ > kMostBacklog;
        last_ = {time, now};
        return reached_;
    }

  private:
    struct Read {
        Micros time, read;
    };
    std::optional<Micros> first_;
    std::optional<Read> last_;
    bool reached_ = false;
};

}  // namespace passerby::camera
