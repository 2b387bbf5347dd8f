// SafeFrames in, H.264 in MP4 out: to a file that plays anywhere, or as fragments for live view and
// recording. Nothing of the input's metadata is written, and no side data; x264's own SEI is left out.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "image/frame.h"
#include "media/video_reader.h"

namespace passerby::media {

struct EncodeOptions {
    image::Size size;
    Rational time_base, frame_rate;
    Rational sample_aspect{1, 1};
    Colour colour;
    std::string preset = "superfast";  // of x264
    int crf = 23;                      // constant quality
    Micros keyframe_interval = std::chrono::seconds{2};
    int threads = 0;           // 0: as many as there are cores; 1 makes output reproducible everywhere
    bool low_latency = false;  // each frame comes out as it goes in, for a few per cent more bytes
    // Of the camera whose packets may be kept (FragmentWriter), in whose range of samples all is encoded
    // then; null: everything is encoded, in limited range.
    std::shared_ptr<const ParameterSets> camera = {};
};

// Writes one whole MP4 (index at the front). H.264 4:2:0 has no odd sizes: an odd picture is padded by one
// row or column that repeats the covered edge. Not thread-safe.
class FileWriter {
  public:
    // Creates `path` (truncates it). `audio_from`: a file whose first audio stream is copied along, or
    // transcoded to AAC where MP4 cannot hold it.
    static Result<std::unique_ptr<FileWriter>> create(const std::string& path, EncodeOptions,
                                                      std::optional<std::string> audio_from = {});
    virtual ~FileWriter() = default;
    virtual Status write(const image::SafeFrame&) = 0;
    // Writes the index and syncs. Without it the file is no use and should be deleted.
    virtual Status finish() = 0;
};

// A piece of a fragmented MP4 stream.
struct Fragment {
    std::vector<std::byte> bytes;  // moof + mdat
    Micros start{}, duration{};    // FrameTime::time of the first frame; up to the next fragment's
    int frames = 0;
    bool keyframe = false;  // begins with one: a decoder can start here
    int kept = 0;           // of its frames, as the camera sent them
};

class Sound;

// Encodes for live view and recording: a fragment every `fragment_interval` or at a keyframe. Frames that
// come with what the camera sent are not encoded where PacketChoice keeps that. Not thread-safe.
class FragmentWriter {
  public:
    struct Sink {
        std::function<Status(std::vector<std::byte> init, std::string codec)>
            on_init;  // ftyp + moov; "avc1.640028", with sound "avc1.640028,mp4a.40.2"
        std::function<Status(Fragment)> on_fragment;
    };
    // `sound`: goes into a track of its own, where it has any; outlives the writer. Null: no sound.
    static Result<std::unique_ptr<FragmentWriter>> create(EncodeOptions, Micros fragment_interval, Sink,
                                                          Sound* sound = nullptr);
    virtual ~FragmentWriter() = default;
    virtual Status write(const image::SafeFrame&) = 0;
    virtual Status finish() = 0;  // the last fragment
};

}  // namespace passerby::media
