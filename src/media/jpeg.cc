#include "media/jpeg.h"

#include <algorithm>

#include "media/av.h"

namespace passerby::media {

namespace {

constexpr int kQuality = 4;  // of mjpeg's 2 (best) to 31

// JPEG's luma has the full range of 0-255.
Result<FramePtr> full_range(const image::SafeFrame& safe, image::Size size) {
    const auto [width, height] = safe.size();
    const SwsPtr sws{sws_getContext(width, height, AV_PIX_FMT_YUV420P, size.width, size.height,
                                    AV_PIX_FMT_YUVJ420P, SWS_AREA | SWS_BITEXACT, nullptr, nullptr, nullptr)};
    auto frame = make_frame();
    frame->format = AV_PIX_FMT_YUVJ420P;
    frame->width = size.width;
    frame->height = size.height;
    frame->quality = kQuality * FF_QP2LAMBDA;
    frame->pts = 0;
    const image::Picture picture = safe.picture();
    const std::uint8_t* const planes[4] = {picture.y.data, picture.u.data, picture.v.data, nullptr};
    const int strides[4] = {static_cast<int>(picture.y.stride), static_cast<int>(picture.u.stride),
                            static_cast<int>(picture.v.stride), 0};
    if (!sws || av_frame_get_buffer(frame.get(), 0) < 0 ||
        sws_scale(sws.get(), planes, strides, 0, height, frame->data, frame->linesize) < 0)
        return fail(ErrorKind::internal, "cannot convert a picture of {}x{} for JPEG", width, height);
    return frame;
}

}  // namespace

Result<std::string> jpeg_from(const image::SafeFrame& safe, int most_width) {
    route_av_log();
    image::Size size = safe.size();
    if (size.width > most_width)
        size = {most_width,
                std::max(1, static_cast<int>(std::int64_t{size.height} * most_width / size.width))};
    const AVCodec* mjpeg = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
    const CodecPtr codec{avcodec_alloc_context3(mjpeg)};
    if (!mjpeg || !codec)
        return fail(ErrorKind::unavailable, "libavcodec has no JPEG encoder; install a build that has it");
    codec->width = size.width;
    codec->height = size.height;
    codec->pix_fmt = AV_PIX_FMT_YUVJ420P;
    codec->time_base = {1, 25};
    codec->thread_count = 1;
    codec->flags |= AV_CODEC_FLAG_BITEXACT | AV_CODEC_FLAG_QSCALE;  // bit-exact: no comment with a version
    codec->global_quality = kQuality * FF_QP2LAMBDA;
    const auto frame = TRY(full_range(safe, size));
    const auto packet = make_packet();
    int done = avcodec_open2(codec.get(), mjpeg, nullptr);
    if (done >= 0) done = avcodec_send_frame(codec.get(), frame.get());
    if (done >= 0) done = avcodec_send_frame(codec.get(), nullptr);
    if (done >= 0) done = avcodec_receive_packet(codec.get(), packet.get());
    if (done < 0) return fail_av(done, "cannot make a JPEG picture");
    return std::string{reinterpret_cast<const char*>(packet->data), static_cast<std::size_t>(packet->size)};
}

}  // namespace passerby::media
