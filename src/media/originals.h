// What a camera sent, as it came, cut into parts that play by themselves: the packets before they are
// decoded, in MP4 (Matroska for codecs that MP4 cannot hold), in memory. For sealing; nothing here reaches a
// disk.
//
// Not thread-safe: the reader's thread calls it for every packet (ReadOptions::originals).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

struct AVPacket;
struct AVStream;

namespace passerby::media {

struct OriginalPart {
    std::string bytes;  // the whole file
    WallTime from, to;  // when its first packet came; until when the last one is shown
};

class Originals {
  public:
    // A part ends at the first keyframe after this, where it would get longer than kMostBytes, and where the
    // stream's time jumps.
    static constexpr Micros kPart = std::chrono::seconds{10};
    static constexpr std::size_t kMostBytes = std::size_t{24} << 20;

    struct Sink {
        std::function<void(OriginalPart)> part;
        // Something is not kept, and why; it goes on at the next keyframe.
        std::function<void(const Error&)> lost;
    };
    // `clock` outlives it.
    Originals(const Clock& clock, Sink);
    ~Originals();
    Originals(const Originals&) = delete;
    Originals& operator=(const Originals&) = delete;

    // For the decoder: before it is given the packet.
    void take(const AVPacket&, const AVStream&);
    // Gives the last part.
    void finish();

  private:
    class Part;
    void end(WallTime at);

    const Clock& clock_;
    const Sink sink_;
    std::unique_ptr<Part> part_;  // null until a keyframe comes
};

struct OriginalFile {
    std::string path;
    Micros at{};  // of its first packet, from that of the first file
};

// Puts parts of one camera one after another into one MP4, packet by packet. invalid: another codec, picture
// size or header than the first, or one that MP4 cannot hold: then they stay files of their own.
Status join_originals(const std::vector<OriginalFile>&, const std::string& out);

}  // namespace passerby::media
