#include "media/originals.h"

#include <algorithm>

#include "media/input.h"
#include "media/mp4_file.h"

namespace passerby::media {

namespace {

constexpr Micros kFurthest = std::chrono::minutes{2};

// Which container holds this codec.
const AVOutputFormat* container_for(AVCodecID codec) {
    for (const char* name : {"mp4", "matroska"}) {
        const AVOutputFormat* format = av_guess_format(name, nullptr, nullptr);
        if (format && avformat_query_codec(format, codec, FF_COMPLIANCE_NORMAL) == 1) return format;
    }
    return nullptr;
}

// libavformat parses a stream's parameter sets for the file's header with little doubt, and takes minutes
// over hostile ones. Its decoders doubt: what they refuse is not kept.
Status check_parameter_sets(const AVCodecParameters& parameters) {
    if (parameters.extradata_size == 0) return {};
    const AVCodec* decoder = avcodec_find_decoder(parameters.codec_id);
    if (!decoder)
        return fail(ErrorKind::invalid, "nothing decodes {}", avcodec_get_name(parameters.codec_id));
    const CodecPtr codec{avcodec_alloc_context3(decoder)};
    if (!codec || avcodec_parameters_to_context(codec.get(), &parameters) < 0) throw std::bad_alloc{};
    codec->err_recognition = AV_EF_EXPLODE;
    if (const int opened = avcodec_open2(codec.get(), decoder, nullptr); opened < 0)
        return fail_av(opened, fmt::format("the {} parameter sets are damaged", decoder->name));
    return {};
}

struct AvFreeMuxer {
    void operator()(AVFormatContext* p) const {
        if (p->pb) {
            std::uint8_t* bytes = nullptr;
            avio_close_dyn_buf(p->pb, &bytes);
            av_free(bytes);
        }
        avformat_free_context(p);
    }
};

}  // namespace

class Originals::Part {
  public:
    static Result<std::unique_ptr<Part>> begin(const AVStream& stream, WallTime from) {
        auto part = std::make_unique<Part>();
        part->from = from;
        const auto* container = container_for(stream.codecpar->codec_id);
        if (!container)
            return fail(ErrorKind::invalid, "video in {} fits into neither MP4 nor Matroska",
                        avcodec_get_name(stream.codecpar->codec_id));
        TRY_STATUS(check_parameter_sets(*stream.codecpar));
        AVFormatContext* context = nullptr;
        if (const int made = avformat_alloc_output_context2(&context, container, nullptr, nullptr); made < 0)
            return fail_av(made, "libavformat cannot write");
        part->muxer_.reset(context);
        context->flags |= AVFMT_FLAG_BITEXACT;
        if (const int opened = avio_open_dyn_buf(&context->pb); opened < 0)
            return fail_av(opened, "no memory for the camera's packets");
        AVStream* to = avformat_new_stream(context, nullptr);
        if (!to || avcodec_parameters_copy(to->codecpar, stream.codecpar) < 0) throw std::bad_alloc{};
        to->codecpar->codec_tag = 0;
        to->time_base = stream.time_base;
        if (const int begun = avformat_write_header(context, nullptr); begun < 0)
            return fail_av(begun, "cannot begin a file of the camera's packets");
        part->from_base_ = stream.time_base;
        part->headed_ = true;
        return part;
    }

    // Its time is so far from that of the packet before that the film would stand still for minutes.
    bool jumps(const AVPacket& packet) const {
        return begun_ && packet.dts != AV_NOPTS_VALUE && is_far(packet.dts, av_sat_add64(first_, last_));
    }

    // `now`: when it came, for streams whose packets carry no times.
    Status write(const AVPacket& packet, WallTime now) {
        auto copy = PacketPtr{av_packet_clone(&packet)};
        if (!copy) throw std::bad_alloc{};
        const auto arrival = av_rescale_q((now - from).count(), kMicrosecond, from_base_);
        if (copy->dts == AV_NOPTS_VALUE)
            copy->dts = copy->pts != AV_NOPTS_VALUE ? copy->pts : first_ + arrival;
        if (copy->pts == AV_NOPTS_VALUE || is_far(copy->pts, copy->dts)) copy->pts = copy->dts;
        if (!begun_) first_ = copy->dts;
        copy->dts = av_sat_sub64(copy->dts, first_);
        copy->pts = av_sat_sub64(copy->pts, first_);
        // What a camera says of time need not go forward; a file's must.
        if (begun_) copy->dts = std::max(copy->dts, last_ + 1);
        copy->pts = std::max(copy->pts, copy->dts);
        last_ = copy->dts;
        begun_ = true;
        length_ = Micros{av_rescale_q(copy->dts, from_base_, kMicrosecond)};
        bytes_ += static_cast<std::size_t>(copy->size);
        copy->stream_index = 0;
        copy->pos = -1;
        av_packet_rescale_ts(copy.get(), from_base_, muxer_->streams[0]->time_base);
        if (const int written = av_write_frame(muxer_.get(), copy.get()); written < 0)
            return fail_av(written, "cannot keep a packet of the camera");
        return {};
    }

