#include "media/audio_feed.h"

#include <algorithm>
#include <array>

#include "media/aac_transcoder.h"
#include "media/input.h"

namespace passerby::media {

namespace {

constexpr const char* kAudioCodecs =
    "aac,aac_fixed,aac_latm,mp1float,mp1,mp2float,mp2,mp3float,mp3,ac3,ac3_fixed,eac3,opus,libopus,vorbis,"
    "flac,alac,amrnb,"
    "adpcm_ms,adpcm_ima_wav,g726,g726le,g722,pcm_alaw,pcm_mulaw,pcm_u8,pcm_s8,pcm_s16le,pcm_s16be,pcm_s24le,"
    "pcm_s24be,"
    "pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_bluray,pcm_dvd,wmav1,wmav2";
constexpr int kMostBadReads = 1000;

class CopiedAudio final : public AudioFeed {
  public:
    CopiedAudio(std::unique_ptr<Watch> watch, InputPtr format, AVStream* stream)
        : watch_{std::move(watch)}, format_{std::move(format)}, stream_{stream} {}
    const AVCodecParameters& parameters() const override { return *stream_->codecpar; }
    AVRational time_base() const override { return stream_->time_base; }

    Result<PacketPtr> next() override {
        auto packet = make_packet();
        for (int bad = 0; bad < kMostBadReads;) {
            const int got = av_read_frame(format_.get(), packet.get());
            if (got == AVERROR_EOF) break;
            if (got < 0) {
                ++bad;
                continue;
            }
            const bool ours =
                packet->stream_index == stream_->index && !(packet->flags & AV_PKT_FLAG_CORRUPT);
            if (ours && packet->dts == AV_NOPTS_VALUE) packet->dts = packet->pts = next_dts_;
            // MP4 needs strictly increasing times.
            if (ours && packet->dts != AV_NOPTS_VALUE &&
                (next_dts_ == AV_NOPTS_VALUE || packet->dts > last_dts_)) {
                last_dts_ = packet->dts;
                next_dts_ = packet->dts + std::max<std::int64_t>(1, packet->duration);
                av_packet_free_side_data(packet.get());
                return packet;
            }
            av_packet_unref(packet.get());
        }
        return PacketPtr{};
    }

  private:
    std::unique_ptr<Watch> watch_;
    InputPtr format_;
    AVStream* stream_;
    std::int64_t last_dts_ = 0, next_dts_ = AV_NOPTS_VALUE;
};

bool fits_mp4(AVCodecID codec) {
    constexpr std::array kFit{AV_CODEC_ID_AAC, AV_CODEC_ID_MP3, AV_CODEC_ID_AC3, AV_CODEC_ID_EAC3,
                              AV_CODEC_ID_OPUS};
    return std::find(kFit.begin(), kFit.end(), codec) != kFit.end();
}

}  // namespace

Result<std::unique_ptr<AudioFeed>> AudioFeed::open(const std::string& path) {
    auto source = TRY(parse_source("file:" + path, ReadOptions::Transport::tcp));
    source.codecs = kAudioCodecs;
    auto watch = std::make_unique<Watch>(system_clock());
    auto format = TRY(open_file_format(source, *watch));
    format->codec_whitelist = av_strdup(source.codecs);
    if (const int found = avformat_find_stream_info(format.get(), nullptr); found < 0)
        return fail_av(found, fmt::format("cannot read the sound of '{}'", path));
    AVStream* audio = nullptr;
    for (unsigned i = 0; i < format->nb_streams; ++i) {
        AVStream* stream = format->streams[i];
        if (!audio && stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO)
            audio = stream;
        else
            stream->discard = AVDISCARD_ALL;
    }
    if (!audio) return std::unique_ptr<AudioFeed>{};
    const auto codec = audio->codecpar->codec_id;
    auto copied = std::make_unique<CopiedAudio>(std::move(watch), std::move(format), audio);
    if (fits_mp4(codec)) return std::unique_ptr<AudioFeed>{std::move(copied)};
    return AacTranscoder::open(std::move(copied), kAudioCodecs, path);
}

}  // namespace passerby::media
