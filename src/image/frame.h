// The two kinds of picture that passerby knows, and the one way from the first to the second.
//
// A RawFrame shows who was there. It exists only inside the process that decodes, and nothing that writes,
// sends, encodes or counts accepts it. A SafeFrame was covered. Only redact::Painter can make one (its Key
// has a private constructor), so a leak does not compile; tests/compile_fail shows that it does not.
#pragma once

#include <cstdint>
#include <memory>

#include "base/time.h"
#include "image/buffer.h"

namespace passerby::redact {
class Painter;
}

namespace passerby::image {

// When a frame is shown: `ticks` in the time base of its stream, exact; `time` the same since the stream's
// begin, for reasoning.
struct FrameTime {
    std::int64_t ticks = 0;
    Micros time{};
};

// The same picture as its camera sent it, compressed. What it is made of, only `media` knows.
class CodedPicture {
  public:
    virtual ~CodedPicture() = default;
};

// Shares the decoder's planes: no copy. The planes are immutable and live as long as any copy of the frame.
class RawFrame {
  public:
    RawFrame(Picture picture, std::shared_ptr<const void> owner, FrameTime when)
        : picture_{picture}, owner_{std::move(owner)}, when_{when} {}

    const Picture& raw() const { return picture_; }
    Size size() const { return picture_.size(); }
    FrameTime when() const { return when_; }
    // The same picture at another time.
    RawFrame shown_at(FrameTime when) const {
        RawFrame other = *this;
        other.when_ = when;
        return other;
    }
    // The same with what decodes to this very picture; null: without.
    RawFrame sent_as(std::shared_ptr<const CodedPicture> coded) const {
        RawFrame other = *this;
        other.coded_ = std::move(coded);
        return other;
    }

  private:
    friend class SafeFrame;
    Picture picture_;
    std::shared_ptr<const void> owner_;
    FrameTime when_;
    std::shared_ptr<const CodedPicture> coded_;
};

class SafeFrame {
  public:
    // Permission to call a picture safe.
    class Key {
        Key() = default;
        friend class redact::Painter;
    };

    SafeFrame(Key, PictureBuffer covered, FrameTime when) : when_{when} {
        auto buffer = std::make_shared<const PictureBuffer>(std::move(covered));
        picture_ = buffer->view();
        owner_ = std::move(buffer);
    }
    // Nothing of it needs to be covered: it shares the raw frame's planes, and may be shown as it was sent.
    SafeFrame(Key, const RawFrame& open)
        : picture_{open.picture_}, owner_{open.owner_}, when_{open.when_}, coded_{open.coded_} {}

    const Picture& picture() const { return picture_; }
    Size size() const { return picture_.size(); }
    FrameTime when() const { return when_; }
    // What its camera sent and what decodes to exactly this picture; null: there is no such thing.
    const CodedPicture* coded() const { return coded_.get(); }
    // The same picture at another time; takes no memory.
    SafeFrame shown_at(FrameTime when) const {
        SafeFrame other = *this;
        other.when_ = when;
        return other;
    }

  private:
    Picture picture_;
    std::shared_ptr<const void> owner_;
    FrameTime when_;
    std::shared_ptr<const CodedPicture> coded_;
};

}  // namespace passerby::image
