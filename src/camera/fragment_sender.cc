#include "camera/fragment_sender.h"

#include <algorithm>

namespace passerby::camera {

Status FragmentSender::write(const redact::CoveredFrame& covered) {
    if (const auto gap = queue_.gap_before(covered.frame.when().time)) {
        TRY_STATUS(end_stream());
        TRY_STATUS(channel_.send(*gap));
    }
    if (!writer_) TRY_STATUS(begin(covered.frame.size()));
    shares_.push_back(covered.report.covered);
    TRY_STATUS(writer_->write(covered.frame));

    const auto doubt = one_line(doubt_.empty() ? covered.report.doubt : doubt_);
    const bool news = doubt != last_.doubt;
    last_ = {covered.report.covered, covered.report.proven, doubt, covered.report.approved};
    ++frames_;
    const Micros now = clock_.monotonic();
    if (news || !progress_sent_ || now - *progress_sent_ >= kProgressEvery) return send_progress(now);
    return {};
}

Status FragmentSender::finish() {
    TRY_STATUS(end_stream());
    return send_progress(clock_.monotonic());
}

Status FragmentSender::begin(image::Size size) {
    media::EncodeOptions options;
    options.size = size;
    options.time_base = info_.time_base;
    options.frame_rate = info_.frame_rate;
    options.sample_aspect = info_.sample_aspect;
    options.colour = info_.colour;
    options.preset = start_.preset;
    options.crf = start_.crf;
    options.keyframe_interval = start_.keyframe;
    options.low_latency = true;
    options.camera = info_.sets;
    options.threads =
        1;  // there is a process for each camera: more threads only take the cores from one another
    const auto on_init = [this, size](Bytes init, std::string codec) {
        return channel_.send(
            Init{std::move(init), std::move(codec), size, std::min(1000.0, info_.frame_rate.value())});
    };
    writer_ = TRY(media::FragmentWriter::create(
        options, start_.fragment, {on_init, [this](media::Fragment f) { return send(std::move(f)); }},
        sound_));
    return {};
}

Status FragmentSender::send(media::Fragment f) {
    double covered = 0;
    const auto count = std::min(shares_.size(), static_cast<std::size_t>(std::max(0, f.frames)));
    for (std::size_t i = 0; i < count; ++i) covered += std::exchange(shares_.front(), 0), shares_.pop_front();
    covered = count > 0 ? std::clamp(covered / static_cast<double>(count), 0.0, 1.0) : 1;
    const Micros age = std::clamp<Micros>(clock_.monotonic() - queue_.taken_at(f.start), Micros{0},
                                          std::chrono::minutes{10});
    return channel_.send(
        Fragment{std::move(f.bytes), f.start, f.duration, f.frames, f.keyframe, covered, age, f.kept});
}

Status FragmentSender::end_stream() {
    if (!writer_) return {};
    const auto finished = writer_->finish();
    writer_.reset();
    shares_.clear();
    return finished;
}

Status FragmentSender::send_progress(Micros now) {
    Progress p{std::clamp(last_.covered, 0.0, 1.0),
               std::clamp(last_.proven, 0.0, 1.0),
               last_.doubt,
               0,
               frames_,
               queue_.dropped(),
               std::clamp(last_.approved, 0.0, 1.0),
               pace_};
    if (progress_sent_ && now > *progress_sent_)
        p.fps = std::min(1000.0, static_cast<double>(frames_ - frames_at_progress_) * 1e6 /
                                     static_cast<double>((now - *progress_sent_).count()));
    else
        p.fps = std::min(1000.0, info_.frame_rate.value());
    if (p.dropped > dropped_at_warning_)
        channel_.log(LogLevel::warning, "this machine does not keep up with the camera: frames are left out");
    dropped_at_warning_ = p.dropped;
    frames_at_progress_ = frames_;
    progress_sent_ = now;
    return channel_.send(p);
}

}  // namespace passerby::camera
