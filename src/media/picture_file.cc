#include "media/picture_file.h"

#include <algorithm>
#include <cctype>

#include "media/av.h"

namespace passerby::media {

namespace {

// Of MJPEG's quantiser, 1 to 31: what is left of the picture shall look as it did.
constexpr int kQuality = 2;

SwsPtr converter(image::Size size, AVPixelFormat from, int from_matrix, AVPixelFormat to, int to_matrix) {
    SwsPtr sws{sws_getContext(
        size.width, size.height, from, size.width, size.height, to,
        SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP | SWS_BITEXACT, nullptr,
        nullptr, nullptr)};
    if (!sws) throw std::bad_alloc{};
    // Ranges: 0 limited, 1 full.
    sws_setColorspaceDetails(sws.get(), sws_getCoefficients(from_matrix), from != AV_PIX_FMT_YUV420P,
                             sws_getCoefficients(to_matrix), to != AV_PIX_FMT_YUV420P, 0, 1 << 16, 1 << 16);
    return sws;
}

Result<FramePtr> converted(const FramePtr& from, AVPixelFormat format, int from_matrix, int to_matrix) {
    auto to = make_frame();
    to->width = from->width, to->height = from->height, to->format = format;
    if (const int made = av_frame_get_buffer(to.get(), 0); made < 0)
        return fail_av(made, "no memory for a picture");
    const auto sws = converter({from->width, from->height}, static_cast<AVPixelFormat>(from->format),
                               from_matrix, format, to_matrix);
    if (const int rows =
            sws_scale(sws.get(), from->data, from->linesize, 0, from->height, to->data, to->linesize);
        rows < 0)
        return fail_av(rows, "cannot convert a picture");
    return to;
}

FramePtr copy_of(const image::SafeFrame& safe) {
    const auto size = safe.size();
    auto frame = make_frame();
    frame->width = size.width, frame->height = size.height, frame->format = AV_PIX_FMT_YUV420P;
    if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc{};
    const auto plane = [&](int i, image::Size of) {
        return image::MutablePlane{frame->data[i], frame->linesize[i], of};
    };
    image::copy(safe.picture(), {plane(0, size), plane(1, size.chroma()), plane(2, size.chroma())});
    return frame;
}

}  // namespace

std::optional<PictureFormat> picture_format_of(std::string_view path) {
    std::string end{path.substr(std::min(path.rfind('.'), path.size()))};
    std::transform(end.begin(), end.end(), end.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (end == ".png") return PictureFormat::png;
    if (end == ".jpg" || end == ".jpeg") return PictureFormat::jpeg;
    return std::nullopt;
}

Result<std::string> encode_picture(const image::SafeFrame& safe, PictureFormat format,
                                   const Colour& colour) try {
    route_av_log();
    const bool png = format == PictureFormat::png;
    // Through RGB, as JPEG has one matrix only and the frame may have another.
    auto frame = TRY(converted(copy_of(safe), AV_PIX_FMT_RGB24, colour.matrix, AVCOL_SPC_SMPTE170M));
    if (!png) frame = TRY(converted(frame, AV_PIX_FMT_YUVJ420P, AVCOL_SPC_SMPTE170M, AVCOL_SPC_SMPTE170M));

    const AVCodec* encoder = avcodec_find_encoder(png ? AV_CODEC_ID_PNG : AV_CODEC_ID_MJPEG);
    if (!encoder)
        return fail(ErrorKind::unavailable,
                    "libavcodec does not write {}; install a build of FFmpeg that does",
                    png ? "PNG" : "JPEG");
    CodecPtr codec{avcodec_alloc_context3(encoder)};
    auto packet = make_packet();
    if (!codec) throw std::bad_alloc{};
    codec->width = frame->width, codec->height = frame->height;
    codec->pix_fmt = static_cast<AVPixelFormat>(frame->format);
    codec->time_base = {1, 1};
    codec->thread_count = 1;
    codec->flags |= AV_CODEC_FLAG_BITEXACT;  // or it would sign the file
    if (!png) {
        codec->color_range = AVCOL_RANGE_JPEG;
        codec->flags |= AV_CODEC_FLAG_QSCALE;
        codec->global_quality = frame->quality = kQuality * FF_QP2LAMBDA;
    }
    int done = avcodec_open2(codec.get(), encoder, nullptr);
    if (done >= 0) done = avcodec_send_frame(codec.get(), frame.get());
    if (done >= 0) done = avcodec_send_frame(codec.get(), nullptr);
    if (done >= 0) done = avcodec_receive_packet(codec.get(), packet.get());
    if (done < 0)
        return fail_av(done, fmt::format("cannot make a {} of {}x{}", png ? "PNG" : "JPEG", frame->width,
                                         frame->height));
    return std::string{reinterpret_cast<const char*>(packet->data), static_cast<std::size_t>(packet->size)};
} catch (const std::bad_alloc&) {
    return fail(ErrorKind::full, "no memory for a picture of {}x{}", safe.size().width, safe.size().height);
}

}  // namespace passerby::media
