// The only way on which numbers of persons leave the camera's process (promise P7): at the end of each
// interval the sums of the drawn places, each with noise of its own (crypto/noise.h), and once. What was
// counted but not told dies with the process. doc/activity.md has the reckoning. Used by the engine's thread
// only.
#pragma once

#include <functional>
#include <vector>

#include "base/time.h"
#include "camera/protocol.h"
#include "crypto/noise.h"
#include "redact/engine.h"

namespace passerby::camera {

// Of the noise on each number: the day's budget is shared by all that one person may add in a day.
crypto::NoiseScale noise_scale(const redact::Counting&);

class ActivityReport {
  public:
    // Less than this is not worth a number: it would be noise alone.
    static constexpr Micros kShortest = std::chrono::minutes{1};

    using Send = std::function<Status(const Activity&)>;
    // `clock` outlives it.
    ActivityReport(const redact::Counting& rule, Send send, const Clock& clock,
                   crypto::RandomBits random = crypto::random_bits)
        : rule_{rule}, send_{std::move(send)}, clock_{clock}, random_{std::move(random)} {}

    // Those that are drawn already are no news: every change of a camera's orders has all of them. An error
    // is the channel's: the server is gone.
    Status set_places(redact::Engine&, std::vector<vision::Place>);
    // Once a frame.
    Status tell(redact::Engine&);
    // What is open, if it is long enough.
    Status finish(redact::Engine&);

  private:
    WallTime interval_of(WallTime) const;
    Status send(redact::Engine&, WallTime until);

    const redact::Counting rule_;
    const Send send_;
    const Clock& clock_;
    const crypto::RandomBits random_;
    std::vector<vision::Place> places_;
    std::optional<WallTime> from_;  // of what is being counted; nothing: no place is drawn
};

}  // namespace passerby::camera
