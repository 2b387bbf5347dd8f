// Cuts what comes out of a pipe into messages: four bytes of length (little-endian), then so many bytes.
// Memory grows with what came, never with what a length announces. Not thread-safe.
#pragma once

#include <algorithm>
#include <optional>

#include "camera/protocol.h"

namespace passerby::camera {

class FrameSplitter {
  public:
    // `most`: kMostToCamera or kMostFromCamera.
    explicit FrameSplitter(std::size_t most) : most_{most} {}

    void add(std::span<const std::byte> bytes) {
        buffer_.erase(buffer_.begin(),
                      buffer_.begin() + static_cast<std::ptrdiff_t>(std::exchange(used_, 0)));
        buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    }

    // The next whole message, nothing while it is not complete; valid until add(). After an error nothing
    // that follows can be understood: leave the other side.
    Result<std::optional<std::span<const std::byte>>> next() {
        const auto rest = std::span<const std::byte>{buffer_}.subspan(used_);
        if (rest.size() < 4) return std::nullopt;
        std::size_t length = 0;
        for (std::size_t i = 4; i-- > 0;) length = length << 8 | std::to_integer<std::size_t>(rest[i]);
        if (length == 0 || length > most_)
            return fail(ErrorKind::corrupt, "a message of {} bytes, not 1-{}", length, most_);
        if (rest.size() < 4 + length) return std::nullopt;
        used_ += 4 + length;
        return rest.subspan(4, length);
    }

    // Bytes of a message that is not complete.
    std::size_t waiting() const { return buffer_.size() - used_; }

  private:
    std::size_t most_;
    Bytes buffer_;
    std::size_t used_ = 0;
};

}  // namespace passerby::camera
