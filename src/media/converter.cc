#include "media/converter.h"

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <cstring>

namespace passerby::media {

namespace {

bool is_rgb(int format) {
    const auto* about = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(format));
    return about && (about->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL));
}

bool is_full_range(const AVFrame& frame) {
    switch (frame.format) {
        case AV_PIX_FMT_YUVJ420P:
        case AV_PIX_FMT_YUVJ422P:
        case AV_PIX_FMT_YUVJ444P:
        case AV_PIX_FMT_YUVJ440P:
        case AV_PIX_FMT_YUVJ411P:
            return true;
        default:
            return frame.color_range == AVCOL_RANGE_JPEG;
    }
}

bool is_420(const AVFrame& frame) {
    return (frame.format == AV_PIX_FMT_YUV420P || frame.format == AV_PIX_FMT_YUVJ420P) &&
           frame.linesize[0] > 0 && frame.linesize[1] > 0 && frame.linesize[2] > 0;
}

image::Plane plane(const AVFrame& frame, int index, image::Size size) {
    return {frame.data[index], frame.linesize[index], size};
}

// Full range (0-255) to limited range: 16-235 for luma, 16-240 around 128 for chroma; rounded, 16.16 fixed
// point.
template <int kSpan, int kCentreIn, int kCentreOut>
void compress(image::Plane from, image::MutablePlane to) {
    constexpr int kScale = (kSpan * 65536 + 127) / 255;
    for (int y = 0; y < to.size.height; ++y) {
        const std::uint8_t* in = from.row(y);
        std::uint8_t* out = to.row(y);
        for (int x = 0; x < to.size.width; ++x)
            out[x] =
                static_cast<std::uint8_t>(((in[x] - kCentreIn) * kScale + kCentreOut * 65536 + 32768) >> 16);
    }
}

void fill(image::MutablePlane to, std::uint8_t value) {
    for (int y = 0; y < to.size.height; ++y)
        std::memset(to.row(y), value, static_cast<std::size_t>(to.size.width));
}

}  // namespace

int Converter::matrix_of(const AVFrame& frame) {
    if (!is_rgb(frame.format)) return frame.colorspace;
    return frame.height >= 720 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
}

Result<Converter::Held> Converter::scale(const AVFrame& frame) {
    const bool full = is_full_range(frame);
    if (!sws_ || sws_width_ != frame.width || sws_height_ != frame.height || sws_format_ != frame.format ||
        sws_range_ != full) {
        sws_.reset(sws_alloc_context());
        if (!sws_) throw std::bad_alloc{};
        av_opt_set_int(sws_.get(), "srcw", frame.width, 0);
        av_opt_set_int(sws_.get(), "srch", frame.height, 0);
        av_opt_set_int(sws_.get(), "src_format", frame.format, 0);
        av_opt_set_int(sws_.get(), "src_range", full, 0);
        av_opt_set_int(sws_.get(), "dstw", stored_.width, 0);
        av_opt_set_int(sws_.get(), "dsth", stored_.height, 0);
        av_opt_set_int(sws_.get(), "dst_format", AV_PIX_FMT_YUV420P, 0);
        av_opt_set_int(sws_.get(), "dst_range", 0, 0);
        av_opt_set_int(sws_.get(), "sws_flags",
                       SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP | SWS_BITEXACT, 0);
        if (const int made = sws_init_context(sws_.get(), nullptr, nullptr); made < 0)
            return fail_av(made, fmt::format("cannot convert {} pictures of {}x{}",
                                             av_get_pix_fmt_name(static_cast<AVPixelFormat>(frame.format)),
                                             frame.width, frame.height));
        if (is_rgb(frame.format)) {
            const int* table = sws_getCoefficients(matrix_of(frame));
            sws_setColorspaceDetails(sws_.get(), table, 1, table, 0, 0, 1 << 16, 1 << 16);
        }
        sws_width_ = frame.width, sws_height_ = frame.height, sws_format_ = frame.format, sws_range_ = full;
    }
    auto made = std::make_shared<image::PictureBuffer>(stored_);
    const auto to = made->writable();
    std::uint8_t* const planes[4] = {to.y.data, to.u.data, to.v.data, nullptr};
    const int strides[4] = {static_cast<int>(to.y.stride), static_cast<int>(to.u.stride),
                            static_cast<int>(to.v.stride), 0};
    if (const int rows = sws_scale(sws_.get(), frame.data, frame.linesize, 0, frame.height, planes, strides);
        rows < 0)
        return fail_av(rows, "cannot convert a picture");
    return Held{made->view(), made};
}

Result<Converter::Held> Converter::to_limited_420(FramePtr frame) {
    const image::Size half = stored_.chroma();
    if (frame->width == stored_.width && frame->height == stored_.height) {
        if (is_420(*frame)) {
            const image::Picture picture{plane(*frame, 0, stored_), plane(*frame, 1, half),
                                         plane(*frame, 2, half)};
            if (!is_full_range(*frame)) return Held{picture, std::shared_ptr<AVFrame>{std::move(frame)}};
            auto made = std::make_shared<image::PictureBuffer>(stored_);
            const auto to = made->writable();
            compress<219, 0, 16>(picture.y, to.y);
            compress<224, 128, 128>(picture.u, to.u);
            compress<224, 128, 128>(picture.v, to.v);
            return Held{made->view(), made};
        }
        // libswscale takes all grey for full range; that of video codecs is limited unless they say
        // otherwise.
        if (frame->format == AV_PIX_FMT_GRAY8 && !is_full_range(*frame)) {
            auto made = std::make_shared<image::PictureBuffer>(stored_);
            const auto to = made->writable();
            for (int y = 0; y < stored_.height; ++y)
                std::memcpy(to.y.row(y), plane(*frame, 0, stored_).row(y),
                            static_cast<std::size_t>(stored_.width));
            fill(to.u, 128);
            fill(to.v, 128);
            return Held{made->view(), made};
        }
    }
    return scale(*frame);
}

Result<image::RawFrame> Converter::convert(FramePtr frame, image::FrameTime when) {
    auto held = TRY(to_limited_420(std::move(frame)));
    if (!orientation_.upright()) {
        auto turned = std::make_shared<image::PictureBuffer>(size());
        orient(held.picture, orientation_, turned->writable());
        held = {turned->view(), turned};
    }
    return image::RawFrame{held.picture, std::move(held.owner), when};
}

}  // namespace passerby::media
