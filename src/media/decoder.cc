#include "media/decoder.h"

#include <algorithm>

#include "media/originals.h"

namespace passerby::media {

namespace {

constexpr int kMostBadReads = 1000;  // in a row, then the rest of the file is taken for lost
// Cameras send keyframes up to twenty seconds apart; one that sends none for longer shows nothing.
constexpr Micros kLongestWithoutPicture = std::chrono::seconds{30};
constexpr std::size_t kMostInside = 32;  // a decoder holds back 16 at most

}  // namespace

Result<std::unique_ptr<Decoder>> Decoder::open(const Source& source, const ReadOptions& options, Watch& watch,
                                               const Clock& clock) {
    std::unique_ptr<Decoder> decoder{new Decoder{source, options, watch, clock}};
    TRY_STATUS(decoder->start());
    return decoder;
}

Status Decoder::start() {
    input_ = TRY(open_input(source_, options_, watch_));
    codec_ = TRY(open_decoder(input_, source_, options_));
    const std::string_view format{input_.format->iformat->name};
    is_matroska_ = format.find("matroska") != std::string_view::npos;
    is_mp4_ = format.find("mp4") != std::string_view::npos;
    stamps_arrival_ = source_.kind == Source::Kind::http && format != "mpegts";
    if (stamps_arrival_) codec_->pkt_timebase = kMicrosecond;
    last_picture_ = last_packet_ = clock_.monotonic();
    if (options_.keep_packets) kept_.emplace(*input_.stream->codecpar);
    return {};
}

void Decoder::note_gap(std::int64_t after_frame, std::string cause) {
    if (kept_) kept_->break_off();
    if (!in_gap_) gaps_.push_back({after_frame, std::move(cause)});
    in_gap_ = true;
}

Result<FramePtr> Decoder::next() {
    for (;;) {
        auto frame = make_frame();
        const int received = avcodec_receive_frame(codec_.get(), frame.get());
        if (received == 0) {
            const bool damaged = frame->decode_error_flags || (frame->flags & AV_FRAME_FLAG_CORRUPT);
            if (damaged) note_gap(decoded_, "parts of the picture did not decode");
            in_gap_ = damaged;
            ++decoded_;
            if (source_.live()) last_picture_ = clock_.monotonic();
            return frame;
        }
        if (received == AVERROR_EOF) {
            note_missing_end();
            return FramePtr{};
        }
        if (received == AVERROR(EAGAIN))
            TRY_STATUS(feed());
        else
            note_gap(decoded_, av_message(received));
    }
}

Status Decoder::feed() {
    const auto packet = TRY(next_packet());
    if (packet) {
        if (packet->flags & AV_PKT_FLAG_CORRUPT) note_gap(demuxed(), "damaged or cut off in the file");
        ++packets_;
        if (av_packet_get_side_data(packet.get(), AV_PKT_DATA_ENCRYPTION_INFO, nullptr))
            return fail_encrypted(source_);
        if (options_.originals) options_.originals->take(*packet, *input_.stream);
        if (stamps_arrival_) packet->pts = packet->dts = clock_.monotonic().count();
        if (kept_) keep(*packet);
    }
    const int sent = avcodec_send_packet(codec_.get(), packet.get());
    if (sent < 0 && sent != AVERROR_EOF) note_gap(decoded_, av_message(sent));
    return {};
}

// The decoder tells with each frame the number that was set when its packet came.
void Decoder::keep(const AVPacket& packet) {
    if (auto picture = kept_->take(packet)) inside_.emplace_back(sent_, std::move(picture));
    if (inside_.size() > kMostInside) inside_.pop_front();
    codec_->reordered_opaque = sent_++;
}

std::shared_ptr<const CameraPicture> Decoder::sent_as(const AVFrame& frame) {
    while (!inside_.empty() && inside_.front().first < frame.reordered_opaque) inside_.pop_front();
    if (inside_.empty() || inside_.front().first != frame.reordered_opaque) return nullptr;
    auto picture = std::move(inside_.front().second);
    inside_.pop_front();
    const bool damaged = frame.decode_error_flags || (frame.flags & AV_FRAME_FLAG_CORRUPT);
    return damaged ? nullptr : picture;
}

Result<PacketPtr> Decoder::next_packet() {
    auto packet = make_packet();
    for (;;) {
        if (watch_.interrupted()) return fail_input(AVERROR_EXIT, source_, options_, watch_);
        // What the parser still held came first; the camera is silent all the same.
        if (fell_silent_) return fail_input(AVERROR(ETIMEDOUT), source_, options_, watch_);
        TRY_STATUS(check_pictures_come());
        watch_.allow(source_.live() ? options_.timeout : Micros{});
        const ErrorListener listener{is_matroska_ ? input_.format.get() : nullptr};
        const int got = av_read_frame(input_.format.get(), packet.get());
        if (!listener.heard().empty()) note_gap(demuxed(), listener.heard());
        if (got == AVERROR(EAGAIN)) continue;
        fell_silent_ = watch_.timed_out();
        if (got >= 0) {
            bad_reads_ = 0;
            const Micros now = clock_.monotonic();
            if (packet->stream_index == input_.stream->index) {
                last_packet_ = now;
                return packet;
            }
            if (input_.sound && packet->stream_index == input_.sound->index && heard_) heard_(*packet);
            av_packet_unref(packet.get());
            // Sound alone is no sign of life.
            if (source_.live() && now - last_packet_ > options_.timeout)
                return fail_input(AVERROR(ETIMEDOUT), source_, options_, watch_);
            continue;
        }
        const auto* io = input_.format->pb;
        const int disk = io && io->error < 0 && io->error != AVERROR_EOF ? io->error : 0;
        if (source_.live() || watch_.interrupted() || got == AVERROR(EIO) || disk)
            return fail_input(disk ? disk : got, source_, options_, watch_);
        if (got == AVERROR_EOF || ++bad_reads_ >= kMostBadReads) return PacketPtr{};
        note_gap(demuxed(), av_message(got));
    }
}

Status Decoder::check_pictures_come() const {
    if (!source_.live() || clock_.monotonic() - last_picture_ < kLongestWithoutPicture) return {};
    return fail(ErrorKind::unavailable,
                "'{}' sends data but no picture that decodes; check the camera's stream settings",
                source_.name);
}

// MP4's index knows how many packets there should be.
void Decoder::note_missing_end() {
    for (auto& gap : gaps_) gap.after_frame = std::min(gap.after_frame, decoded_);
    const int indexed = is_mp4_ ? avformat_index_get_entries_count(input_.stream) : 0;
    if (packets_ < indexed)
        note_gap(decoded_, fmt::format("the file is cut off: {} of {} pictures are missing",
                                       indexed - packets_, indexed));
}

Status Decoder::rewind() {
    AVFormatContext* format = input_.format.get();
    if (avformat_seek_file(format, -1, INT64_MIN, INT64_MIN + 1, INT64_MAX, 0) < 0 &&
        av_seek_frame(format, -1, 0, AVSEEK_FLAG_BYTE) < 0)
        return fail(ErrorKind::unavailable,
                    "cannot go back to the begin of '{}'; play a file of another format in a loop",
                    source_.name);
    avcodec_flush_buffers(codec_.get());
    if (kept_) kept_->break_off();
    inside_.clear();
    decoded_before_rewind_ = decoded_;
    packets_ = 0;
    bad_reads_ = 0;
    return {};
}

std::int64_t Decoder::nominal_duration(const AVFrame& frame) const {
    if (frame.pkt_duration > 0 && !stamps_arrival_) return frame.pkt_duration;
    AVRational rate = av_guess_frame_rate(input_.format.get(), input_.stream, nullptr);
    if (rate.num <= 0 || rate.den <= 0) rate = {25, 1};
    return std::max<std::int64_t>(1, av_rescale_q(1, av_inv_q(rate), to_av(time_base())));
}

}  // namespace passerby::media
