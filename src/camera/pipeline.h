// A camera's pictures on their way from its stream to covered fragments:
//
//   "decode" ── RawFrame, FrameQueue ──► "redact" ── CoveredFrame, blocks ──► "encode" ── blocks ──► pipe to
//   the server
//
// Three threads, each the owner of its stage. When the server is slow the encoder waits, then the engine, and
// then the queue drops frames and counts them. When the stream ends, what is under way goes the whole way
// before the end is told.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/bounded_queue.h"
#include "base/file.h"
#include "camera/activity_report.h"
#include "camera/channel.h"
#include "camera/frame_queue.h"
#include "camera/sealer.h"
#include "media/sound.h"
#include "media/video_reader.h"
#include "redact/engine.h"
#include "vision/detectors.h"

namespace passerby::camera {

class Pipeline {
  public:
    enum class End { stopped, camera_lost, server_gone, failed };

    // Starts the threads. `channel` and `clock` outlive the pipeline.
    static Result<std::unique_ptr<Pipeline>> start(Start, Channel& channel, const Clock& clock);
    // stop(), and waits for the threads.
    ~Pipeline();

    // From now on these are what a person approved, and nothing else. From any thread.
    void approve(Approvals);
    // From now on these are drawn. From any thread.
    void set_masks(Masks);
    // From now on what crosses these is counted. From any thread.
    void set_places(Places);
    // No more frames are read; those that were are finished. From any thread.
    void stop();
    // Readable when all is sent, the Failure included where there was one.
    int end_fd() const { return end_event_.get(); }
    // After that.
    End end() const { return end_; }
    // The stream is open: there may be something to finish.
    bool opened() const { return opened_; }

  private:
    Pipeline(Start, Channel&, const Clock&, Fd end_event);

    void decode();
    Status open();
    Status read_all();
    // The next frame, and what did not decode right before it.
    Result<std::pair<image::RawFrame, std::string>> read();
    void redact();
    void hear_orders(ActivityReport*);
    void hear(Approvals);
    void encode();
    Status encode_all();
    void tell_end(End, const std::optional<Error>& why);

    // Constant after construction.
    const Start start_;
    Channel& channel_;
    const Clock& clock_;
    const Fd end_event_;

    // Made by the decode thread in open(), before the other two start.
    std::unique_ptr<vision::Detectors> detectors_;
    std::unique_ptr<redact::Engine> engine_;  // the redact thread's
    std::unique_ptr<FrameQueue> raw_;
    std::string no_detectors_;  // why there are none
    media::VideoInfo info_;
    std::size_t gaps_seen_ = 0;          // of the reader's
    std::optional<Error> stream_error_;  // the encode thread's after raw_ was stopped

    std::unique_ptr<Sealer> sealer_;  // the decode thread's; null: originals are not kept
    std::unique_ptr<media::Sound>
        sound_;  // filled by the decode thread, taken by the encode thread; null: not wanted

    std::mutex reader_mutex_;
    std::unique_ptr<media::VideoReader>
        reader_;  // guarded by reader_mutex_ until open() is through; then constant
    std::atomic<bool> stopping_ = false, opened_ = false;
    std::atomic<End> end_ = End::stopped;
    std::atomic<double> detector_pace_ = 1;

    std::mutex orders_mutex_;
    // Those the engine has not heard of; guarded by orders_mutex_.
    std::optional<Approvals> approvals_;
    std::optional<Masks> masks_;
    std::optional<Places> places_;

    BoundedQueue<redact::CoveredFrame> covered_{8};
    std::jthread decode_thread_, redact_thread_, encode_thread_;
};

}  // namespace passerby::camera
