#include "media/aac_transcoder.h"

#include <algorithm>
#include <limits>
#include <type_traits>

namespace passerby::media {

namespace {

constexpr std::int64_t kBitsPerChannel = 64'000;
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
    const AVCodec* aac = avcodec_find_encoder(AV_CODEC_ID_AAC);
    if (!decoder || !aac) return no_way();
    decoder_.reset(avcodec_alloc_context3(decoder));
    encoder_.reset(avcodec_alloc_context3(aac));
    parameters_.reset(avcodec_parameters_alloc());
    if (!decoder_ || !encoder_ || !parameters_) throw std::bad_alloc{};

    if (avcodec_parameters_to_context(decoder_.get(), &in) < 0) return no_way();
    decoder_->pkt_timebase = from_->time_base();
    decoder_->codec_whitelist = av_strdup(codecs);
    if (avcodec_open2(decoder_.get(), decoder, nullptr) < 0 || decoder_->ch_layout.nb_channels < 1)
        return no_way();

    encoder_->sample_fmt = AV_SAMPLE_FMT_FLTP;
    encoder_->sample_rate = decoder_->sample_rate;
    encoder_->time_base = {1, decoder_->sample_rate};
    av_channel_layout_default(&encoder_->ch_layout, decoder_->ch_layout.nb_channels);
    encoder_->bit_rate = kBitsPerChannel * decoder_->ch_layout.nb_channels;
    encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    encoder_->thread_count = 1;
    if (avcodec_open2(encoder_.get(), aac, nullptr) < 0) return no_way();
    if (avcodec_parameters_from_context(parameters_.get(), encoder_.get()) < 0) throw std::bad_alloc{};
    samples_.resize(static_cast<std::size_t>(encoder_->ch_layout.nb_channels));
    return {};
}

void AacTranscoder::append(const AVFrame& frame) {
    if (static_cast<std::size_t>(frame.ch_layout.nb_channels) != samples_.size() ||
        frame.sample_rate != encoder_->sample_rate)
        return;
    if (frame.best_effort_timestamp != AV_NOPTS_VALUE) {
        const auto pts = av_rescale_q(frame.best_effort_timestamp, from_->time_base(), encoder_->time_base);
        if (next_pts_ == AV_NOPTS_VALUE) next_pts_ = pts;
        const auto missing = pts - next_pts_ - static_cast<std::int64_t>(samples_[0].size());
        const auto rate = static_cast<std::int64_t>(encoder_->sample_rate);
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
    auto frame = make_frame();
    frame->format = encoder_->sample_fmt;
    frame->sample_rate = encoder_->sample_rate;
    frame->nb_samples = static_cast<int>(
        std::min<std::size_t>(samples_[0].size(), static_cast<std::size_t>(encoder_->frame_size)));
    frame->pts = next_pts_;
    if (av_channel_layout_copy(&frame->ch_layout, &encoder_->ch_layout) < 0 ||
        av_frame_get_buffer(frame.get(), 0) < 0)
        throw std::bad_alloc{};
    for (std::size_t c = 0; c < samples_.size(); ++c) {
        std::copy_n(samples_[c].begin(), frame->nb_samples,
                    reinterpret_cast<float*>(frame->extended_data[c]));
        samples_[c].erase(samples_[c].begin(), samples_[c].begin() + frame->nb_samples);
    }
    next_pts_ += frame->nb_samples;
    if (const int sent = avcodec_send_frame(encoder_.get(), frame.get()); sent < 0)
        return fail_av(sent, "the AAC encoder failed");
    return {};
}

Result<PacketPtr> AacTranscoder::next() {
    auto packet = make_packet();
    for (;;) {
        const int received = avcodec_receive_packet(encoder_.get(), packet.get());
        if (received == 0) {
            av_packet_free_side_data(packet.get());
            return packet;
        }
        if (received == AVERROR_EOF) return PacketPtr{};
        if (received != AVERROR(EAGAIN)) return fail_av(received, "the AAC encoder failed");
        while (!decoded_all_ && samples_[0].size() < static_cast<std::size_t>(encoder_->frame_size))
            TRY_STATUS(pull());
        if (!samples_[0].empty()) {
            TRY_STATUS(encode());
        } else if (!flushed_) {
            flushed_ = true;
            avcodec_send_frame(encoder_.get(), nullptr);
        }
    }
}

}  // namespace passerby::media
