// Frames out of a file or a camera: demux, decode, bring to upright 8-bit 4:2:0 pictures of one size.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "image/frame.h"

namespace passerby::media {

struct Rational {
    int num = 0, den = 1;
    double value() const { return den ? static_cast<double>(num) / den : 0; }
};

// How colours are to be understood; the numbers of ITU-T H.273. Kept because without it the output has other
// colours.
struct Colour {
    int primaries = 2, transfer = 2, matrix = 2;  // 2: unspecified
    // The stream's samples are 0-255; frames are of limited range all the same.
    bool full_range = false;
};

struct ParameterSets;

struct VideoInfo {
    image::Size size;        // upright, as displayed: rotation metadata is applied to the picture
    Rational time_base;      // of FrameTime::ticks
    Rational frame_rate;     // a guess where the stream does not say; never 0
    Rational sample_aspect;  // 1:1 where the stream does not say
    Colour colour;
    std::string codec;                 // "h264"
    std::string pixel_format;          // of the stream, "yuv420p10le"
    Micros duration{};                 // of all passes; 0: unknown
    std::int64_t frames_estimate = 0;  // 0: unknown
    bool has_audio = false;
    bool picture = false;   // the file is a single picture, not a video
    int other_streams = 0;  // streams that are not read: further videos, audio, subtitles, data
    // ReadOptions::keep_packets: with these its packets decode; null: none of its packets can be kept.
    std::shared_ptr<const ParameterSets> sets = {};
    std::string unkept = {};  // why not
};

// A stretch that did not decode.
struct DecodeGap {
    std::int64_t after_frame = 0;  // frames that were given out before it
    std::string cause;
};

class Originals;
class Sound;

struct ReadOptions {
    bool realtime = false;  // a file is given out at the speed at which it plays
    int passes = 1;         // how often a file is given out; time goes on. 0: without end
    enum class Transport { tcp, udp } transport = Transport::tcp;
    std::string user, password;  // of the camera; never part of the url
    Micros timeout =
        std::chrono::seconds{5};  // without any data from the network, or for the camera's first answers
    // Of the decoder; 0: as many as there are cores. With more than one, libavcodec does not tell every
    // damaged picture, nor decode damage the same way each time.
    int threads = 1;
    // Becomes true when open() and read() shall return ErrorKind::cancelled; null: never. Must outlive the
    // reader.
    const std::atomic<bool>* stop = nullptr;
    // Is given every packet of the video as it came; null: nobody. Must outlive the reader.
    Originals* originals = nullptr;
    // Is given the first audio stream, where it can be decoded; null: audio is not even asked for. Must
    // outlive the reader.
    Sound* sound = nullptr;
    // Frames come with what the camera sent of them, where it decodes to exactly their pixels. With one
    // thread only.
    bool keep_packets = false;
};

// Not thread-safe, except interrupt().
class VideoReader {
  public:
    // `source`: a path, "file:path", rtsp://, rtsps://, http:// or https://. The best video stream is taken.
    static Result<std::unique_ptr<VideoReader>> open(const std::string& source, ReadOptions);
    virtual ~VideoReader() = default;

    virtual const VideoInfo& info() const = 0;
    // The next frame in display order, nothing at the end. Damaged stretches are skipped and become gaps; an
    // error means that nothing more will come (network lost, disk error, interrupted). Where the picture size
    // changes, a file's later frames are scaled to info().size; a camera's are an error (unavailable: open it
    // again).
    virtual Result<std::optional<image::RawFrame>> read() = 0;
    virtual const std::vector<DecodeGap>& gaps() const = 0;
    // Makes a blocked or later read() return ErrorKind::cancelled. From any thread and from signal handlers.
    virtual void interrupt() = 0;
};

}  // namespace passerby::media