    Result<std::string> finish() {
        const int ended = headed_ ? av_write_trailer(muxer_.get()) : 0;
        std::uint8_t* bytes = nullptr;
        const int size = avio_close_dyn_buf(std::exchange(muxer_->pb, nullptr), &bytes);
        std::string file{reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(std::max(0, size))};
        av_free(bytes);
        if (ended < 0) return fail_av(ended, "cannot end a file of the camera's packets");
        return file;
    }

    bool is_long(const AVPacket& next) const {
        return length_ >= kPart || bytes_ + static_cast<std::size_t>(next.size) > kMostBytes;
    }
    bool is_full(const AVPacket& next) const {
        return bytes_ + static_cast<std::size_t>(next.size) > kMostBytes;
    }

    WallTime from;

  private:
    // A stranger's numbers: their difference may not fit.
    bool is_far(std::int64_t a, std::int64_t b) const {
        const auto apart = av_sat_sub64(a, b),
                   most = av_rescale_q(kFurthest.count(), kMicrosecond, from_base_);
        return apart > most || apart < -most;
    }

    std::unique_ptr<AVFormatContext, AvFreeMuxer> muxer_;
    AVRational from_base_{};
    bool headed_ = false, begun_ = false;
    std::int64_t first_ = 0, last_ = 0;
    Micros length_{};
    std::size_t bytes_ = 0;
};

Originals::Originals(const Clock& clock, Sink sink) : clock_{clock}, sink_{std::move(sink)} {
    route_av_log();
}
Originals::~Originals() = default;

void Originals::take(const AVPacket& packet, const AVStream& stream) {
    const auto now = clock_.wall();
    const bool keyframe = packet.flags & AV_PKT_FLAG_KEY;
    const bool breaks_off = part_ && (part_->is_full(packet) || part_->jumps(packet));
    if (breaks_off || (part_ && keyframe && part_->is_long(packet))) end(now);
    if (breaks_off && !keyframe)
        sink_.lost({ErrorKind::unavailable,
                    "its time jumped, or it sent no keyframe for too long; it goes on at "
                    "the next keyframe"});
    if (!part_) {
        if (!keyframe) return;
        auto begun = Part::begin(stream, now);
        if (!begun) return sink_.lost(begun.error());
        part_ = *std::move(begun);
    }
    if (const auto written = part_->write(packet, now); !written) {
        sink_.lost(written.error());
        end(now);
    }
}

void Originals::end(WallTime at) {
    auto bytes = part_->finish();
    // A clock that was set back must not make a part that ends before it begins.
    const auto from = part_->from;
    part_.reset();
    if (!bytes) return sink_.lost(bytes.error());
    sink_.part({*std::move(bytes), from, std::max(at, from + std::chrono::milliseconds{1})});
}

void Originals::finish() {
    if (part_) end(clock_.wall());
}

namespace {

bool same_stream(const AVCodecParameters& a, const AVCodecParameters& b) {
    return a.codec_id == b.codec_id && a.width == b.width && a.height == b.height &&
           std::equal(a.extradata, a.extradata + a.extradata_size, b.extradata,
                      b.extradata + b.extradata_size);
}

}  // namespace

Status join_originals(const std::vector<OriginalFile>& files, const std::string& out) {
    std::unique_ptr<Mp4File> joined;
    AVStream* to = nullptr;
    std::int64_t next = 0;  // the earliest that a packet may be decoded
    auto packet = make_packet();
    for (const auto& file : files) {
        Watch watch{system_clock()};
        const auto source = TRY(parse_source("file:" + file.path, ReadOptions::Transport::tcp));
        const auto format = TRY(open_file_format(source, watch));
        if (format->nb_streams != 1) return fail(ErrorKind::invalid, "'{}' has no one stream", file.path);
        const AVStream& from = *format->streams[0];
        if (!joined) {
            joined = TRY(Mp4File::create(out));
            to = TRY(joined->add_stream(*from.codecpar, from.time_base));
            TRY_STATUS(joined->start());
        }
        if (!same_stream(*from.codecpar, *to->codecpar))
            return fail(ErrorKind::invalid, "the camera changed its stream at '{}'", file.path);
        const auto at = std::max(next, av_rescale_q(file.at.count(), kMicrosecond, to->time_base));
        while (av_read_frame(format.get(), packet.get()) >= 0) {
            av_packet_rescale_ts(packet.get(), from.time_base, to->time_base);
            packet->dts = std::max(packet->dts + at, next);
            packet->pts = std::max(packet->pts + at, packet->dts);
            next = packet->dts + 1;
            TRY_STATUS(joined->write(*packet, *to, to->time_base));
            av_packet_unref(packet.get());  // reading into it does not
        }
    }
    if (!joined) return fail(ErrorKind::not_found, "there is no part to join");
    return joined->finish();
}

}  // namespace passerby::media
