#include "media/aac_transcoder.h"

#include <algorithm>
#include <limits>
#include <type_traits>

namespace passerby::media {

namespace {

constexpr int kMostSilenceSeconds = 600;  // a longer hole is a broken clock

template <class T>
float to_float(T sample) {
    if constexpr (std::is_floating_point_v<T>)
        return static_cast<float>(sample);
    else if constexpr (std::is_unsigned_v<T>)
        return (static_cast<float>(sample) - 128.0F) / 128.0F;
    else
        return static_cast<float>(sample) / -static_cast<float>(std::numeric_limits<T>::min());
}

template <class T>
void append_as(const AVFrame& frame, bool planar, std::vector<std::deque<float>>& out) {
    const auto channels = out.size();
    for (std::size_t c = 0; c < channels; ++c) {
        const auto* in = reinterpret_cast<const T*>(frame.extended_data[planar ? c : 0]) + (planar ? 0 : c);
        const std::size_t step = planar ? 1 : channels;
        for (std::size_t i = 0; i < static_cast<std::size_t>(frame.nb_samples); ++i)
            out[c].push_back(to_float(in[i * step]));
    }
}

}  // namespace

Result<std::unique_ptr<AudioFeed>> AacTranscoder::open(std::unique_ptr<AudioFeed> from, const char* codecs,
                                                       const std::string& path) {
    std::unique_ptr<AacTranscoder> made{new AacTranscoder{std::move(from)}};
    TRY_STATUS(made->start(codecs, path));
    return std::unique_ptr<AudioFeed>{std::move(made)};
}

Status AacTranscoder::start(const char* codecs, const std::string& path) {
    const auto& in = from_->parameters();
    const auto no_way = [&] {
        return fail(
            ErrorKind::invalid,
            "the sound in '{}' ({}, {} Hz, {} channels) cannot be turned into AAC; leave the sound out", path,
            avcodec_get_name(in.codec_id), in.sample_rate, in.ch_layout.nb_channels);
    };
    const AVCodec* decoder = avcodec_find_decoder(in.codec_id);
    if (!decoder) return no_way();
    decoder_.reset(avcodec_alloc_context3(decoder));
    if (!decoder_) throw std::bad_alloc{};

    if (avcodec_parameters_to_context(decoder_.get(), &in) < 0) return no_way();
    decoder_->pkt_timebase = from_->time_base();
    decoder_->codec_whitelist = av_strdup(codecs);
    if (avcodec_open2(decoder_.get(), decoder, nullptr) < 0 || decoder_->ch_layout.nb_channels < 1)
        return no_way();

    auto encoder = AacEncoder::open(decoder_->sample_rate, decoder_->ch_layout.nb_channels);
    if (!encoder) return no_way();
    encoder_ = std::move(*encoder);
    samples_.resize(static_cast<std::size_t>(decoder_->ch_layout.nb_channels));
    return {};
}

void AacTranscoder::append(const AVFrame& frame) {
    if (static_cast<std::size_t>(frame.ch_layout.nb_channels) != samples_.size() ||
        frame.sample_rate != encoder_->rate())
        return;
    if (frame.best_effort_timestamp != AV_NOPTS_VALUE) {
        const auto pts = av_rescale_q(frame.best_effort_timestamp, from_->time_base(), time_base());
        if (next_pts_ == AV_NOPTS_VALUE) next_pts_ = pts;
        const auto missing = pts - next_pts_ - static_cast<std::int64_t>(samples_[0].size());
        const auto rate = static_cast<std::int64_t>(encoder_->rate());
        if (missing > rate / 10 && missing < rate * kMostSilenceSeconds)
            for (auto& channel : samples_)
                channel.insert(channel.end(), static_cast<std::size_t>(missing), 0.0F);
    }
    if (next_pts_ == AV_NOPTS_VALUE) next_pts_ = 0;
    const auto format = static_cast<AVSampleFormat>(frame.format);
    const bool planar = av_sample_fmt_is_planar(format);
    switch (av_get_packed_sample_fmt(format)) {
        case AV_SAMPLE_FMT_U8:
            return append_as<std::uint8_t>(frame, planar, samples_);
        case AV_SAMPLE_FMT_S16:
            return append_as<std::int16_t>(frame, planar, samples_);
        case AV_SAMPLE_FMT_S32:
            return append_as<std::int32_t>(frame, planar, samples_);
        case AV_SAMPLE_FMT_S64:
            return append_as<std::int64_t>(frame, planar, samples_);
        case AV_SAMPLE_FMT_FLT:
            return append_as<float>(frame, planar, samples_);
        case AV_SAMPLE_FMT_DBL:
            return append_as<double>(frame, planar, samples_);
        default:
            return;
    }
}

Status AacTranscoder::pull() {
    auto frame = make_frame();
    for (;;) {
        const int received = avcodec_receive_frame(decoder_.get(), frame.get());
        if (received == 0) {
            append(*frame);
            return {};
        }
        if (received == AVERROR_EOF) {
            decoded_all_ = true;
            return {};
        }
        if (received != AVERROR(EAGAIN)) continue;  // a damaged packet: it becomes silence
        const auto packet = TRY(from_->next());
        avcodec_send_packet(decoder_.get(), packet.get());
    }
}

Status AacTranscoder::encode() {
    const auto count =
        std::min<std::size_t>(samples_[0].size(), static_cast<std::size_t>(encoder_->frame_samples()));
    const auto at = next_pts_;
    next_pts_ += static_cast<std::int64_t>(count);
    return encoder_->give(at, static_cast<int>(count), [&](std::span<float* const> to) {
        for (std::size_t c = 0; c < samples_.size(); ++c) {
            const auto end = samples_[c].begin() + static_cast<std::ptrdiff_t>(count);
            std::copy(samples_[c].begin(), end, to[c]);
            samples_[c].erase(samples_[c].begin(), end);
        }
    });
}

Result<PacketPtr> AacTranscoder::next() {
    for (;;) {
        if (auto packet = TRY(encoder_->take())) return packet;
        if (flushed_) return PacketPtr{};
        while (!decoded_all_ && samples_[0].size() < static_cast<std::size_t>(encoder_->frame_samples()))
            TRY_STATUS(pull());
        if (!samples_[0].empty()) {
            TRY_STATUS(encode());
        } else {
            flushed_ = true;
            TRY_STATUS(encoder_->finish());
        }
    }
}

}  // namespace passerby::media
