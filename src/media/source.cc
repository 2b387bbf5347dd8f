#include "media/source.h"

#include <algorithm>
#include <cctype>

#include "base/log.h"

namespace passerby::media {

namespace {

// libav knows hundreds of formats and protocols, some of which read other files or open connections. These do
// not.
constexpr const char* kFileFormats =
    "mov,matroska,avi,mpegts,mpeg,h264,hevc,m4v,mjpeg,mpjpeg,ivf,jpeg_pipe,png_pipe,webp_pipe,"
    "bmp_pipe,tiff_pipe";
constexpr const char* kFileCodecs =
    "h264,hevc,mpeg4,msmpeg4v1,msmpeg4v2,msmpeg4,h263,mpeg1video,mpeg2video,mjpeg,vp8,vp9,libdav1d,av1,ffv1,"
    "huffyuv,"
    "ffvhuff,rawvideo,png,webp,bmp,tiff";
constexpr const char* kCameraCodecs = "h264,hevc,mpeg4,mjpeg,vp8,vp9,libdav1d";

bool is_scheme(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) || c == '+'; });
}

std::string percent_encoded(std::string_view text) {
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) || std::string_view{"-._~"}.find(c) != std::string_view::npos)
            encoded += c;
        else
            encoded += fmt::format("%{:02X}", byte);
    }
    return encoded;
}

Source file(std::string path) {
    Source source;
    source.address = "file:" + path;  // libav would take a path like "concat:a" for a protocol
    source.name = std::move(path);
    source.protocols = "file";
    source.formats = kFileFormats;
    source.codecs = kFileCodecs;
    return source;
}

}  // namespace

Result<Source> parse_source(const std::string& text, ReadOptions::Transport transport) {
    if (text.empty())
        return fail(ErrorKind::invalid, "no source is named; give a file or the address of a camera");
    if (text.find('\0') != std::string::npos)
        return fail(ErrorKind::invalid, "the source's name holds a zero byte");
    if (text.starts_with("file:")) return file(text.substr(5));
    const auto colon = text.find("://");
    if (colon == std::string::npos || !is_scheme(text.substr(0, colon))) return file(text);

    Source source;
    source.name = source.address = text;
    source.codecs = kCameraCodecs;
    const auto scheme = text.substr(0, colon);
    const bool udp = transport == ReadOptions::Transport::udp;
    if (scheme == "rtsp" || scheme == "rtsps") {
        source.kind = Source::Kind::rtsp;
        source.formats = "rtsp";
        source.protocols =
            scheme == "rtsps" ? (udp ? "tls,tcp,rtp,udp" : "tls,tcp") : (udp ? "tcp,rtp,udp" : "tcp");
    } else if (scheme == "http" || scheme == "https") {
        source.kind = Source::Kind::http;
        source.formats = "mpjpeg,mjpeg,jpeg_pipe,mpegts";
        source.protocols = scheme == "https" ? "https,tls,tcp" : "http,tcp";
    } else {
        return fail(
            ErrorKind::invalid,
            "'{}' is an address of an unknown kind; use a file, rtsp://, rtsps://, http:// or https://",
            without_secrets(text));
    }
    const auto authority = text.substr(colon + 3, text.find_first_of("/?#", colon + 3) - colon - 3);
    if (authority.empty()) return fail(ErrorKind::invalid, "'{}' names no host", without_secrets(text));
    if (authority.find('@') != std::string::npos)
        return fail(
            ErrorKind::invalid,
            "the address '{}' holds a user or a password; give them in the keys for user and password",
            without_secrets(text));
    return source;
}

std::string with_credentials(const Source& source, const ReadOptions& options) {
    if (!source.live() || (options.user.empty() && options.password.empty())) return source.address;
    const auto password = percent_encoded(options.password);
    for (const auto& secret : {options.password, password})
        if (without_secrets(secret) == secret)
            hide_in_log(secret);  // once, however often the camera is opened
    const auto host = source.address.find("://") + 3;
    return source.address.substr(0, host) + percent_encoded(options.user) + ":" + password + "@" +
           source.address.substr(host);
}

}  // namespace passerby::media
