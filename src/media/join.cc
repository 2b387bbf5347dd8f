#include "media/join.h"

#include <algorithm>
#include <optional>

#include <unistd.h>

#include "media/input.h"
#include "media/mp4_file.h"

namespace passerby::media {

namespace {

// One part, open for reading.
struct Opened {
    std::unique_ptr<Watch> watch;
    InputPtr format;
    AVStream* stream = nullptr;
    AVStream* sound = nullptr;  // null: none
};

Result<Opened> open_part(const JoinPart& part) {
    Opened opened{std::make_unique<Watch>(system_clock()), nullptr, nullptr};
    const auto source = TRY(parse_source("file:" + part.path, ReadOptions::Transport::tcp));
    opened.format = TRY(open_file_format(source, *opened.watch));
    const int video = av_find_best_stream(opened.format.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
    if (video < 0 || opened.format->streams[video]->codecpar->codec_id != AV_CODEC_ID_H264)
        return fail(ErrorKind::corrupt, "'{}' holds no H.264 video; it was not recorded by passerby",
                    part.path);
    opened.stream = opened.format->streams[video];
    const int sound = av_find_best_stream(opened.format.get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
    if (sound >= 0 && opened.format->streams[sound]->codecpar->codec_id == AV_CODEC_ID_AAC)
        opened.sound = opened.format->streams[sound];
    return opened;
}

bool same_header(const AVCodecParameters& a, const AVCodecParameters& b) {
    return std::equal(a.extradata, a.extradata + a.extradata_size, b.extradata,
                      b.extradata + b.extradata_size);
}

struct Agreement {
    bool same = true;     // one header (parameter sets) serves all pictures
    ParametersPtr sound;  // of the first part that has any; null: none has
};

// Reads the headers of all parts.
Result<Agreement> agree(const std::vector<JoinPart>& parts) {
    std::optional<Opened> first;
    Agreement all;
    for (const auto& part : parts) {
        auto opened = TRY(open_part(part));
        if (opened.sound && !all.sound) {
            all.sound.reset(avcodec_parameters_alloc());
            if (!all.sound || avcodec_parameters_copy(all.sound.get(), opened.sound->codecpar) < 0)
                throw std::bad_alloc{};
        }
        if (!first) {
            first = std::move(opened);
            continue;
        }
        const auto &a = *first->stream->codecpar, &b = *opened.stream->codecpar;
        if (a.width != b.width || a.height != b.height)
            return fail(
                ErrorKind::invalid,
                "the picture size changes from {}x{} to {}x{} at {}; export the times before and after apart",
                a.width, a.height, b.width, b.height, to_iso8601(part.start));
        all.same = all.same && same_header(a, b);
    }
    return all;
}

class Joiner {
  public:
    Joiner(Mp4File& file, const Agreement& agreed, const std::function<bool(double)>& progress)
        : file_{file}, in_band_{!agreed.same}, sound_of_{agreed.sound.get()}, progress_{progress} {}

    Status add(const JoinPart& part, std::size_t index, std::size_t count);
    Status finish() {
        if (!video_) return fail(ErrorKind::not_found, "nothing was recorded in the wanted time");
        TRY_STATUS(give_held(last_duration_));
        return file_.finish();
    }

  private:
    Status begin(const Opened&);
    Status give(PacketPtr packet, Micros at);
    Status give_held(Micros duration);
    Status give_sound(AVPacket& packet, Micros at);
    // Parts whose headers differ carry them in the stream, before each keyframe.
    Result<BsfPtr> filter_for(const Opened&) const;

    Mp4File& file_;
    const bool in_band_;
    const AVCodecParameters* const sound_of_;  // null: no part has sound
    const std::function<bool(double)>& progress_;
    AVStream *video_ = nullptr, *sound_ = nullptr;
    std::int64_t next_sample_ = 0;
    PacketPtr held_;
    Micros held_at_{}, last_duration_ = std::chrono::milliseconds{40};
    Micros offset_{};  // from a part's time to the output's
};

Result<BsfPtr> Joiner::filter_for(const Opened& opened) const {
    AVBSFContext* filter = nullptr;
    int made = av_bsf_list_parse_str(in_band_ ? "h264_mp4toannexb" : "null", &filter);
    BsfPtr owner{filter};
    if (made >= 0) made = avcodec_parameters_copy(filter->par_in, opened.stream->codecpar);
    if (made >= 0) {
        filter->time_base_in = opened.stream->time_base;
        made = av_bsf_init(filter);
    }
    if (made < 0) return fail_av(made, "cannot set up the join");
    return owner;
}

Status Joiner::begin(const Opened& opened) {
    const auto filter = TRY(filter_for(opened));
    video_ = TRY(file_.add_stream(*filter->par_out, kMicrosecond));
    if (sound_of_) sound_ = TRY(file_.add_stream(*sound_of_, {1, sound_of_->sample_rate}));
    return file_.start();
}

// A frame lasts until the next one, and at the end of a part as long as the one before.
Status Joiner::give_held(Micros duration) {
    if (!held_) return {};
    const auto packet = std::move(held_);
    packet->pts = packet->dts = held_at_.count();
    packet->duration = duration.count();
    last_duration_ = duration;
    return file_.write(*packet, *video_, kMicrosecond);
}

Status Joiner::give(PacketPtr packet, Micros at) {
    if (held_) {
        at = std::max(at, held_at_ + Micros{1});
        TRY_STATUS(give_held(at - held_at_));
    }
    held_ = std::move(packet);
    held_at_ = at;
    return {};
}

// One packet after the other, but for what is missing in between.
Status Joiner::give_sound(AVPacket& packet, Micros at) {
    const AVRational samples{1, sound_of_->sample_rate};
    auto first = av_rescale_q(at.count(), kMicrosecond, samples);
    const auto nearly = sound_of_->frame_size / 2;
    if (first < next_sample_ - nearly) return {};
    if (first < next_sample_ + nearly) first = next_sample_;
    packet.pts = packet.dts = first;
    packet.duration = sound_of_->frame_size;
    next_sample_ = first + sound_of_->frame_size;
    return file_.write(packet, *sound_, samples);
}

Status Joiner::add(const JoinPart& part, std::size_t index, std::size_t count) {
    auto opened = TRY(open_part(part));
    if (!video_) TRY_STATUS(begin(opened));
    const auto filter = TRY(filter_for(opened));
    const auto length = static_cast<double>(
        part.to.count() > 0 ? part.to.count() : std::max<std::int64_t>(1, opened.format->duration));
    const bool has_sound = sound_of_ && opened.sound && same_header(*sound_of_, *opened.sound->codecpar) &&
                           sound_of_->sample_rate == opened.sound->codecpar->sample_rate;
    struct Waiting {
        PacketPtr packet;
        Micros at;
        bool sound;
    };
    std::vector<Waiting> group;  // since the last keyframe, while the wanted span has not begun
    std::optional<Micros> first;
    bool begun = false;
    const auto emit = [&](PacketPtr packet, Micros at, bool sound) -> Status {
        if (sound) return begun && at + offset_ >= Micros{0} ? give_sound(*packet, at + offset_) : Status{};
        if (!begun) offset_ = held_ ? held_at_ + last_duration_ - at : -at;
        begun = true;
        return give(std::move(packet), at + offset_);
    };
    for (;;) {
        auto packet = make_packet();
        const int got = av_read_frame(opened.format.get(), packet.get());
        // A part may end in the middle of a fragment: the recorder lost power. What is whole is taken.
        if (got < 0) break;
        const bool sound = has_sound && packet->stream_index == opened.sound->index;
        if ((!sound && packet->stream_index != opened.stream->index) || packet->pts == AV_NOPTS_VALUE)
            continue;
        const Micros time{
            av_rescale_q(packet->pts, (sound ? opened.sound : opened.stream)->time_base, kMicrosecond)};
        if (sound && !first) continue;
        if (!first) first = time;
        const Micros at = time - *first;
        if (part.to.count() > 0 && at >= part.to) {
            if (sound) continue;
            break;
        }
        if (packet->flags & AV_PKT_FLAG_CORRUPT) break;
        if (sound) {
            if (begun)
                TRY_STATUS(emit(std::move(packet), at, true));
            else if (!group.empty())
                group.push_back({std::move(packet), at, true});
            continue;
        }
        const bool keyframe = packet->flags & AV_PKT_FLAG_KEY;
        int filtered = av_bsf_send_packet(filter.get(), packet.get());
        if (filtered >= 0) filtered = av_bsf_receive_packet(filter.get(), packet.get());
        if (filtered < 0) return fail_av(filtered, fmt::format("cannot join '{}'", part.path));
        if (keyframe && !begun && at <= part.from) group.clear();
        if (at < part.from) {
            if (keyframe || !group.empty()) group.push_back({std::move(packet), at, false});
            continue;
        }
        if (!begun && group.empty() && !keyframe) continue;  // nothing to decode it with
        for (auto& before : group) TRY_STATUS(emit(std::move(before.packet), before.at, before.sound));
        group.clear();
        TRY_STATUS(emit(std::move(packet), at, false));
        const double share = std::min(1.0, static_cast<double>(at.count()) / length);
        if (progress_ && keyframe &&
            !progress_((static_cast<double>(index) + share) / static_cast<double>(count)))
            return fail(ErrorKind::cancelled, "the export was stopped");
    }
    return {};
}

}  // namespace

Status join(const std::vector<JoinPart>& parts, const std::string& out,
            std::function<bool(double)> progress) {
    if (parts.empty()) return fail(ErrorKind::not_found, "nothing was recorded in the wanted time");
    const auto agreed = TRY(agree(parts));
    auto file = TRY(Mp4File::create(out));
    Joiner joiner{*file, agreed, progress};
    const auto joined = [&]() -> Status {
        for (std::size_t i = 0; i < parts.size(); ++i) TRY_STATUS(joiner.add(parts[i], i, parts.size()));
        TRY_STATUS(joiner.finish());
        if (progress) progress(1);
        return {};
    }();
    if (!joined) ::unlink(out.c_str());
    return joined;
}

}  // namespace passerby::media
