#include "media/video_reader.h"

#include <algorithm>
#include <thread>

extern "C" {
#include <libavutil/display.h>
#include <libavutil/pixdesc.h>
}

#include "base/log.h"
#include "media/converter.h"
#include "media/decoder.h"
#include "media/pacer.h"
#include "media/sound.h"
#include "media/timeline.h"

namespace passerby::media {

namespace {

Orientation orientation_of(const AVFrame& frame, const AVStream& stream) {
    const auto* of_frame = av_frame_get_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX);
    const auto* matrix =
        of_frame ? of_frame->data : av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, nullptr);
    return Orientation::from_matrix(reinterpret_cast<const std::int32_t*>(matrix));
}

Rational or_else(AVRational value, Rational otherwise) {
    return value.num > 0 && value.den > 0 ? from_av(value) : otherwise;
}

VideoInfo describe(const Decoder& decoder, const AVFrame& first) {
    AVFormatContext& format = *decoder.input().format;
    AVStream& stream = *decoder.input().stream;
    const auto orientation = orientation_of(first, stream);
    VideoInfo info;
    info.size = orientation.apply({first.width, first.height});
    info.time_base = decoder.time_base();
    info.frame_rate = or_else(av_guess_frame_rate(&format, &stream, nullptr), {25, 1});
    info.sample_aspect =
        or_else(av_guess_sample_aspect_ratio(&format, &stream, const_cast<AVFrame*>(&first)), {1, 1});
    if (orientation.transpose) std::swap(info.sample_aspect.num, info.sample_aspect.den);
    info.colour = {first.color_primaries, first.color_trc, Converter::matrix_of(first),
                   Converter::is_full_range(first)};
    info.codec = avcodec_get_name(stream.codecpar->codec_id);
    const char* pixels = av_get_pix_fmt_name(static_cast<AVPixelFormat>(first.format));
    info.pixel_format = pixels ? pixels : "";
    if (stream.duration > 0)
        info.duration = Micros{av_rescale_q(stream.duration, stream.time_base, kMicrosecond)};
    else if (format.duration > 0)
        info.duration = Micros{av_rescale_q(format.duration, AV_TIME_BASE_Q, kMicrosecond)};
    info.frames_estimate = stream.nb_frames > 0 ? stream.nb_frames
                                                : av_rescale_q(info.duration.count(), kMicrosecond,
                                                               av_inv_q(to_av(info.frame_rate)));
    // What libav calls a pipe is the way a picture by itself is read.
    info.picture = std::string_view{format.iformat->name}.ends_with("_pipe");
    info.other_streams = static_cast<int>(format.nb_streams) - 1;
    for (unsigned i = 0; i < format.nb_streams; ++i)
        info.has_audio = info.has_audio || format.streams[i]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
    return info;
}

class Reader final : public VideoReader {
  public:
    Reader(Source source, ReadOptions options)
        : source_{std::move(source)}, options_{std::move(options)}, watch_{clock_, options_.stop} {}
    Status start();

    const VideoInfo& info() const override { return info_; }
    Result<std::optional<image::RawFrame>> read() override;
    const std::vector<DecodeGap>& gaps() const override { return decoder_->gaps(); }
    void interrupt() override { watch_.interrupt(); }

  private:
    Result<FramePtr> next_frame();
    void hear(const AVPacket&);
    Status check_size(const AVFrame&);
    std::shared_ptr<const CameraPicture> sent_as(const AVFrame&);
    Status wait_until_due(Micros frame_time);

    const Source source_;
    const ReadOptions options_;
    const Clock& clock_ = system_clock();
    Watch watch_;
    Pacer pacer_{clock_};
    std::unique_ptr<Decoder> decoder_;
    VideoInfo info_;
    std::optional<Converter> converter_;
    std::optional<Timeline> timeline_;
    FramePtr first_;  // decoded by start(), not yet given out
    int passes_ = 0;  // that are over
    bool size_changed_ = false;
};

