#include "media/aac_encoder.h"

namespace passerby::media {

namespace {

constexpr std::int64_t kBitsPerChannel = 64'000;

tl::unexpected<Error> fail_encoder(int code) {
    return fail_av(code, "the AAC encoder failed");
}

}  // namespace

Result<std::unique_ptr<AacEncoder>> AacEncoder::open(int rate, int channels) {
    const AVCodec* aac = avcodec_find_encoder(AV_CODEC_ID_AAC);
    if (!aac) return fail(ErrorKind::invalid, "libavcodec has no encoder for AAC");
    std::unique_ptr<AacEncoder> made{new AacEncoder};
    made->codec_.reset(avcodec_alloc_context3(aac));
    made->parameters_.reset(avcodec_parameters_alloc());
    if (!made->codec_ || !made->parameters_) throw std::bad_alloc{};
    auto& codec = *made->codec_;
    codec.sample_fmt = AV_SAMPLE_FMT_FLTP;
    codec.sample_rate = rate;
    codec.time_base = {1, rate};
    av_channel_layout_default(&codec.ch_layout, channels);
    codec.bit_rate = kBitsPerChannel * channels;
    codec.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    codec.thread_count = 1;
    // The other one finds a little more in music, and takes up to a fifth of a core over noise.
    Options av;
    av.set("aac_coder", "fast");
    if (avcodec_open2(&codec, aac, av.get()) < 0)
        return fail(ErrorKind::invalid, "AAC does not know {} Hz with {} channels", rate, channels);
    if (avcodec_parameters_from_context(made->parameters_.get(), &codec) < 0) throw std::bad_alloc{};
    return made;
}

Status AacEncoder::give(std::int64_t at, int count,
                        const std::function<void(std::span<float* const>)>& fill) {
    auto frame = make_frame();
    frame->format = codec_->sample_fmt;
    frame->sample_rate = codec_->sample_rate;
    frame->nb_samples = count;
    frame->pts = at;
    if (av_channel_layout_copy(&frame->ch_layout, &codec_->ch_layout) < 0 ||
        av_frame_get_buffer(frame.get(), 0) < 0)
        throw std::bad_alloc{};
    std::vector<float*> to;
    for (int c = 0; c < codec_->ch_layout.nb_channels; ++c)
        to.push_back(reinterpret_cast<float*>(frame->extended_data[c]));
    fill(to);
    if (const int sent = avcodec_send_frame(codec_.get(), frame.get()); sent < 0) return fail_encoder(sent);
    return {};
}

Status AacEncoder::finish() {
    if (const int sent = avcodec_send_frame(codec_.get(), nullptr); sent < 0) return fail_encoder(sent);
    return {};
}

Result<PacketPtr> AacEncoder::take() {
    auto packet = make_packet();
    const int received = avcodec_receive_packet(codec_.get(), packet.get());
    if (received == AVERROR(EAGAIN) || received == AVERROR_EOF) return PacketPtr{};
    if (received < 0) return fail_encoder(received);
    av_packet_free_side_data(packet.get());
    return packet;
}

}  // namespace passerby::media
