// Any decoded frame becomes what the rest of passerby works on: upright, 4:2:0, 8 bits, limited range, one
// size.
#pragma once

#include "image/frame.h"
#include "media/av.h"
#include "media/orientation.h"

namespace passerby::media {

class Converter {
  public:
    // `stored` is the size before it is set upright; frames of another size are scaled to it.
    Converter(image::Size stored, Orientation orientation) : stored_{stored}, orientation_{orientation} {}

    image::Size stored_size() const { return stored_; }
    image::Size size() const { return orientation_.apply(stored_); }
    // Shares the frame's planes where they are right already, otherwise makes new ones.
    Result<image::RawFrame> convert(FramePtr, image::FrameTime);

    // convert() hands on this frame's samples, one by one, but for their range.
    bool keeps(const AVFrame&) const;
    // The frame's samples are 0-255.
    static bool is_full_range(const AVFrame&);

    // H.273's matrix that converted frames have: the frame's own, or for RGB the one it is converted with.
    static int matrix_of(const AVFrame&);

  private:
    struct Planes;
    Result<Planes> planes_of(FramePtr);
    Result<FramePtr> to_planar(const AVFrame&);

    image::Size stored_;
    Orientation orientation_;
    SwsPtr sws_;
    int sws_width_ = 0, sws_height_ = 0, sws_format_ = AV_PIX_FMT_NONE, sws_range_ = -1;
};

}  // namespace passerby::media
