#include <algorithm>
#include <limits>

#include "media/aac_encoder.h"
#include "media/camera_packets.h"
#include "media/encoder.h"
#include "media/h264_bits.h"
#include "media/packet_choice.h"
#include "media/sound.h"
#include "media/video_writer.h"

namespace passerby::media {

namespace {

constexpr int kTimescale = 1'000'000;
// Sound that is not there yet is waited for; from then on it is silence.
constexpr Micros kSoundMayBeLate = std::chrono::milliseconds{500};
constexpr const char* kAacLowComplexity = "mp4a.40.2";  // RFC 6381
// Some cameras send nothing but keyframes; not each is worth a fragment of its own.
constexpr Micros kBetweenKeyframes = std::chrono::milliseconds{100};
constexpr int kSequenceParameterSet = 7;  // nal_unit_type, ITU-T H.264 table 7-1
constexpr std::size_t kLevel = 3;         // byte of a sequence parameter set, with its header

using Bytes = std::vector<std::uint8_t>;

// A stream's parameter sets, as NAL units.
struct Sets {
    std::vector<Bytes> sequences, pictures;

    explicit Sets(const AVCodecParameters& encoder) {
        for (const auto unit :
             nal_units({encoder.extradata, static_cast<std::size_t>(encoder.extradata_size)}))
            ((unit[0] & 31) == kSequenceParameterSet ? sequences : pictures)
                .emplace_back(unit.begin(), unit.end());
    }
    // The encoder's own come first: they are of High profile, which includes the camera's.
    void add(const ParameterSets& camera, const Showing& showing) {
        sequences.push_back(write(camera.sequence, showing));
        pictures.push_back(write(camera.picture));
        if (auto& own = sequences.front(); own.size() > kLevel)
            own[kLevel] = std::max(own[kLevel], sequences.back()[kLevel]);
    }
    Bytes as_stream() const {
        Bytes stream;
        for (const auto* kind : {&sequences, &pictures})
            for (const auto& set : *kind) {
                stream.insert(stream.end(), {0, 0, 0, 1});
                stream.insert(stream.end(), set.begin(), set.end());
            }
        return stream;
    }
    // "avc1.PPCCLL" (RFC 6381): profile, constraints and level.
    std::string codec() const {
        if (sequences.empty() || sequences.front().size() <= kLevel) return "avc1";
        const auto& set = sequences.front();
        return fmt::format("avc1.{:02x}{:02x}{:02x}", set[1], set[2], set[3]);
    }
};

void set_extradata(AVCodecParameters& parameters, const Bytes& bytes) {
    av_freep(&parameters.extradata);
    parameters.extradata =
        static_cast<std::uint8_t*>(av_mallocz(bytes.size() + AV_INPUT_BUFFER_PADDING_SIZE));
    if (!parameters.extradata) throw std::bad_alloc{};
    std::copy(bytes.begin(), bytes.end(), parameters.extradata);
    parameters.extradata_size = static_cast<int>(bytes.size());
}

PacketPtr packet_of(const CameraPicture& picture) {
    auto packet = make_packet();
    if (av_new_packet(packet.get(), static_cast<int>(picture.slices.size())) < 0) throw std::bad_alloc{};
    std::copy(picture.slices.begin(), picture.slices.end(), packet->data);
    if (picture.index == 0) packet->flags |= AV_PKT_FLAG_KEY;
    return packet;
}

class Mp4FragmentWriter final : public FragmentWriter {
  public:
    Mp4FragmentWriter(const EncodeOptions& options, Micros interval, Sink sink, Sound* sound)
        : interval_{interval},
          camera_{options.camera},
          sink_{std::move(sink)},
          sound_{sound && sound->rate() > 0 ? sound : nullptr},
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
    Status write(const image::SafeFrame& frame) override;
    Status finish() override;

