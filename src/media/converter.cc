#include "media/converter.h"

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace passerby::media {

namespace {

bool is_rgb(int format) {
    const auto* about = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(format));
    return about && (about->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL));
}

bool is_420(const AVFrame& frame) {
    return frame.format == AV_PIX_FMT_YUV420P || frame.format == AV_PIX_FMT_YUVJ420P;
}

// Some rows stand upside down in memory: what reads pictures further on wants them in order.
bool in_order(const image::Picture& p) {
    return p.y.stride > 0 && p.u.stride > 0 && p.v.stride > 0;
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

// The 8-bit planar format that has a chroma sample where this one has.
AVPixelFormat planar_like(AVPixelFormat format) {
    const auto* about = av_pix_fmt_desc_get(format);
    // Of these two libswscale mixes neighbours, or takes rows that stand upside down for others.
    if (!about || (about->flags & AV_PIX_FMT_FLAG_BAYER) || std::string_view{about->name}.starts_with("xyz"))
        return AV_PIX_FMT_NONE;
    if (about->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) return AV_PIX_FMT_YUV444P;
    if (about->nb_components < 3) return AV_PIX_FMT_YUV420P;  // grey
    for (const auto planar : {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUV444P, AV_PIX_FMT_YUV440P,
                              AV_PIX_FMT_YUV411P, AV_PIX_FMT_YUV410P}) {
        const auto* like = av_pix_fmt_desc_get(planar);
        if (like->log2_chroma_w == about->log2_chroma_w && like->log2_chroma_h == about->log2_chroma_h)
            return planar;
    }
    return AV_PIX_FMT_NONE;
}

struct Span {
    int begin, end;
};

// The samples of a line that speak for the pixels of each sample of another: there are `count` of those, each
// of `to_step` pixels of a line of `target`; a sample that is asked for has `from_step` pixels of `source`,
// the first one `missing` less.
std::vector<Span> spans(int count, int to_step, int target, int from_step, int missing, int source) {
    std::vector<Span> all;
    for (int i = 0; i < count; ++i) {
        const auto at = [&](int pixel) {
            return static_cast<std::int64_t>(std::min(pixel, target)) * source;
        };
        const auto begin = static_cast<int>(at(i * to_step) / target),
                   end = static_cast<int>((at((i + 1) * to_step) + target - 1) / target);
        all.push_back({(begin + missing) / from_step, (end + missing + from_step - 1) / from_step});
    }
    return all;
}

// For how many pixels a sample speaks along one axis. The last one of a line has less, where the size is no
// multiple; after mirroring that is the first.
struct Step {
    int pixels = 1, missing = 0;
};

// Each sample becomes the mean of the samples that speak for its pixels, and of no others: a filter that
// reaches further would mix what will be covered into what will be shown. A sample of `to` speaks for
// to_side x to_side pixels of a picture of `target`.
void resample(image::Plane from, Step from_x, Step from_y, image::Size source, image::MutablePlane to,
              int to_side, image::Size target) {
    const auto columns =
                   spans(to.size.width, to_side, target.width, from_x.pixels, from_x.missing, source.width),
               rows = spans(to.size.height, to_side, target.height, from_y.pixels, from_y.missing,
                            source.height);
    std::vector<std::uint32_t> sums(static_cast<std::size_t>(from.size.width));
    for (int y = 0; y < to.size.height; ++y) {
        const auto [y0, y1] = rows[static_cast<std::size_t>(y)];
        std::fill(sums.begin(), sums.end(), 0U);
        for (int sy = y0; sy < y1; ++sy) {
            const std::uint8_t* row = from.row(sy);
            for (std::size_t x = 0; x < sums.size(); ++x) sums[x] += row[x];
        }
        for (int x = 0; x < to.size.width; ++x) {
            const auto [x0, x1] = columns[static_cast<std::size_t>(x)];
            std::uint32_t sum = 0;
            for (int sx = x0; sx < x1; ++sx) sum += sums[static_cast<std::size_t>(sx)];
            const auto count = static_cast<std::uint32_t>((x1 - x0) * (y1 - y0));
            to.row(y)[x] = static_cast<std::uint8_t>((sum + count / 2) / count);
        }
    }
}

}  // namespace

