#include "media/bgr.h"

#include "media/av.h"

namespace passerby::media {

namespace {
// libswscale's vectors write whole blocks: room for one more at the end of each row.
constexpr int kAlignment = 64;
}  // namespace

void BgrConverter::Free::operator()(SwsContext* context) const {
    sws_freeContext(context);
}

BgrConverter::BgrConverter() = default;
BgrConverter::~BgrConverter() = default;
BgrConverter::BgrConverter(BgrConverter&&) noexcept = default;

Result<BgrView> BgrConverter::convert(const image::Picture& picture) {
    const auto [width, height] = picture.size();
    // Format, matrix and flags are those of OpenCV's cap_ffmpeg_impl.hpp (4.6): bicubic and nothing else,
    // which for even heights is libswscale's fast path without interpolation of chroma.
    sws_.reset(sws_getCachedContext(sws_.release(), width, height, AV_PIX_FMT_YUV420P, width, height,
                                    AV_PIX_FMT_BGR24, SWS_BICUBIC, nullptr, nullptr, nullptr));
    if (!sws_) return fail(ErrorKind::internal, "cannot convert pictures of {}x{} to BGR", width, height);
    const int stride = (3 * width + 2 * kAlignment - 1) / kAlignment * kAlignment;
    samples_.resize(static_cast<std::size_t>(stride) * static_cast<std::size_t>(height));
    const std::uint8_t* const from[4] = {picture.y.data, picture.u.data, picture.v.data, nullptr};
    const int from_strides[4] = {static_cast<int>(picture.y.stride), static_cast<int>(picture.u.stride),
                                 static_cast<int>(picture.v.stride), 0};
    std::uint8_t* const to[4] = {samples_.data(), nullptr, nullptr, nullptr};
    const int to_strides[4] = {stride, 0, 0, 0};
    if (const int rows = sws_scale(sws_.get(), from, from_strides, 0, height, to, to_strides); rows < 0)
        return fail_av(rows, "cannot convert a picture to BGR");
    return BgrView{samples_.data(), stride, picture.size()};
}

}  // namespace passerby::media
