#include "media/input.h"

#include <fcntl.h>
#include <sys/stat.h>

extern "C" {
#include <libavutil/avstring.h>
}

#include <array>
#include <cerrno>
#include <fstream>

#include "base/file.h"
#include "base/log.h"
#include "media/mp4_boxes.h"
#include "media/sound.h"

namespace passerby::media {

namespace {

constexpr std::int64_t kMostPixels = 16384LL * 8640;
constexpr int kMostStreams = 100;
// Of cameras' microphones. All of them only turn bytes into samples.
constexpr const char* kSoundCodecs =
    "aac,aac_latm,pcm_alaw,pcm_mulaw,pcm_s16be,pcm_s16le,g722,g726,g726le,opus,libopus,mp2float,mp2,mp3float,"
    "mp3";
// Enough of a camera's stream to know it, and no more: what is read here delays the first picture.
constexpr std::int64_t kCameraProbeMicros = 1'500'000;

// What the operating system can say about the file before libav sees it.
Status check_file(const Source& source) {
    const auto path = source.address.substr(5);
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0)
        return fail_errno(errno, fmt::format("cannot open '{}'", source.name));
    if (S_ISDIR(about.st_mode))
        return fail(ErrorKind::invalid, "'{}' is a folder; name a video file in it", source.name);
    if (!S_ISREG(about.st_mode))
        return fail(ErrorKind::invalid, "'{}' is not a regular file; copy the video into one", source.name);
    TRY(open_file(path, O_RDONLY));
    if (about.st_size == 0)
        return fail(ErrorKind::invalid, "'{}' is empty (0 bytes); was the copy or the recording finished?",
                    source.name);
    return {};
}

tl::unexpected<Error> fail_file(int code, const Source& source) {
    if (code == AVERROR_INVALIDDATA && mp4_lacks_index(source.address.substr(5)))
        return fail(ErrorKind::corrupt,
                    "'{}' is cut off: its index (moov) is missing; copy it again from the camera or repair "
                    "it with untrunc",
                    source.name);
    // EINVAL: libav knows the format, but it is not one of ours.
    if (code == AVERROR_INVALIDDATA || code == AVERROR(EINVAL))
        return fail(ErrorKind::invalid,
                    "'{}' is not a video that passerby reads; give MP4, MKV, WebM, AVI, MPEG-TS or a "
                    "picture (JPEG, PNG, WebP, BMP, TIFF)",
                    source.name);
    return fail_av(code, fmt::format("cannot read '{}'", source.name));
}

tl::unexpected<Error> fail_camera(int code, const Source& source, const ReadOptions& options,
                                  const Watch& watch) {
    if (watch.timed_out() || code == AVERROR(ETIMEDOUT))
        return fail(ErrorKind::unavailable,
                    "no data from '{}' for {} s; check the camera and the network to it", source.name,
                    std::chrono::duration_cast<std::chrono::seconds>(options.timeout).count());
    switch (code) {
        case AVERROR_HTTP_UNAUTHORIZED:
        case AVERROR_HTTP_FORBIDDEN:
            return fail(ErrorKind::denied, "'{}' refuses the user or the password; check both", source.name);
        case AVERROR_HTTP_NOT_FOUND:
            return fail(ErrorKind::not_found,
                        "the camera knows no stream at '{}'; check the path in the address", source.name);
        case AVERROR_EOF:
            return fail(ErrorKind::unavailable, "'{}' ended the stream", source.name);
        case AVERROR(EINVAL):
        case AVERROR_INVALIDDATA:
            return fail(ErrorKind::corrupt,
                        "'{}' does not answer with a video stream that passerby reads; check the address",
                        source.name);
        default:
            return fail(ErrorKind::unavailable,
                        "cannot read '{}': {}; check the camera and the network to it", source.name,
                        without_secrets(av_message(code)));
    }
}

// How a picture by itself is read, by its first bytes; null for all else. Left to itself libav would go by
// the name and read a sequence of files.
const AVInputFormat* picture_format(const Source& source) {
    struct Kind {
        std::string_view begins, format;
        std::size_t at = 0;
    };
    static constexpr Kind kKinds[] = {{"\xFF\xD8\xFF", "jpeg_pipe"},
                                      {"\x89PNG\r\n", "png_pipe"},
                                      {"WEBPVP8", "webp_pipe", 8},
                                      {"BM", "bmp_pipe"},
                                      {std::string_view{"II*\0", 4}, "tiff_pipe"},
                                      {std::string_view{"MM\0*", 4}, "tiff_pipe"}};
    // A film of JPEGs one after another begins like a single one.
    if (source.name.ends_with(".mjpeg") || source.name.ends_with(".mjpg")) return nullptr;
    std::array<char, 16> head{};
    std::ifstream{source.address.substr(5), std::ios::binary}.read(head.data(), head.size());
    const std::string_view bytes{head.data(), head.size()};
    for (const auto& kind : kKinds)
        if (bytes.substr(kind.at).starts_with(kind.begins)) return av_find_input_format(kind.format.data());
    return nullptr;
}

Result<InputPtr> open_format(const Source& source, const ReadOptions& options, Watch& watch) {
    AVFormatContext* context = avformat_alloc_context();
    if (!context) throw std::bad_alloc{};
    context->interrupt_callback = watch.callback();
    context->max_streams = kMostStreams;
    Options av;
    av.set("protocol_whitelist", source.protocols);
    av.set("format_whitelist", source.formats);
    if (source.kind == Source::Kind::rtsp) {
        av.set("rtsp_transport", options.transport == ReadOptions::Transport::udp ? "udp" : "tcp");
        av.set("allowed_media_types", options.sound ? "video+audio" : "video");
        // Longer than our own, so that it is ours that ends a read: after libav's, it would wait once more.
        av.set("timeout", std::to_string(2 * options.timeout.count()));
    }
    if (source.live()) context->max_analyze_duration = kCameraProbeMicros;
    // A camera that sends us elsewhere would send its password along.
    if (source.kind == Source::Kind::http) {
        av.set("max_redirects", "0");
        context->fps_probe_size = 0;  // JPEGs carry no times that could tell a rate
    }
    watch.allow(source.live() ? options.timeout : Micros{});
    // On failure libav frees the context.
    const int opened = avformat_open_input(&context, with_credentials(source, options).c_str(),
                                           source.live() ? nullptr : picture_format(source), av.get());
    if (opened < 0) return fail_input(opened, source, options, watch);
    return InputPtr{context};
}

// The first sound that decodes; null: none, or nobody wants it. A camera whose sound does not decode still
// has pictures.
AVStream* begin_sound(const AVFormatContext& format, const Source& source, const ReadOptions& options) {
    if (!options.sound) return nullptr;
    for (unsigned i = 0; i < format.nb_streams; ++i) {
        AVStream* stream = format.streams[i];
        if (stream->codecpar->codec_type != AVMEDIA_TYPE_AUDIO) continue;
        const auto begun = options.sound->begin(*stream);
        if (begun) return stream;
        log_warning("'{}': {}", source.name, begun.error().message);
    }
    return nullptr;
}

bool is_encrypted(const AVStream& stream) {
    const auto tag = stream.codecpar->codec_tag;
    return tag == MKTAG('e', 'n', 'c', 'v') || tag == MKTAG('d', 'r', 'm', 'i') ||
           av_stream_get_side_data(&stream, AV_PKT_DATA_ENCRYPTION_INIT_INFO, nullptr);
}

tl::unexpected<Error> fail_no_video(const AVFormatContext& format, const Source& source) {
    bool audio = false;
    for (unsigned i = 0; i < format.nb_streams; ++i) {
        const auto& par = *format.streams[i]->codecpar;
        audio = audio || par.codec_type == AVMEDIA_TYPE_AUDIO;
        if (par.codec_type == AVMEDIA_TYPE_VIDEO &&
            !(format.streams[i]->disposition & AV_DISPOSITION_ATTACHED_PIC))
            return fail(
                ErrorKind::invalid,
                "the video in '{}' is in {}, which passerby does not decode; convert it to H.264 first",
                source.name,
                par.codec_id == AV_CODEC_ID_NONE ? "an unknown codec" : avcodec_get_name(par.codec_id));
    }
    return fail(ErrorKind::invalid, "'{}' holds {}no video; give a file with pictures", source.name,
                audio ? "sound but " : "");
}

}  // namespace

