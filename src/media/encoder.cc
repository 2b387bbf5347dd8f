#include "media/encoder.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "media/h264_sets.h"

namespace passerby::media {

namespace {

// x264 itself would complain on standard error.
bool is_preset(std::string_view name) {
    constexpr std::array<std::string_view, 9> kPresets{
        "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"};
    return std::find(kPresets.begin(), kPresets.end(), name) != kPresets.end();
}

// A rate that is no more than a guess must not push the stream to a level that no player takes.
AVRational plausible(Rational rate) {
    if (rate.value() < 1) return {1, 1};
    if (rate.value() > 240) return {240, 1};
    return to_av(rate);
}

// Limited range to full range, as the converter did it the other way; rounded, 16.16 fixed point.
template <int kSpan, int kCentreIn, int kCentreOut>
void expand(image::Plane from, image::MutablePlane to) {
    constexpr int kScale = (255 * 65536 + kSpan / 2) / kSpan;
    for (int y = 0; y < to.size.height; ++y) {
        const std::uint8_t* in = from.row(y);
        std::uint8_t* out = to.row(y);
        for (int x = 0; x < to.size.width; ++x)
            out[x] = static_cast<std::uint8_t>(
                std::clamp(((in[x] - kCentreIn) * kScale + kCentreOut * 65536 + 32768) >> 16, 0, 255));
    }
}

void expand(const image::Picture& from, const image::MutablePicture& to) {
    expand<219, 16, 0>(from.y, to.y);
    expand<224, 128, 128>(from.u, to.u);
    expand<224, 128, 128>(from.v, to.v);
}

void pad_right_and_bottom(image::MutablePlane plane, image::Size from) {
    for (int y = 0; y < from.height; ++y) {
        std::uint8_t* row = plane.row(y);
        if (plane.size.width > from.width) row[from.width] = row[from.width - 1];
    }
    if (plane.size.height > from.height)
        std::memcpy(plane.row(from.height), plane.row(from.height - 1),
                    static_cast<std::size_t>(plane.size.width));
}

// x264 gives this id to both of its parameter sets.
int id_beside(const ParameterSets& camera) {
    int id = 0;
    while (id == camera.sequence.id || id == camera.picture.id) ++id;
    return id;
}

// Lends the planes of a picture to libavcodec, and keeps their owner for as long.
template <class Owner>
void lend(const image::Picture& picture, Owner owner, AVFrame& frame) {
    const image::Plane planes[] = {picture.y, picture.u, picture.v};
    for (int i = 0; i < 3; ++i) {
        frame.data[i] = const_cast<std::uint8_t*>(planes[i].data);
        frame.linesize[i] = static_cast<int>(planes[i].stride);
    }
    auto kept = std::make_unique<Owner>(std::move(owner));
    frame.buf[0] = av_buffer_create(
        frame.data[0],
        static_cast<std::size_t>(picture.y.stride) * static_cast<std::size_t>(picture.y.size.height),
        [](void* p, std::uint8_t*) { delete static_cast<Owner*>(p); }, kept.get(), AV_BUFFER_FLAG_READONLY);
    if (!frame.buf[0]) throw std::bad_alloc{};
    kept.release();
}

}  // namespace

Result<std::unique_ptr<H264Encoder>> H264Encoder::open(const EncodeOptions& options) {
    route_av_log();
    if (options.size.width < 2 || options.size.height < 2 || options.size.width > 16384 ||
        options.size.height > 16384)
        return fail(ErrorKind::invalid, "cannot encode pictures of {}x{}; H.264 takes 2x2 to 16384x16384",
                    options.size.width, options.size.height);
    if (!is_preset(options.preset))
        return fail(ErrorKind::invalid, "x264 has no preset '{}'; take one from ultrafast to veryslow",
                    options.preset);
    std::unique_ptr<H264Encoder> encoder{new H264Encoder{options}};
    TRY_STATUS(encoder->start());
    return encoder;
}

Status H264Encoder::start() {
    const AVCodec* x264 = avcodec_find_encoder_by_name("libx264");
    if (!x264)
        return fail(ErrorKind::unavailable,
                    "libavcodec has no libx264; install a build of FFmpeg that has it");
    codec_.reset(avcodec_alloc_context3(x264));
    if (!codec_) throw std::bad_alloc{};
    codec_->width = (options_.size.width + 1) & ~1;
    codec_->height = (options_.size.height + 1) & ~1;
    codec_->pix_fmt = AV_PIX_FMT_YUV420P;
    codec_->time_base = kMicrosecond;
    codec_->framerate = plausible(options_.frame_rate);
    codec_->sample_aspect_ratio = to_av(options_.sample_aspect);
    codec_->color_primaries = static_cast<AVColorPrimaries>(options_.colour.primaries);
    codec_->color_trc = static_cast<AVColorTransferCharacteristic>(options_.colour.transfer);
    codec_->colorspace = static_cast<AVColorSpace>(options_.colour.matrix);
    codec_->color_range = full_range() ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    codec_->max_b_frames = 0;
    codec_->thread_count = options_.threads;
    codec_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;

    // Keyframes are placed here, by time, not by number of frames; 8x8dct and cabac make it High whatever the
    // preset.
    std::string x264_options = "keyint=infinite:scenecut=0:bframes=0:8x8dct=1:cabac=1";
    // force-cfr: otherwise x264 waits for the next frame to know how long this one lasts.
    if (options_.low_latency)
        x264_options += ":sliced-threads=1:sync-lookahead=0:rc-lookahead=0:mbtree=0:force-cfr=1";
    if (options_.camera) x264_options += fmt::format(":sps-id={}", id_beside(*options_.camera));
    Options av;
    av.set("preset", options_.preset);
    av.set("crf", std::to_string(options_.crf));
    av.set("forced-idr", "1");
    av.set("profile", "high");
    av.set("x264-params", x264_options);
    if (const int opened = avcodec_open2(codec_.get(), x264, av.get()); opened < 0)
        return fail_av(opened, fmt::format("cannot start the H.264 encoder for {}x{} with preset '{}'",
                                           codec_->width, codec_->height, options_.preset));

    // x264 signs its streams with its version and settings in an SEI; unit type 6 is SEI (ITU-T H.264, table
    // 7-1).
    AVBSFContext* filter = nullptr;
    int made = av_bsf_list_parse_str("filter_units=remove_types=6", &filter);
    without_sei_.reset(filter);
    if (made >= 0) made = avcodec_parameters_from_context(filter->par_in, codec_.get());
    if (made >= 0) {
        filter->time_base_in = codec_->time_base;
        made = av_bsf_init(filter);
    }
    if (made < 0) return fail_av(made, "cannot set up the filter that removes SEI");
    parameters_.reset(avcodec_parameters_alloc());
    if (!parameters_) throw std::bad_alloc{};
    if (const int copied = avcodec_parameters_copy(parameters_.get(), filter->par_out); copied < 0)
        return fail_av(copied, "cannot take over the encoder's parameters");
    return {};
}

// libavcodec only borrows the SafeFrame's planes (x264 copies them). An odd picture is copied and padded; one
// of another range is made anew.
Result<FramePtr> H264Encoder::wrap(const image::SafeFrame& safe) const {
    auto frame = make_frame();
    frame->format = codec_->pix_fmt;
    frame->width = codec_->width;
    frame->height = codec_->height;
    if (safe.size() == coded_size() && !full_range()) {
        lend(safe.picture(), safe, *frame);
        return frame;
    }
    image::PictureBuffer padded{coded_size()};
    const auto to = padded.writable();
    const auto part = [](image::MutablePlane plane, image::Size size) {
        return image::MutablePlane{plane.data, plane.stride, size};
    };
    const image::MutablePicture inside{part(to.y, safe.size()), part(to.u, safe.size().chroma()),
                                       part(to.v, safe.size().chroma())};
    if (full_range())
        expand(safe.picture(), inside);
    else
        image::copy(safe.picture(), inside);
    pad_right_and_bottom(to.y, safe.size());
    const auto picture = padded.view();
    lend(picture, std::move(padded), *frame);
    return frame;
}

Status H264Encoder::encode(const image::SafeFrame& safe, const Sink& sink) {
    if (safe.size() != options_.size)
        return fail(ErrorKind::internal, "a picture of {}x{} came to an encoder for {}x{}", safe.size().width,
                    safe.size().height, options_.size.width, options_.size.height);
    auto frame = TRY(wrap(safe));
    const Micros now = safe.when().time;
    // Two ticks may round to the same microsecond; the encoder wants them apart. It uses them for rate
    // control only.
    frame->pts = last_micros_ ? std::max<std::int64_t>(now.count(), *last_micros_ + 1) : now.count();
    last_micros_ = frame->pts;
    if (!last_keyframe_ || now - *last_keyframe_ >= options_.keyframe_interval) {
        frame->pict_type = AV_PICTURE_TYPE_I;
        last_keyframe_ = now;
    }
    times_.push_back(safe.when());
    if (const int sent = avcodec_send_frame(codec_.get(), frame.get()); sent < 0)
        return fail_av(sent, "the H.264 encoder refuses a picture");
    return drain(sink);
}

Status H264Encoder::flush(const Sink& sink) {
    avcodec_send_frame(codec_.get(), nullptr);
    return drain(sink);
}

Status H264Encoder::drain(const Sink& sink) {
    auto packet = make_packet();
    for (;;) {
        const int received = avcodec_receive_packet(codec_.get(), packet.get());
        if (received == AVERROR(EAGAIN) || received == AVERROR_EOF) return {};
        if (received < 0) return fail_av(received, "the H.264 encoder failed");
        // Metadata about the encoding, which muxers may store.
        av_packet_free_side_data(packet.get());
        int filtered = av_bsf_send_packet(without_sei_.get(), packet.get());
        if (filtered >= 0) filtered = av_bsf_receive_packet(without_sei_.get(), packet.get());
        if (filtered < 0 || times_.empty())
            return fail_av(filtered, "cannot remove SEI from the encoder's packet");
        const auto when = times_.front();
        times_.pop_front();
        TRY_STATUS(sink(*packet, when));
        av_packet_unref(packet.get());
    }
}

}  // namespace passerby::media
