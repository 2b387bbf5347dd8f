#include "media/sound.h"

#include <array>
#include <mutex>
#include <optional>

extern "C" {
#include <libswresample/swresample.h>
}

#include "media/av.h"
#include "media/sample_line.h"

namespace passerby::media {

namespace {

// What AAC knows and browsers play.
constexpr std::array kRates{8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000};
constexpr int kOtherRates = 48000;
constexpr Micros kLongest = std::chrono::years{10};  // media time
constexpr int kMostSamples = 1 << 16;                // of a packet: more is nonsense

struct FreeResampler {
    void operator()(SwrContext* p) const { swr_free(&p); }
};

std::int64_t samples_in(Micros time, int rate) {
    return av_rescale_q(time.count(), kMicrosecond, {1, rate});
}

}  // namespace

struct Sound::Impl {
    int rate = 0, channels = 0;

    // Of the thread that gives packets.
    CodecPtr codec;
    std::unique_ptr<SwrContext, FreeResampler> resampler;
    int from_rate = 0, from_format = -1, from_channels = 0;  // what it converts
    std::array<std::vector<float>, 2> converted;

    mutable std::mutex mutex;
    std::optional<SampleLine> line;  // guarded by mutex

    bool fit(const AVFrame&);
    void put(const AVFrame&, Micros at);
};

Sound::Sound() : impl_{std::make_unique<Impl>()} {}
Sound::~Sound() = default;

Status Sound::begin(const AVStream& stream) {
    const auto& in = *stream.codecpar;
    const AVCodec* decoder = avcodec_find_decoder(in.codec_id);
    if (!decoder || in.sample_rate <= 0 || in.ch_layout.nb_channels < 1)
        return fail(ErrorKind::invalid, "nothing decodes its sound ({}, {} Hz, {} channels)",
                    avcodec_get_name(in.codec_id), in.sample_rate, in.ch_layout.nb_channels);
    CodecPtr codec{avcodec_alloc_context3(decoder)};
    if (!codec || avcodec_parameters_to_context(codec.get(), &in) < 0) throw std::bad_alloc{};
    codec->pkt_timebase = stream.time_base;
    codec->thread_count = 1;
    if (const int opened = avcodec_open2(codec.get(), decoder, nullptr); opened < 0)
        return fail_av(opened, fmt::format("its sound ({}) does not decode", decoder->name));
    impl_->codec = std::move(codec);
    impl_->rate = std::ranges::count(kRates, in.sample_rate) > 0 ? in.sample_rate : kOtherRates;
    impl_->channels = std::min(2, in.ch_layout.nb_channels);
    const std::lock_guard lock{impl_->mutex};
    impl_->line.emplace(static_cast<std::size_t>(impl_->channels), samples_in(kTolerance, impl_->rate),
                        samples_in(kKept, impl_->rate));
    return {};
}

// The stream may say something else than its packets do, and change.
bool Sound::Impl::fit(const AVFrame& frame) {
    if (frame.nb_samples < 1 || frame.nb_samples > kMostSamples || frame.sample_rate <= 0) return false;
    if (resampler && frame.sample_rate == from_rate && frame.format == from_format &&
        frame.ch_layout.nb_channels == from_channels)
        return true;
    // Microphones do not say where they stand.
    AVChannelLayout in{}, out{};
    av_channel_layout_default(&in, frame.ch_layout.nb_channels);
    av_channel_layout_default(&out, channels);
    SwrContext* made = nullptr;
    const int set =
        swr_alloc_set_opts2(&made, &out, AV_SAMPLE_FMT_FLTP, rate, &in,
                            static_cast<AVSampleFormat>(frame.format), frame.sample_rate, 0, nullptr);
    resampler.reset(made);
    if (set < 0 || swr_init(made) < 0) {
        resampler.reset();
        return false;
    }
    from_rate = frame.sample_rate;
    from_format = frame.format;
    from_channels = frame.ch_layout.nb_channels;
    return true;
}

void Sound::Impl::put(const AVFrame& frame, Micros at) {
    if (std::chrono::abs(at) > kLongest || !fit(frame)) return;
    const int room = swr_get_out_samples(resampler.get(), frame.nb_samples);
    if (room <= 0) return;
    for (auto& channel : converted) channel.resize(static_cast<std::size_t>(room));
    std::array<std::uint8_t*, 2> to{reinterpret_cast<std::uint8_t*>(converted[0].data()),
                                    reinterpret_cast<std::uint8_t*>(converted[1].data())};
    const int got = swr_convert(resampler.get(), to.data(), room,
                                const_cast<const std::uint8_t**>(frame.extended_data), frame.nb_samples);
    if (got <= 0) return;
    const std::array<const float*, 2> from{converted[0].data(), converted[1].data()};
    const std::lock_guard lock{mutex};
    line->put(samples_in(at, rate), static_cast<std::size_t>(got),
              std::span{from}.first(static_cast<std::size_t>(channels)));
}

void Sound::take(const AVPacket& packet, Micros at) {
    auto& s = *impl_;
    if (!s.codec || avcodec_send_packet(s.codec.get(), &packet) < 0) return;
    auto frame = make_frame();
    while (avcodec_receive_frame(s.codec.get(), frame.get()) == 0) {
        s.put(*frame, at);
        // Of the next frame in the same packet.
        at += Micros{av_rescale_q(frame->nb_samples, {1, std::max(1, frame->sample_rate)}, kMicrosecond)};
    }
}

int Sound::rate() const {
    return impl_->rate;
}

int Sound::channels() const {
    return impl_->channels;
}

void Sound::read(std::int64_t from, std::size_t count, std::span<float* const> to) {
    const std::lock_guard lock{impl_->mutex};
    impl_->line->take(from, count, to);
}

std::int64_t Sound::end() const {
    const std::lock_guard lock{impl_->mutex};
    return impl_->line->end();
}

}  // namespace passerby::media
