#include "media/mp4_file.h"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "media/mp4_boxes.h"

namespace passerby::media {

Result<std::unique_ptr<Mp4File>> Mp4File::create(const std::string& path) {
    route_av_log();
    TRY(open_file(path, O_WRONLY | O_CREAT | O_TRUNC));  // for the error's sake and the file's mode
    AVFormatContext* context = nullptr;
    const auto address = "file:" + path;
    if (const int made = avformat_alloc_output_context2(&context, nullptr, "mp4", address.c_str()); made < 0)
        return fail_av(made, "libavformat cannot write MP4");
    std::unique_ptr<Mp4File> file{new Mp4File{path, context}};
    context->flags |= AVFMT_FLAG_BITEXACT;
    if (const int opened = avio_open(&context->pb, address.c_str(), AVIO_FLAG_WRITE); opened < 0)
        return fail_av(opened, fmt::format("cannot write '{}'", path));
    return file;
}

Mp4File::~Mp4File() {
    if (context_->pb) avio_closep(&context_->pb);
    avformat_free_context(context_);
}

Result<AVStream*> Mp4File::add_stream(const AVCodecParameters& parameters, AVRational time_base) {
    AVStream* stream = avformat_new_stream(context_, nullptr);
    if (!stream || avcodec_parameters_copy(stream->codecpar, &parameters) < 0) throw std::bad_alloc{};
    stream->codecpar->codec_tag = 0;  // the container it came from has another
    stream->time_base = time_base;
    stream->sample_aspect_ratio = parameters.sample_aspect_ratio;
    return stream;
}

Status Mp4File::start() {
    Options av;
    av.set("movflags", "+faststart+disable_chpl");
    for (unsigned i = 0; i < context_->nb_streams; ++i)
        if (context_->streams[i]->codecpar->codec_type ==
            AVMEDIA_TYPE_VIDEO)  // libav would multiply small ones
            av.set("video_track_timescale", std::to_string(context_->streams[i]->time_base.den));
    if (const int begun = avformat_write_header(context_, av.get()); begun < 0) return fail_write(begun);
    started_ = true;
    return {};
}

Status Mp4File::write(AVPacket& packet, const AVStream& stream, AVRational from) {
    packet.stream_index = stream.index;
    packet.pos = -1;
    av_packet_rescale_ts(&packet, from, stream.time_base);
    if (!begun_ && stream.index == 0) {
        video_start_ = packet.pts;
        begun_ = true;
    }
    if (const int written = av_write_frame(context_, &packet); written < 0) return fail_write(written);
    return {};
}

tl::unexpected<Error> Mp4File::fail_write(int code) const {
    // libav may report the consequence; the file knows the cause.
    if (context_->pb && context_->pb->error < 0) code = context_->pb->error;
    if (code == AVERROR(ENOSPC) || code == AVERROR(EDQUOT))
        return fail(ErrorKind::full, "no space left for '{}'; free some or write to another disk", path_);
    return fail_av(code, fmt::format("cannot write '{}'", path_));
}

// MP4 says when a track begins in units of the movie, for which libav takes milliseconds.
Status Mp4File::make_start_exact() const {
    const auto base = context_->streams[0]->time_base;
    int num = 0, den = 0;
    if (video_start_ <= 0 || !av_reduce(&num, &den, video_start_ * base.num, base.den, INT32_MAX) ||
        1000 % den == 0)
        return {};
    const std::int64_t more = den < 1000 ? (999 + den) / den : 1;  // durations are counted in it too
    if (num * more > INT32_MAX) return {};
    return set_movie_timescale(path_, static_cast<std::uint32_t>(den * more),
                               static_cast<std::uint32_t>(num * more));
}

Status Mp4File::close() {
    const int closed = avio_closep(&context_->pb);
    if (closed < 0) return fail_write(closed);
    TRY_STATUS(make_start_exact());
    const auto fd = TRY(open_file(path_, O_RDWR));
    if (::fsync(fd.get()) != 0) return fail_errno(errno, fmt::format("cannot write '{}'", path_));
    return {};
}

Status Mp4File::finish() {
    if (started_) {
        started_ = false;
        if (const int ended = av_write_trailer(context_); ended < 0) return fail_write(ended);
    }
    return close();
}

}  // namespace passerby::media
