#include "media/av.h"

#include <cstdarg>
#include <mutex>
#include <new>

#include "base/log.h"

namespace passerby::media {

namespace {
thread_local ErrorListener* listener = nullptr;
}

ErrorListener::ErrorListener(const void* object) : object_{object} {
    listener = this;
}
ErrorListener::~ErrorListener() {
    listener = nullptr;
}

void hear(const void* object, std::string_view text) {
    if (listener && listener->object_ == object && listener->heard_.empty()) listener->heard_ = text;
}

namespace {

template <class T>
T* or_bad_alloc(T* p) {
    if (!p) throw std::bad_alloc{};
    return p;
}

ErrorKind kind_of(int code) {
    switch (code) {
        case AVERROR_INVALIDDATA:
        case AVERROR_EOF:
            return ErrorKind::corrupt;
        case AVERROR_EXIT:
            return ErrorKind::cancelled;
        case AVERROR_HTTP_UNAUTHORIZED:
        case AVERROR_HTTP_FORBIDDEN:
            return ErrorKind::denied;
        case AVERROR_HTTP_NOT_FOUND:
            return ErrorKind::not_found;
        case AVERROR_DECODER_NOT_FOUND:
        case AVERROR_DEMUXER_NOT_FOUND:
        case AVERROR_PROTOCOL_NOT_FOUND:
        case AVERROR_OPTION_NOT_FOUND:
        case AVERROR_PATCHWELCOME:
            return ErrorKind::invalid;
        case AVERROR_BUG:
        case AVERROR_BUG2:
            return ErrorKind::internal;
        default:
            return ErrorKind::unavailable;
    }
}

// libav writes a line in pieces; `prefix` says whether the next piece begins one.
void to_log(void* context, int level, const char* format, va_list arguments) {
    static thread_local int prefix = 1;
    if (level > AV_LOG_WARNING) return;
    char line[1024];
    av_log_format_line2(context, level, format, arguments, line, sizeof line, &prefix);
    std::string_view text{line};
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
    if (text.empty()) return;
    try {
        log_debug("libav: {}", text);
        // Without the prefix, which names the object by its address.
        if (const auto end = text.find("] "); end != std::string_view::npos) text.remove_prefix(end + 2);
        if (level <= AV_LOG_ERROR) hear(context, text);
    } catch (...) {  // an exception must not pass through C
    }
}

}  // namespace

FramePtr make_frame() {
    return FramePtr{or_bad_alloc(av_frame_alloc())};
}
PacketPtr make_packet() {
    return PacketPtr{or_bad_alloc(av_packet_alloc())};
}

std::string av_message(int code) {
    char text[AV_ERROR_MAX_STRING_SIZE];
    av_strerror(code, text, sizeof text);
    return text;
}

tl::unexpected<Error> fail_av(int code, std::string_view what) {
    // Small negative codes are errno; libav's own are four letters, far below.
    if (code < 0 && code > -4096) return fail_errno(-code, what);
    return fail(kind_of(code), "{}: {}", what, av_message(code));
}

void route_av_log() {
    static std::once_flag once;
    std::call_once(once, [] { av_log_set_callback(to_log); });
}

}  // namespace passerby::media