// 8-bit planes of limited range; a sample of chroma speaks for 2^shift_x x 2^shift_y pixels. Grey has no u
// and v.
struct Converter::Planes {
    image::Size size;
    image::Plane y, u, v;
    int shift_x = 0, shift_y = 0;
    std::shared_ptr<const void> owner;
    int missing_x = 0, missing_y = 0;

    Step chroma_x() const { return {1 << shift_x, missing_x}; }
    Step chroma_y() const { return {1 << shift_y, missing_y}; }

    void turn(Orientation o) {
        if (o.upright()) return;
        auto turned = std::make_shared<std::array<std::vector<std::uint8_t>, 3>>();
        std::size_t next = 0;
        for (auto* p : {&y, &u, &v}) {
            auto& bytes = (*turned)[next++];
            if (!p->data) continue;
            const image::Size to = o.apply(p->size);
            bytes.resize(static_cast<std::size_t>(to.width) * static_cast<std::size_t>(to.height));
            orient(*p, o, {bytes.data(), to.width, to});
            *p = {bytes.data(), to.width, to};
        }
        size = o.apply(size);
        if (o.transpose) std::swap(shift_x, shift_y);
        const auto missing = [](int samples, int shift, int pixels) { return (samples << shift) - pixels; };
        if (o.mirror_x && u.data) missing_x = missing(u.size.width, shift_x, size.width);
        if (o.mirror_y && u.data) missing_y = missing(u.size.height, shift_y, size.height);
        owner = std::move(turned);
    }
};

int Converter::matrix_of(const AVFrame& frame) {
    if (!is_rgb(frame.format)) return frame.colorspace;
    return frame.height >= 720 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
}

// libswscale only repacks, brings to 8 bits and to limited range, sample by sample: its filters reach over
// many pixels.
Result<FramePtr> Converter::to_planar(const AVFrame& frame) {
    const bool full = is_full_range(frame);
    const auto format = static_cast<AVPixelFormat>(frame.format), planar = planar_like(format);
    const auto refuse = [&](int code) {
        const char* named = av_get_pix_fmt_name(format);
        return fail_av(code, fmt::format("cannot convert {} pictures of {}x{}", named ? named : "unknown",
                                         frame.width, frame.height));
    };
    if (planar == AV_PIX_FMT_NONE) return refuse(AVERROR_PATCHWELCOME);
    if (!sws_ || sws_width_ != frame.width || sws_height_ != frame.height || sws_format_ != frame.format ||
        sws_range_ != full) {
        sws_.reset(sws_alloc_context());
        if (!sws_) throw std::bad_alloc{};
        av_opt_set_int(sws_.get(), "srcw", frame.width, 0);
        av_opt_set_int(sws_.get(), "srch", frame.height, 0);
        av_opt_set_int(sws_.get(), "src_format", frame.format, 0);
        av_opt_set_int(sws_.get(), "src_range", full, 0);
        av_opt_set_int(sws_.get(), "dstw", frame.width, 0);
        av_opt_set_int(sws_.get(), "dsth", frame.height, 0);
        av_opt_set_int(sws_.get(), "dst_format", planar, 0);
        av_opt_set_int(sws_.get(), "dst_range", 0, 0);
        av_opt_set_int(sws_.get(), "sws_flags",
                       SWS_POINT | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP | SWS_BITEXACT, 0);
        if (const int made = sws_init_context(sws_.get(), nullptr, nullptr); made < 0) return refuse(made);
        if (is_rgb(frame.format)) {
            const int* table = sws_getCoefficients(matrix_of(frame));
            sws_setColorspaceDetails(sws_.get(), table, 1, table, 0, 0, 1 << 16, 1 << 16);
        }
        sws_width_ = frame.width, sws_height_ = frame.height, sws_format_ = frame.format, sws_range_ = full;
    }
    auto made = make_frame();
    made->format = planar;
    made->width = frame.width;
    made->height = frame.height;
    if (av_frame_get_buffer(made.get(), 0) < 0) throw std::bad_alloc{};
    if (const int rows =
            sws_scale(sws_.get(), frame.data, frame.linesize, 0, frame.height, made->data, made->linesize);
        rows < 0)
        return refuse(rows);
    return made;
}

