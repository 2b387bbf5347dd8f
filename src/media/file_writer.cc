#include <optional>

#include "media/audio_feed.h"
#include "media/encoder.h"
#include "media/mp4_file.h"
#include "media/video_writer.h"

namespace passerby::media {

namespace {

class Mp4FileWriter final : public FileWriter {
  public:
    static Result<std::unique_ptr<FileWriter>> create(const std::string& path, const EncodeOptions& options,
                                                      const std::optional<std::string>& audio_from) {
        std::unique_ptr<Mp4FileWriter> writer{new Mp4FileWriter{options}};
        writer->encoder_ = TRY(H264Encoder::open(options));
        if (audio_from) writer->audio_ = TRY(AudioFeed::open(*audio_from));
        writer->file_ = TRY(Mp4File::create(path));
        writer->video_ =
            TRY(writer->file_->add_stream(writer->encoder_->parameters(), {1, options.time_base.den}));
        if (writer->audio_)
            writer->sound_ =
                TRY(writer->file_->add_stream(writer->audio_->parameters(), writer->audio_->time_base()));
        TRY_STATUS(writer->file_->start());
        return std::unique_ptr<FileWriter>{std::move(writer)};
    }

    Status write(const image::SafeFrame& frame) override {
        return encoder_->encode(
            frame, [this](AVPacket& packet, image::FrameTime when) { return take(packet, when); });
    }

    Status finish() override {
        TRY_STATUS(
            encoder_->flush([this](AVPacket& packet, image::FrameTime when) { return take(packet, when); }));
        TRY_STATUS(give_held(last_duration_));
        TRY_STATUS(give_sound({}));
        return file_->finish();
    }

  private:
    explicit Mp4FileWriter(const EncodeOptions& options)
        : options_{options},
          last_duration_{std::max<std::int64_t>(
              1, av_rescale_q(1, av_inv_q(to_av(options.frame_rate)), to_av(options.time_base)))} {}

    // A frame lasts until the next one: each packet is held until the next is there.
    Status take(AVPacket& packet, image::FrameTime when) {
        if (!first_) {
            first_ = when.ticks;
            shift_ = std::max<std::int64_t>(0, -when.ticks);
        }
        const std::int64_t ticks = when.ticks + shift_;
        if (held_) TRY_STATUS(give_held(ticks - held_->pts));
        held_ = make_packet();
        av_packet_move_ref(held_.get(), &packet);
        held_->pts = held_->dts = ticks;
        return {};
    }

    Status give_held(std::int64_t duration) {
        if (!held_) return {};
        last_duration_ = held_->duration = duration;
        const auto packet = std::move(held_);
        TRY_STATUS(give_sound(packet->pts));
        return file_->write(*packet, *video_, to_av(options_.time_base));
    }

    // The sound up to the video's `until`, in ticks; all of it without.
    Status give_sound(std::optional<std::int64_t> until) {
        while (audio_) {
            if (!next_sound_) {
                next_sound_ = TRY(audio_->next());
                if (!next_sound_) {
                    audio_.reset();
                    return {};
                }
                const auto shift = av_rescale_q(shift_, to_av(options_.time_base), audio_->time_base());
                next_sound_->pts += shift;
                next_sound_->dts += shift;
            }
            if (until &&
                av_compare_ts(next_sound_->dts, audio_->time_base(), *until, to_av(options_.time_base)) > 0)
                return {};
            TRY_STATUS(file_->write(*next_sound_, *sound_, audio_->time_base()));
            next_sound_.reset();
        }
        return {};
    }

    const EncodeOptions options_;
    std::unique_ptr<H264Encoder> encoder_;
    std::unique_ptr<Mp4File> file_;
    std::unique_ptr<AudioFeed> audio_;
    AVStream *video_ = nullptr, *sound_ = nullptr;
    PacketPtr held_, next_sound_;
    std::int64_t last_duration_, shift_ = 0;
    std::optional<std::int64_t> first_;
};

}  // namespace

Result<std::unique_ptr<FileWriter>> FileWriter::create(const std::string& path, EncodeOptions options,
                                                       std::optional<std::string> audio_from) {
    if (options.time_base.num <= 0 || options.time_base.den <= 0 || options.frame_rate.num <= 0 ||
        options.frame_rate.den <= 0)
        return fail(ErrorKind::internal, "the time base or the frame rate for '{}' is not positive", path);
    return Mp4FileWriter::create(path, options, audio_from);
}

}  // namespace passerby::media
