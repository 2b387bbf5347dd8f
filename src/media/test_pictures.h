// For tests: pictures in any of libav's pixel formats, with what real decoders leave around them: padded and
// cropped rows full of other things, upside-down planes, odd sizes. Every sample is set by its component and
// place, so that two pictures can differ in chosen samples only.
#pragma once

#include <algorithm>
#include <bit>
#include <cstring>
#include <random>
#include <vector>

extern "C" {
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
}

#include "media/av.h"

namespace passerby::media {

// The samples of one component; each speaks for 2^shift_x x 2^shift_y pixels.
struct Component {
    image::Size size;
    int shift_x = 0, shift_y = 0;
    std::vector<std::uint32_t> values;  // of `depth` bits; of float formats 0-65535 for 0-1

    std::uint32_t& at(int x, int y) { return values[index(x, y)]; }
    std::uint32_t at(int x, int y) const { return values[index(x, y)]; }
    // The pixels that a sample speaks for.
    image::Rect pixels(int x, int y) const {
        return {x << shift_x, y << shift_y, 1 << shift_x, 1 << shift_y};
    }

  private:
    std::size_t index(int x, int y) const { return static_cast<std::size_t>(y * size.width + x); }
};

// All formats that the converter may meet.
inline std::vector<AVPixelFormat> pixel_formats() {
    route_av_log();
    std::vector<AVPixelFormat> formats;
    for (const auto* about = av_pix_fmt_desc_next(nullptr); about; about = av_pix_fmt_desc_next(about)) {
        const auto format = av_pix_fmt_desc_get_id(about);
        const bool refused = (about->flags & (AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BAYER)) ||
                             std::string_view{about->name}.starts_with("xyz");
        if (sws_isSupportedInput(format) && !refused) formats.push_back(format);
    }
    return formats;
}

class SamplePicture {
  public:
    SamplePicture(AVPixelFormat format, image::Size size)
        : format_{format}, about_{*av_pix_fmt_desc_get(format)}, size_{size} {
        for (int c = 0; c < about_.nb_components; ++c) {
            const bool chroma = (c == 1 || c == 2) && about_.nb_components >= 3;
            Component component;
            component.shift_x = chroma ? about_.log2_chroma_w : 0;
            component.shift_y = chroma ? about_.log2_chroma_h : 0;
            component.size = {AV_CEIL_RSHIFT(size.width, component.shift_x),
                              AV_CEIL_RSHIFT(size.height, component.shift_y)};
            component.values.resize(static_cast<std::size_t>(component.size.width * component.size.height));
            components.push_back(std::move(component));
        }
    }

    std::vector<Component> components;

    AVPixelFormat format() const { return format_; }
    image::Size size() const { return size_; }
    bool is_rgb() const { return about_.flags & AV_PIX_FMT_FLAG_RGB; }
    bool has_palette() const { return about_.flags & AV_PIX_FMT_FLAG_PAL; }
    bool is_float() const { return about_.flags & AV_PIX_FMT_FLAG_FLOAT; }
    int depth(int component) const { return is_float() ? 16 : about_.comp[component].depth; }
    const char* name() const { return about_.name; }

    // A frame with these samples. `garbage` decides what stands around them and how they are laid out.
    FramePtr frame(std::mt19937& garbage) const {
        auto frame = make_frame();
        frame->format = format_;
        frame->width = size_.width;
        frame->height = size_.height;
        // Cropped borders, in whole groups of pixels.
        const int group = about_.flags & AV_PIX_FMT_FLAG_BITSTREAM ? 8 : 4;
        const auto upto = [&](int n) { return static_cast<int>(garbage() % static_cast<unsigned>(n + 1)); };
        const int left = group * upto(2), top = group * upto(2), bottom = group * upto(2),
                  right = 4 * upto(8);
        const int alignment = 1 << (garbage() % 2 ? 6 : 3 + upto(2));
        const bool upside_down = garbage() % 8 == 0;
        for (int p = 0; p < av_pix_fmt_count_planes(format_); ++p)
            add_plane(*frame, p, left, right, top, bottom, alignment, upside_down, garbage);
        if (has_palette()) add_palette(*frame);
        for (int c = 0; c < about_.nb_components; ++c) write(*frame, c);
        return frame;
    }

  private:
    int rows_of(int plane, int height) const {
        return plane == 1 || plane == 2 ? AV_CEIL_RSHIFT(height, about_.log2_chroma_h) : height;
    }

    void add_plane(AVFrame& frame, int p, int left, int right, int top, int bottom, int alignment,
                   bool upside_down, std::mt19937& garbage) const {
        const int rows = rows_of(p, size_.height), above = rows_of(p, top), below = rows_of(p, bottom);
        const int before = left ? av_image_get_linesize(format_, left, p) : 0,
                  bytes = av_image_get_linesize(format_, size_.width, p);
        const int stride = (before + bytes + right + alignment - 1) / alignment * alignment;
        frame.buf[p] = av_buffer_alloc(static_cast<std::size_t>(stride * (above + rows + below) + 64));
        if (!frame.buf[p]) throw std::bad_alloc{};
        for (std::size_t i = 0; i < frame.buf[p]->size; i += 4) {
            const auto word = static_cast<std::uint32_t>(garbage());
            std::memcpy(frame.buf[p]->data + i, &word, std::min<std::size_t>(4, frame.buf[p]->size - i));
        }
        frame.data[p] = frame.buf[p]->data + above * stride + before;
        frame.linesize[p] = stride;
        for (int y = 0; y < rows; ++y)
            std::memset(frame.data[p] + y * stride, 0, static_cast<std::size_t>(bytes));
        if (upside_down) {
            frame.data[p] += (rows - 1) * stride;
            frame.linesize[p] = -stride;
        }
    }

    // Grey levels: what an index shows is its own number.
    static void add_palette(AVFrame& frame) {
        frame.buf[1] = av_buffer_alloc(AVPALETTE_SIZE);
        if (!frame.buf[1]) throw std::bad_alloc{};
        frame.data[1] = frame.buf[1]->data;
        frame.linesize[1] = 4;
        for (std::uint32_t i = 0; i < AVPALETTE_COUNT; ++i) {
            const std::uint32_t colour = 0xFF000000U | i * 0x010101U;
            std::memcpy(frame.data[1] + 4 * i, &colour, 4);
        }
    }

    void write(AVFrame& frame, int c) const {
        const auto& component = components[static_cast<std::size_t>(c)];
        std::vector<std::uint32_t> line(static_cast<std::size_t>(component.size.width));
        for (int y = 0; y < component.size.height; ++y) {
            for (int x = 0; x < component.size.width; ++x)
                line[static_cast<std::size_t>(x)] = component.at(x, y);
            if (is_float()) {
                const auto& where = about_.comp[c];
                for (int x = 0; x < component.size.width; ++x) {
                    auto bits = std::bit_cast<std::uint32_t>(
                        static_cast<float>(line[static_cast<std::size_t>(x)]) / 65535.F);
                    if (about_.flags & AV_PIX_FMT_FLAG_BE) bits = __builtin_bswap32(bits);
                    std::memcpy(frame.data[where.plane] + y * frame.linesize[where.plane] + x * where.step +
                                    where.offset,
                                &bits, 4);
                }
            } else {
                av_write_image_line2(line.data(), frame.data, frame.linesize, &about_, 0, y, c,
                                     component.size.width, 4);
            }
        }
    }

    const AVPixelFormat format_;
    const AVPixFmtDescriptor& about_;
    const image::Size size_;
};

}  // namespace passerby::media