Result<Converter::Planes> Converter::planes_of(FramePtr frame) {
    const image::Size size{frame->width, frame->height};
    // libswscale takes all grey for full range; that of video codecs is limited unless they say otherwise.
    if (frame->format == AV_PIX_FMT_GRAY8 && !is_full_range(*frame)) {
        const auto y = plane(*frame, 0, size);
        return Planes{size, y, {}, {}, 0, 0, std::shared_ptr<AVFrame>{std::move(frame)}};
    }
    if (is_420(*frame) && is_full_range(*frame)) {
        auto made = std::make_shared<image::PictureBuffer>(size);
        const auto to = made->writable();
        compress<219, 0, 16>(plane(*frame, 0, size), to.y);
        compress<224, 128, 128>(plane(*frame, 1, size.chroma()), to.u);
        compress<224, 128, 128>(plane(*frame, 2, size.chroma()), to.v);
        const auto picture = made->view();
        return Planes{size, picture.y, picture.u, picture.v, 1, 1, std::move(made)};
    }
    if (!is_420(*frame)) frame = TRY(to_planar(*frame));
    const auto* about = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame->format));
    const int x = about->log2_chroma_w, y = about->log2_chroma_h;
    const image::Size chroma{AV_CEIL_RSHIFT(size.width, x), AV_CEIL_RSHIFT(size.height, y)};
    return Planes{size,
                  plane(*frame, 0, size),
                  plane(*frame, 1, chroma),
                  plane(*frame, 2, chroma),
                  x,
                  y,
                  std::shared_ptr<AVFrame>{std::move(frame)}};
}

bool Converter::is_full_range(const AVFrame& frame) {
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

bool Converter::keeps(const AVFrame& frame) const {
    return is_420(frame) && orientation_.upright() && frame.linesize[0] > 0 &&
           image::Size{frame.width, frame.height} == stored_;
}

Result<image::RawFrame> Converter::convert(FramePtr frame, image::FrameTime when) {
    auto in = TRY(planes_of(std::move(frame)));
    const image::Picture as_it_is{in.y, in.u, in.v};
    const bool is_ready = in.size == stored_ && in.u.data && in.shift_x == 1 && in.shift_y == 1;
    if (is_ready && orientation_.upright() && in_order(as_it_is))
        return image::RawFrame{as_it_is, in.owner, when};

    auto made = std::make_shared<image::PictureBuffer>(size());
    const auto to = made->writable();
    if (is_ready) {
        orient(as_it_is, orientation_, to);
        return image::RawFrame{made->view(), made, when};
    }
    // Upright first: a chroma sample of an odd picture that is mirrored afterwards would speak for other
    // pixels than those it was made of.
    in.turn(orientation_);
    if (in.size == size())
        image::copy(in.y, to.y);
    else
        resample(in.y, {}, {}, in.size, to.y, 1, size());
    if (in.u.data) {
        resample(in.u, in.chroma_x(), in.chroma_y(), in.size, to.u, 2, size());
        resample(in.v, in.chroma_x(), in.chroma_y(), in.size, to.v, 2, size());
    } else {
        fill(to.u, 128);
        fill(to.v, 128);
    }
    return image::RawFrame{made->view(), made, when};
}

}  // namespace passerby::media
