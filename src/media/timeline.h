// Mends the timestamps of a stream so that they strictly increase, and leaves good ones alone.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "image/frame.h"
#include "media/video_reader.h"

namespace passerby::media {

class Timeline {
  public:
    enum class Source { file, live };
    Timeline(Rational time_base, Source source) : time_base_{time_base}, source_{source} {}

    // `ticks` as the stream says (nothing: it does not say), `duration` of a frame in ticks, at least 1.
    image::FrameTime next(std::optional<std::int64_t> ticks, std::int64_t duration);
    // Where something else of the same clock belongs, such as sound; nothing before the first frame.
    std::optional<Micros> time_of(std::int64_t ticks) const;
    // What comes next begins anew (the file is played again): time goes on after the last frame.
    void rebase() { rebase_ = true; }

  private:
    std::int64_t mended(std::int64_t ticks, std::int64_t duration);

    Rational time_base_;
    Source source_;
    std::int64_t offset_ = 0;  // added to the stream's timestamps
    std::optional<std::int64_t> first_, last_;
    bool rebase_ = false;
};

// `ticks` of `time_base` in microseconds, rounded to the nearest.
Micros to_micros(std::int64_t ticks, Rational time_base);

}  // namespace passerby::media
