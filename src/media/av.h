// Owners for libav's handles, and its error codes as values. Only src/media includes this file.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
}

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "media/video_reader.h"

namespace passerby::media {

struct AvFree {
    void operator()(AVFrame* p) const { av_frame_free(&p); }
    void operator()(AVPacket* p) const { av_packet_free(&p); }
    void operator()(AVCodecContext* p) const { avcodec_free_context(&p); }
    void operator()(AVCodecParameters* p) const { avcodec_parameters_free(&p); }
    void operator()(AVBSFContext* p) const { av_bsf_free(&p); }
    void operator()(SwsContext* p) const { sws_freeContext(p); }
};

using FramePtr = std::unique_ptr<AVFrame, AvFree>;
using PacketPtr = std::unique_ptr<AVPacket, AvFree>;
using CodecPtr = std::unique_ptr<AVCodecContext, AvFree>;
using ParametersPtr = std::unique_ptr<AVCodecParameters, AvFree>;
using BsfPtr = std::unique_ptr<AVBSFContext, AvFree>;
using SwsPtr = std::unique_ptr<SwsContext, AvFree>;

// Owns an open input. (Outputs have an owner of their own, Mp4File.)
struct AvCloseInput {
    void operator()(AVFormatContext* p) const { avformat_close_input(&p); }
};
using InputPtr = std::unique_ptr<AVFormatContext, AvCloseInput>;

// Options by name, as libav takes them.
class Options {
  public:
    Options() = default;
    Options(const Options&) = delete;
    Options& operator=(const Options&) = delete;
    ~Options() { av_dict_free(&dictionary_); }
    void set(const char* key, std::string_view value) {
        av_dict_set(&dictionary_, key, std::string{value}.c_str(), 0);
    }
    AVDictionary** get() { return &dictionary_; }

  private:
    AVDictionary* dictionary_ = nullptr;
};

FramePtr make_frame();
PacketPtr make_packet();

// libav's text for an error code, without secrets.
std::string av_message(int code);
// "what: libav's text", with the kind that fits the code.
tl::unexpected<Error> fail_av(int code, std::string_view what);

inline AVRational to_av(Rational r) {
    return {r.num, r.den};
}
inline Rational from_av(AVRational r) {
    return {r.num, r.den};
}
inline constexpr AVRational kMicrosecond{1, 1'000'000};

// libav's messages go to the log (debug level, as they are no use to most readers) and never to standard
// error. Call before any other use of libav; only the first call does something.
void route_av_log();

// Hears the errors that libav logs about one of its objects in this thread, while it lives. Some demuxers
// skip damage and tell nobody else.
class ErrorListener {
  public:
    explicit ErrorListener(const void* object);
    ~ErrorListener();
    ErrorListener(const ErrorListener&) = delete;
    ErrorListener& operator=(const ErrorListener&) = delete;
    const std::string& heard() const { return heard_; }  // the first; empty: none

  private:
    friend void hear(const void* object, std::string_view text);
    const void* object_;
    std::string heard_;
};

}  // namespace passerby::media
