#include <algorithm>
#include <cstring>

#include "media/encoder.h"
#include "media/video_writer.h"

namespace passerby::media {

namespace {

constexpr int kTimescale = 1'000'000;
constexpr int kSequenceParameterSet = 7;  // nal_unit_type, ITU-T H.264 table 7-1

// "avc1.PPCCLL" (RFC 6381): profile, constraints and level, the three bytes after the sequence parameter
// set's type.
std::string codec_string(const AVCodecParameters& parameters) {
    const auto* bytes = parameters.extradata;
    for (int i = 0; i + 6 < parameters.extradata_size; ++i)
        if (bytes[i] == 0 && bytes[i + 1] == 0 && bytes[i + 2] == 1 &&
            (bytes[i + 3] & 31) == kSequenceParameterSet)
            return fmt::format("avc1.{:02x}{:02x}{:02x}", bytes[i + 4], bytes[i + 5], bytes[i + 6]);
    return "avc1";
}

class Mp4FragmentWriter final : public FragmentWriter {
  public:
    Mp4FragmentWriter(const EncodeOptions& options, Micros interval, Sink sink)
        : interval_{interval},
          sink_{std::move(sink)},
          last_duration_{std::max<std::int64_t>(
              1, av_rescale_q(1, av_inv_q(to_av(options.frame_rate)), kMicrosecond))} {}
    ~Mp4FragmentWriter() override {
        if (!context_) return;
        if (context_->pb) {
            av_freep(&context_->pb->buffer);
            avio_context_free(&context_->pb);
        }
        avformat_free_context(context_);
    }

    Status start(const EncodeOptions&);
    Status write(const image::SafeFrame& frame) override {
        return encoder_->encode(
            frame, [this](AVPacket& packet, image::FrameTime when) { return take(packet, when); });
    }
    Status finish() override;

  private:
    Status take(AVPacket& packet, image::FrameTime when);
    Status give_held(std::int64_t duration);
    Status cut(Micros end);
    static int collect(void* self, std::uint8_t* data, int size);

    const Micros interval_;
    const Sink sink_;
    std::unique_ptr<H264Encoder> encoder_;
    AVFormatContext* context_ = nullptr;
    std::vector<std::byte> bytes_;  // what the muxer wrote since the last cut
    PacketPtr held_;                // until the next frame tells how long this one lasts
    std::int64_t last_duration_;
    std::optional<Fragment> open_;  // the fragment that packets go to
};

int Mp4FragmentWriter::collect(void* self, std::uint8_t* data, int size) {
    auto& bytes = static_cast<Mp4FragmentWriter*>(self)->bytes_;
    try {
        const auto* begin = reinterpret_cast<const std::byte*>(data);
        bytes.insert(bytes.end(), begin, begin + size);
        return size;
    } catch (...) {  // an exception must not pass through C
        return AVERROR(ENOMEM);
    }
}

Status Mp4FragmentWriter::start(const EncodeOptions& options) {
    encoder_ = TRY(H264Encoder::open(options));
    if (const int made = avformat_alloc_output_context2(&context_, nullptr, "mp4", nullptr); made < 0)
        return fail_av(made, "libavformat cannot write MP4");
    constexpr int kBuffer = 1 << 16;
    auto* buffer = static_cast<unsigned char*>(av_malloc(kBuffer));
    context_->pb = buffer ? avio_alloc_context(buffer, kBuffer, 1, this, nullptr, collect, nullptr) : nullptr;
    AVStream* stream = avformat_new_stream(context_, nullptr);
    if (!context_->pb || !stream) throw std::bad_alloc{};
    context_->pb->seekable = 0;
    context_->flags |= AVFMT_FLAG_BITEXACT | AVFMT_FLAG_CUSTOM_IO;
    if (const int copied = avcodec_parameters_copy(stream->codecpar, &encoder_->parameters()); copied < 0)
        return fail_av(copied, "cannot set up the fragments' stream");
    stream->time_base = {1, kTimescale};
    stream->sample_aspect_ratio = stream->codecpar->sample_aspect_ratio;

    Options av;
    // frag_discont: the first fragment's time is that of its first frame, not zero.
    av.set("movflags", "+frag_custom+empty_moov+default_base_moof+frag_discont+skip_trailer");
    av.set("use_editlist", "0");
    context_->avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED;
    av.set("video_track_timescale", std::to_string(kTimescale));
    if (const int begun = avformat_write_header(context_, av.get()); begun < 0)
        return fail_av(begun, "cannot write the fragments' header");
    avio_flush(context_->pb);
    return sink_.on_init(std::exchange(bytes_, {}), codec_string(encoder_->parameters()));
}

Status Mp4FragmentWriter::take(AVPacket& packet, image::FrameTime when) {
    auto micros = when.time.count();
    if (held_) {
        micros = std::max(micros, held_->pts + 1);
        TRY_STATUS(give_held(micros - held_->pts));
    }
    const bool keyframe = packet.flags & AV_PKT_FLAG_KEY;
    if (open_ && (keyframe || Micros{micros} - open_->start >= interval_)) TRY_STATUS(cut(Micros{micros}));
    if (!open_) open_ = Fragment{{}, Micros{micros}, {}, 0, keyframe};
    held_ = make_packet();
    av_packet_move_ref(held_.get(), &packet);
    held_->pts = held_->dts = micros;
    return {};
}

Status Mp4FragmentWriter::give_held(std::int64_t duration) {
    if (!held_) return {};
    const auto packet = std::move(held_);
    last_duration_ = packet->duration = duration;
    packet->stream_index = 0;
    ++open_->frames;
    if (const int written = av_write_frame(context_, packet.get()); written < 0)
        return fail_av(written, "cannot write to a fragment");
    return {};
}

Status Mp4FragmentWriter::cut(Micros end) {
    if (const int flushed = av_write_frame(context_, nullptr); flushed < 0)
        return fail_av(flushed, "cannot write a fragment");
    avio_flush(context_->pb);
    Fragment done = std::move(*open_);
    open_.reset();
    done.bytes = std::exchange(bytes_, {});
    done.duration = end - done.start;
    return sink_.on_fragment(std::move(done));
}

Status Mp4FragmentWriter::finish() {
    TRY_STATUS(
        encoder_->flush([this](AVPacket& packet, image::FrameTime when) { return take(packet, when); }));
    if (held_) {
        const Micros end{held_->pts + last_duration_};
        TRY_STATUS(give_held(last_duration_));
        TRY_STATUS(cut(end));
    }
    av_write_trailer(context_);  // frees the muxer's memory; a fragmented stream needs no trailer
    bytes_.clear();
    return {};
}

}  // namespace

Result<std::unique_ptr<FragmentWriter>> FragmentWriter::create(EncodeOptions options,
                                                               Micros fragment_interval, Sink sink) {
    if (options.frame_rate.num <= 0 || options.frame_rate.den <= 0)
        return fail(ErrorKind::internal, "the frame rate of the fragments is not positive");
    auto writer = std::make_unique<Mp4FragmentWriter>(options, fragment_interval, std::move(sink));
    TRY_STATUS(writer->start(options));
    return std::unique_ptr<FragmentWriter>{std::move(writer)};
}

}  // namespace passerby::media