tl::unexpected<Error> fail_input(int code, const Source& source, const ReadOptions& options,
                                 const Watch& watch) {
    if (watch.interrupted()) return fail(ErrorKind::cancelled, "reading '{}' was stopped", source.name);
    return source.live() ? fail_camera(code, source, options, watch) : fail_file(code, source);
}

tl::unexpected<Error> fail_encrypted(const Source& source) {
    return fail(ErrorKind::invalid, "the video in '{}' is encrypted; decrypt it with its key first",
                source.name);
}

Result<InputPtr> open_file_format(const Source& source, Watch& watch) {
    route_av_log();
    TRY_STATUS(check_file(source));
    return open_format(source, {}, watch);
}

Result<Input> open_input(const Source& source, const ReadOptions& options, Watch& watch) {
    route_av_log();
    if (!source.live()) TRY_STATUS(check_file(source));
    Input input{TRY(open_format(source, options, watch))};
    AVFormatContext& format = *input.format;

    // From here on the streams' decoders may run, to find out what is in them.
    format.codec_whitelist = av_strdup(
        (options.sound ? fmt::format("{},{}", source.codecs, kSoundCodecs) : source.codecs).c_str());
    watch.allow(source.live() ? options.timeout * 2 : Micros{});
    if (const int found = avformat_find_stream_info(&format, nullptr); found < 0)
        return fail_input(found, source, options, watch);

    const int best = av_find_best_stream(&format, AVMEDIA_TYPE_VIDEO, -1, -1, &input.decoder, 0);
    if (best < 0 || (format.streams[best]->disposition & AV_DISPOSITION_ATTACHED_PIC))
        return fail_no_video(format, source);
    input.stream = format.streams[best];
    if (is_encrypted(*input.stream)) return fail_encrypted(source);
    input.sound = begin_sound(format, source, options);
    for (unsigned i = 0; i < format.nb_streams; ++i)
        if (static_cast<int>(i) != best && format.streams[i] != input.sound)
            format.streams[i]->discard = AVDISCARD_ALL;
    return input;
}

