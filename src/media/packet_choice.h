// For every picture of a stream: encode it, or keep what the camera sent? Kept is an unbroken group from its
// IDR picture on, for as long as each of its pictures is open (nothing is covered) and none is missing. From
// the first that is not, pictures are encoded, beginning with an IDR picture of the encoder's own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/time.h"

namespace passerby::media {

class PacketChoice {
  public:
    // So long nothing was covered before a group is kept: visitors that come and go do not make it change to
    // and fro, and the camera's rate control has forgotten them.
    static constexpr Micros kQuietBefore = std::chrono::seconds{2};
    // Who begins to look in the midst of a group must decode all of it.
    static constexpr Micros kLongestGroup = std::chrono::seconds{10};
    static constexpr std::size_t kMostBytes = std::size_t{32} << 20;

    enum class Take { encode, keep };
    // A picture's place among those of its camera.
    struct Place {
        std::uint64_t group = 0;
        std::uint32_t index = 0;  // in its group
        std::size_t bytes = 0;
    };

    // The next picture, shown at `time`. `place`: nothing if it cannot be kept. `may_begin`: a group may
    // begin here.
    Take next(std::optional<Place> place, Micros time, bool may_begin = true) {
        if (!place) {
            open_ = keeps_ = false;
            return Take::encode;
        }
        if (!std::exchange(open_, true)) open_since_ = time;
        const bool goes_on = keeps_ && place->group == next_.group && place->index == next_.index &&
                             time - begin_ < kLongestGroup && bytes_ + place->bytes <= kMostBytes;
        const bool begins = place->index == 0 && may_begin && time - open_since_ >= kQuietBefore;
        if (!goes_on) begin_ = time, bytes_ = 0;
        bytes_ += place->bytes;
        keeps_ = goes_on || begins;
        next_ = {place->group, place->index + 1};
        return keeps_ ? Take::keep : Take::encode;
    }

  private:
    bool open_ = false;    // nothing was covered lately
    Micros open_since_{};  // if so
    bool keeps_ = false;
    Place next_;      // and the next that goes on with it
    Micros begin_{};  // of the group that it keeps
    std::size_t bytes_ = 0;
};

}  // namespace passerby::media