  private:
    const CameraPicture* sent_as(const image::SafeFrame&) const;
    Status take(AVPacket& packet, image::FrameTime when, int kept);
    Status give_held(std::int64_t duration);
    Status cut(Micros end);
    Result<AVStream*> add_stream(const AVCodecParameters&, AVRational time_base);
    Status give_sound(Micros until);
    Status write_sound(std::int64_t until);
    static int collect(void* self, std::uint8_t* data, int size);

    const Micros interval_;
    const std::shared_ptr<const ParameterSets> camera_;  // null: nothing is kept
    const Sink sink_;
    Sound* const sound_;  // null: there is none
    std::unique_ptr<H264Encoder> encoder_;
    std::unique_ptr<AacEncoder> aac_;
    std::int64_t first_sample_ = 0,
                 next_sample_ = -1;  // of this stream; that aac_ gets. -1: it has not begun
    PacketChoice choice_;
    bool kept_ = false;  // the frame before was
    AVFormatContext* context_ = nullptr;
    std::vector<std::byte> bytes_;  // what the muxer wrote since the last cut
    PacketPtr held_;                // until the next frame tells how long this one lasts
    std::int64_t last_duration_;
    std::optional<Micros> last_seekable_;  // time of the last keyframe that a fragment began with
    std::optional<Fragment> open_;         // the fragment that packets go to
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
    if (!context_->pb) throw std::bad_alloc{};
    context_->pb->seekable = 0;
    context_->flags |= AVFMT_FLAG_BITEXACT | AVFMT_FLAG_CUSTOM_IO;
    Sets sets{encoder_->parameters()};
    auto* video = TRY(add_stream(encoder_->parameters(), {1, kTimescale}));
    if (camera_) {
        sets.add(*camera_, {options.sample_aspect, options.colour});
        set_extradata(*video->codecpar, sets.as_stream());
    }
    video->sample_aspect_ratio = video->codecpar->sample_aspect_ratio;
    auto codecs = sets.codec();
    if (sound_) {
        aac_ = TRY(AacEncoder::open(sound_->rate(), sound_->channels()));
        TRY(add_stream(aac_->parameters(), aac_->time_base()));
        codecs = fmt::format("{},{}", codecs, kAacLowComplexity);
    }

