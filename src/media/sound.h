// What a camera's microphone gave, on its way from the demuxer to the fragments: decoded to samples on the
// stream's media time, and encoded anew by who writes them. So nothing but sound passes: no bytes of the
// camera's own, which may hold anything, and no hole, at which browsers would stop. Where nothing came there
// is silence.
//
// Thread-safe: one thread gives packets, another takes samples.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"
#include "base/time.h"

struct AVPacket;
struct AVStream;

namespace passerby::media {

class Sound {
  public:
    // So much is kept for who takes samples; then the oldest are forgotten.
    static constexpr Micros kKept = std::chrono::seconds{10};
    // The camera's times are believed when they are further off than this from the count of samples.
    static constexpr Micros kTolerance = std::chrono::milliseconds{20};

    Sound();
    ~Sound();
    Sound(const Sound&) = delete;
    Sound& operator=(const Sound&) = delete;

    // Which decoder. Before the other thread begins. invalid: there is none for it; then there is no sound.
    Status begin(const AVStream&);
    // A packet of that stream, whose first sample belongs to the media time `at`. What does not decode
    // becomes silence.
    void take(const AVPacket&, Micros at);

    // Of the samples; 0: the camera has no sound. Constant after begin().
    int rate() const;
    int channels() const;  // 1 or 2
    // Samples from number `from` on, counted from media time zero, `to[channel][0..count)`; silence where
    // there are none. What is before the last of them is forgotten, and what comes later for it is left out.
    void read(std::int64_t from, std::size_t count, std::span<float* const> to);
    // The number after the last sample that came.
    std::int64_t end() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace passerby::media