Status Reader::start() {
    decoder_ = TRY(Decoder::open(source_, options_, watch_, clock_));
    if (decoder_->input().sound) decoder_->hear([this](const AVPacket& packet) { hear(packet); });
    first_ = TRY(decoder_->next());
    if (!first_)
        return fail(ErrorKind::corrupt, "not one picture in '{}' decodes{}{}; the file is damaged",
                    source_.name, gaps().empty() ? "" : ": ", gaps().empty() ? "" : gaps().front().cause);
    info_ = describe(*decoder_, *first_);
    info_.duration *= std::max(1, options_.passes);
    info_.frames_estimate *= std::max(1, options_.passes);
    converter_.emplace(image::Size{first_->width, first_->height},
                       orientation_of(*first_, *decoder_->input().stream));
    if (const auto* packets = decoder_->packets()) {
        info_.sets = packets->sets();
        info_.unkept = packets->unfit();
    }
    timeline_.emplace(info_.time_base, source_.live() ? Timeline::Source::live : Timeline::Source::file);
    return {};
}

// Its time is that of the pictures with the same timestamp.
void Reader::hear(const AVPacket& packet) {
    if (!timeline_ || packet.pts == AV_NOPTS_VALUE) return;
    const auto ticks =
        av_rescale_q(packet.pts, decoder_->input().sound->time_base, to_av(decoder_->time_base()));
    if (const auto at = timeline_->time_of(ticks)) options_.sound->take(packet, *at);
}

Result<FramePtr> Reader::next_frame() {
    if (first_) return std::move(first_);
    auto frame = TRY(decoder_->next());
    if (frame || decoder_->frames_in_pass() == 0 || ++passes_ == options_.passes) return frame;
    TRY_STATUS(decoder_->rewind());
    timeline_->rebase();
    return decoder_->next();
}

Status Reader::check_size(const AVFrame& frame) {
    if (image::Size{frame.width, frame.height} == converter_->stored_size()) return {};
    if (source_.live())
        return fail(ErrorKind::unavailable, "the picture size of '{}' changed to {}x{}", source_.name,
                    frame.width, frame.height);
    if (!size_changed_)
        log_warning("the picture size in '{}' changes to {}x{}; from there on pictures are scaled to {}x{}",
                    source_.name, frame.width, frame.height, info_.size.width, info_.size.height);
    size_changed_ = true;
    return {};
}

// Only where the converter hands on what the decoder gave.
std::shared_ptr<const CameraPicture> Reader::sent_as(const AVFrame& frame) {
    if (!decoder_->packets()) return nullptr;
    auto picture = decoder_->sent_as(frame);
    const bool as_decoded = converter_->keeps(frame) && !frame.interlaced_frame &&
                            Converter::is_full_range(frame) == info_.colour.full_range;
    if (!picture || !as_decoded || picture->sets->sequence.size() != info_.size) return nullptr;
    return picture;
}

Status Reader::wait_until_due(Micros frame_time) {
    // In short steps, as a signal handler can only set a flag.
    constexpr Micros kStep = std::chrono::milliseconds{20};
    for (Micros left = pacer_.wait_for(frame_time); left.count() > 0; left = pacer_.wait_for(frame_time)) {
        if (watch_.interrupted()) return fail_input(AVERROR_EXIT, source_, options_, watch_);
        std::this_thread::sleep_for(std::min(left, kStep));
    }
    return {};
}

Result<std::optional<image::RawFrame>> Reader::read() {
    if (watch_.interrupted()) return fail_input(AVERROR_EXIT, source_, options_, watch_);
    auto frame = TRY(next_frame());
    if (!frame) return std::optional<image::RawFrame>{};
    TRY_STATUS(check_size(*frame));
    std::optional<std::int64_t> ticks;
    if (frame->best_effort_timestamp != AV_NOPTS_VALUE) ticks = frame->best_effort_timestamp;
    const auto when = timeline_->next(ticks, decoder_->nominal_duration(*frame));
    auto sent = sent_as(*frame);
    auto raw = TRY(converter_->convert(std::move(frame), when));
    if (sent) raw = raw.sent_as(std::move(sent));
    if (options_.realtime && !source_.live()) TRY_STATUS(wait_until_due(when.time));
    return std::optional<image::RawFrame>{std::move(raw)};
}

}  // namespace

Result<std::unique_ptr<VideoReader>> VideoReader::open(const std::string& name, ReadOptions options) {
    auto source = TRY(parse_source(name, options.transport));
    auto reader = std::make_unique<Reader>(std::move(source), std::move(options));
    TRY_STATUS(reader->start());
    return std::unique_ptr<VideoReader>{std::move(reader)};
}

}  // namespace passerby::media