    Options av;
    // frag_discont: the first fragment's time is that of its first frame, not zero.
    av.set("movflags", "+frag_custom+empty_moov+default_base_moof+frag_discont+skip_trailer");
    av.set("use_editlist", "0");
    context_->avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED;
    av.set("video_track_timescale", std::to_string(kTimescale));
    if (const int begun = avformat_write_header(context_, av.get()); begun < 0)
        return fail_av(begun, "cannot write the fragments' header");
    avio_flush(context_->pb);
    return sink_.on_init(std::exchange(bytes_, {}), std::move(codecs));
}

Result<AVStream*> Mp4FragmentWriter::add_stream(const AVCodecParameters& parameters, AVRational time_base) {
    AVStream* stream = avformat_new_stream(context_, nullptr);
    if (!stream) throw std::bad_alloc{};
    if (const int copied = avcodec_parameters_copy(stream->codecpar, &parameters); copied < 0)
        return fail_av(copied, "cannot set up the fragments' stream");
    stream->time_base = time_base;
    return stream;
}

// With the parameter sets that the header has.
const CameraPicture* Mp4FragmentWriter::sent_as(const image::SafeFrame& frame) const {
    const auto* sent = camera_ ? dynamic_cast<const CameraPicture*>(frame.coded()) : nullptr;
    return sent && (sent->sets == camera_ || *sent->sets == *camera_) ? sent : nullptr;
}

Status Mp4FragmentWriter::write(const image::SafeFrame& frame) {
    using Place = PacketChoice::Place;
    const auto* sent = sent_as(frame);
    const auto choice = choice_.next(
        sent ? std::optional{Place{sent->group, sent->index, sent->slices.size()}} : std::nullopt,
        frame.when().time, encoder_->empty());
    if (choice == PacketChoice::Take::keep) {
        kept_ = true;
        return take(*packet_of(*sent), frame.when(), 1);
    }
    if (std::exchange(kept_, false)) encoder_->begin_anew();
    return encoder_->encode(
        frame, [this](AVPacket& packet, image::FrameTime when) { return take(packet, when, 0); });
}

Status Mp4FragmentWriter::take(AVPacket& packet, image::FrameTime when, int kept) {
    auto micros = when.time.count();
    if (held_) {
        micros = std::max(micros, held_->pts + 1);
        TRY_STATUS(give_held(micros - held_->pts));
    }
    const Micros time{micros};
    const bool keyframe = packet.flags & AV_PKT_FLAG_KEY;
    const bool seekable = keyframe && (!last_seekable_ || time - *last_seekable_ >= kBetweenKeyframes);
    if (open_ && (seekable || time - open_->start >= interval_)) TRY_STATUS(cut(time));
    if (!open_) open_ = Fragment{{}, time, {}, 0, keyframe};
    if (seekable) last_seekable_ = time;
    open_->kept += kept;
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

// The sound of the fragment that ends at `until`, and a little of the next: the encoder holds a frame back.
Status Mp4FragmentWriter::give_sound(Micros until) {
    if (!sound_) return {};
    const auto sample_at = [this](Micros time) {
        return av_rescale_q(time.count(), kMicrosecond, aac_->time_base());
    };
    if (next_sample_ < 0) first_sample_ = next_sample_ = sample_at(open_->start);
    const auto wanted = sample_at(until) + aac_->frame_samples(),
               overdue = sample_at(until - kSoundMayBeLate);
    while (next_sample_ < wanted) {
        const auto after = next_sample_ + aac_->frame_samples();
        if (after > sound_->end() && after > overdue) break;
        TRY_STATUS(aac_->give(next_sample_, aac_->frame_samples(), [this](std::span<float* const> to) {
            sound_->read(next_sample_, static_cast<std::size_t>(aac_->frame_samples()), to);
        }));
        next_sample_ = after;
        TRY_STATUS(write_sound(std::numeric_limits<std::int64_t>::max()));
    }
    return {};
}

// What is encoded and begins before the sample `until`.
Status Mp4FragmentWriter::write_sound(std::int64_t until) {
    while (auto packet = TRY(aac_->take())) {
        // What is before the first sample is of the encoder's own.
        if (packet->pts < first_sample_ || packet->pts >= until) continue;
        packet->dts = packet->pts;
        packet->stream_index = 1;
        packet->duration = aac_->frame_samples();
        if (const int written = av_write_frame(context_, packet.get()); written < 0)
            return fail_av(written, "cannot write sound to a fragment");
    }
    return {};
}

Status Mp4FragmentWriter::cut(Micros end) {
    TRY_STATUS(give_sound(end));
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
        encoder_->flush([this](AVPacket& packet, image::FrameTime when) { return take(packet, when, 0); }));
    if (held_) {
        const Micros end{held_->pts + last_duration_};
        TRY_STATUS(give_held(last_duration_));
        if (aac_) {
            TRY_STATUS(give_sound(end));
            TRY_STATUS(aac_->finish());
            TRY_STATUS(write_sound(av_rescale_q(end.count(), kMicrosecond, aac_->time_base())));
        }
        TRY_STATUS(cut(end));
    }
    av_write_trailer(context_);  // frees the muxer's memory; a fragmented stream needs no trailer
    bytes_.clear();
    return {};
}

}  // namespace

Result<std::unique_ptr<FragmentWriter>> FragmentWriter::create(EncodeOptions options,
                                                               Micros fragment_interval, Sink sink,
                                                               Sound* sound) {
    if (options.frame_rate.num <= 0 || options.frame_rate.den <= 0)
        return fail(ErrorKind::internal, "the frame rate of the fragments is not positive");
    auto writer = std::make_unique<Mp4FragmentWriter>(options, fragment_interval, std::move(sink), sound);
    TRY_STATUS(writer->start(options));
    return std::unique_ptr<FragmentWriter>{std::move(writer)};
}

}  // namespace passerby::media
