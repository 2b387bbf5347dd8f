#include "media/png.h"

#include <cstring>

#include "base/file.h"
#include "media/av.h"
#include "media/converter.h"

extern "C" {
#include <libavutil/pixdesc.h>
}

namespace passerby::media {

namespace {

constexpr std::int64_t kMostPixels = 1 << 27;

// One file is one packet.
Result<FramePtr> decode(std::string_view bytes) {
    const AVCodec* png = avcodec_find_decoder(AV_CODEC_ID_PNG);
    if (!png)
        return fail(ErrorKind::unavailable, "libavcodec has no PNG decoder; install a build that has it");
    const CodecPtr codec{avcodec_alloc_context3(png)};
    const auto packet = make_packet();
    if (!codec || av_new_packet(packet.get(), static_cast<int>(bytes.size())) < 0) throw std::bad_alloc{};
    std::memcpy(packet->data, bytes.data(), bytes.size());
    codec->max_pixels = kMostPixels;
    codec->thread_count = 1;
    codec->err_recognition = AV_EF_CRCCHECK | AV_EF_EXPLODE;
    auto frame = make_frame();
    int done = avcodec_open2(codec.get(), png, nullptr);
    if (done >= 0) done = avcodec_send_packet(codec.get(), packet.get());
    if (done >= 0) done = avcodec_send_packet(codec.get(), nullptr);
    if (done >= 0) done = avcodec_receive_frame(codec.get(), frame.get());
    if (done < 0) return fail(ErrorKind::corrupt, "{}", av_message(done));
    return frame;
}

Result<FramePtr> to_bgr(const AVFrame& from) {
    const SwsPtr sws{sws_getContext(from.width, from.height, static_cast<AVPixelFormat>(from.format),
                                    from.width, from.height, AV_PIX_FMT_BGR24, SWS_POINT, nullptr, nullptr,
                                    nullptr)};
    auto to = make_frame();
    to->format = AV_PIX_FMT_BGR24;
    to->width = from.width;
    to->height = from.height;
    if (!sws || av_frame_get_buffer(to.get(), 0) < 0 ||
        sws_scale(sws.get(), from.data, from.linesize, 0, from.height, to->data, to->linesize) < 0)
        return fail(ErrorKind::invalid, "its kind of pixels is not understood; store it as 8-bit grey");
    return to;
}

GreyPicture grey_from(const AVFrame& frame) {
    GreyPicture grey{{frame.width, frame.height}, {}};
    grey.samples.reserve(static_cast<std::size_t>(frame.width) * static_cast<std::size_t>(frame.height));
    for (int y = 0; y < frame.height; ++y) {
        const std::uint8_t* row = frame.data[0] + static_cast<std::ptrdiff_t>(y) * frame.linesize[0];
        if (frame.format == AV_PIX_FMT_GRAY8)
            grey.samples.insert(grey.samples.end(), row, row + frame.width);
        else  // 0.114, 0.587 and 0.299 in 15 bits
            for (int x = 0; x < frame.width; ++x)
                grey.samples.push_back(static_cast<std::uint8_t>(
                    (3735 * row[3 * x] + 19235 * row[3 * x + 1] + 9798 * row[3 * x + 2] + 16384) >> 15));
    }
    return grey;
}

Result<GreyPicture> read(const std::filesystem::path& path) {
    const auto bytes = TRY(read_file(path));
    auto frame = TRY(decode(bytes));
    if (frame->format != AV_PIX_FMT_GRAY8) frame = TRY(to_bgr(*frame));
    return grey_from(*frame);
}

}  // namespace

Result<GreyPicture> read_png(const std::filesystem::path& path) {
    route_av_log();
    auto picture = read(path);
    if (!picture && picture.error().kind == ErrorKind::corrupt)
        return fail(ErrorKind::corrupt, "'{}' is not a PNG picture, or damaged ({}); make it anew",
                    path.string(), picture.error().message);
    if (!picture && picture.error().kind == ErrorKind::invalid)
        return fail(ErrorKind::invalid, "'{}': {}", path.string(), picture.error().message);
    return picture;
}

Result<image::RawFrame> decode_png(std::string_view bytes) {
    route_av_log();
    auto frame = decode(bytes);
    if (!frame && frame.error().kind == ErrorKind::corrupt)
        return fail(ErrorKind::corrupt, "it is no PNG picture, or damaged ({})", frame.error().message);
    if (!frame) return tl::unexpected{frame.error()};
    if ((*frame)->format != AV_PIX_FMT_RGB24)
        return fail(ErrorKind::invalid,
                    "its pixels are {}, where 8-bit RGB without transparency is understood",
                    av_get_pix_fmt_name(static_cast<AVPixelFormat>((*frame)->format)));
    return Converter{{(*frame)->width, (*frame)->height}, {}}.convert(std::move(*frame), {});
}

}  // namespace passerby::media