Result<CodecPtr> open_decoder(const Input& input, const Source& source, const ReadOptions& options) {
    CodecPtr codec{avcodec_alloc_context3(input.decoder)};
    if (!codec) throw std::bad_alloc{};
    if (const int copied = avcodec_parameters_to_context(codec.get(), input.stream->codecpar); copied < 0)
        return fail_av(copied, fmt::format("cannot set up the decoder for '{}'", source.name));
    codec->pkt_timebase = input.stream->time_base;
    codec->max_pixels = kMostPixels;
    codec->flags |= AV_CODEC_FLAG_UNALIGNED;  // crop to the pixel
    codec->thread_count = options.threads;
    // Whole-frame threads hold a frame back for each thread: too late for a camera.
    codec->thread_type = source.live() ? FF_THREAD_SLICE : FF_THREAD_SLICE | FF_THREAD_FRAME;
    codec->codec_whitelist = av_strdup(source.codecs);
    const int opened = avcodec_open2(codec.get(), input.decoder, nullptr);
    if (opened == AVERROR(EINVAL) && !av_match_list(input.decoder->name, source.codecs, ','))
        return fail(ErrorKind::invalid,
                    "the video in '{}' is in {}, which passerby does not decode; convert it to H.264 first",
                    source.name, avcodec_get_name(input.decoder->id));
    if (opened < 0)
        return fail_av(opened,
                       fmt::format("cannot decode the {} video in '{}'", input.decoder->name, source.name));
    return codec;
}

}  // namespace passerby::media
