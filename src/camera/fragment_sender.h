// The last stage of the pipeline: covered frames in, fragments and progress over the channel out. Used by the
// encoder's thread only.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "camera/channel.h"
#include "camera/frame_queue.h"
#include "media/video_writer.h"
#include "redact/engine.h"

namespace passerby::camera {

class FragmentSender {
  public:
    static constexpr Micros kProgressEvery = std::chrono::seconds{1};

    // `doubt`: why no frame of this process can be shown, or empty. `sound`: null: it is not kept. `pace`: of
    // the detectors. The references outlive the sender.
    FragmentSender(const Start& start, const media::VideoInfo& info, std::string doubt, Channel& channel,
                   FrameQueue& queue, media::Sound* sound, const std::atomic<double>& pace,
                   const Clock& clock)
        : start_{start},
          info_{info},
          doubt_{std::move(doubt)},
          channel_{channel},
          queue_{queue},
          sound_{sound},
          pace_{pace},
          clock_{clock} {}

    // An error of the channel (the server is gone) or of the encoder: nothing more can be sent.
    Status write(const redact::CoveredFrame&);
    // Sends the fragment that is open, and the last progress.
    Status finish();

  private:
    Status begin(image::Size);
    Status send(media::Fragment);
    Status end_stream();
    Status send_progress(Micros now);

    const Start& start_;
    const media::VideoInfo& info_;
    const std::string doubt_;
    Channel& channel_;
    FrameQueue& queue_;
    media::Sound* const sound_;
    const std::atomic<double>& pace_;
    const Clock& clock_;

    std::unique_ptr<media::FragmentWriter> writer_;
    std::deque<double> shares_;  // covered, of the frames inside the writer
    redact::FrameReport last_;
    std::uint64_t frames_ = 0, frames_at_progress_ = 0, dropped_at_warning_ = 0;
    std::optional<Micros> progress_sent_;
};

}  // namespace passerby::camera
