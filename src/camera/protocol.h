// The messages between the server and the process of one camera, and the frames they travel in. Neither side
// trusts the other: decode_*() gives only what is within the bounds of doc/format/camera-messages.md, an
// error otherwise.
//
// Protobuf stays inside protocol.cc. All functions are pure and thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/camera_address.h"
#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "camera/containment.h"
#include "image/plane.h"
#include "media/video_reader.h"
#include "redact/policy.h"
#include "seal/sealed_file.h"
#include "vision/crossings.h"
#include "vision/model_description.h"

namespace passerby::camera {

using Bytes = std::vector<std::byte>;

// The longest message in each direction, without its four bytes of length.
inline constexpr std::size_t kMostToCamera = std::size_t{32} << 20;
inline constexpr std::size_t kMostFromCamera = std::size_t{64} << 20;

// ---- to the camera's process

// What the camera sends is kept as well, sealed to these before it leaves the process.
struct OriginalsPolicy {
    seal::Keyholders keyholders;
    WallTime until;  // from then on nothing is kept
};
// Pictures of a fixed scene in which nothing is covered: are the camera's own packets recorded and shown,
// where that can be done, or is everything encoded? A moving scene is always encoded.
enum class Quiet { keep, encode };
std::string_view name(Quiet);
Result<Quiet> quiet_named(std::string_view);

struct Start {
    std::string camera;  // its id: letters, digits, '.', '_', '-'; at most 64
    std::string url;     // or path; never with a password inside
    CameraRule rule;     // where it may lead
    std::string user, password;
    media::ReadOptions::Transport transport = media::ReadOptions::Transport::tcp;
    // A camera does not wait: frames that come faster than they are covered are dropped and counted, and a
    // file is played at its own speed. Without it a file is read as fast as it is covered and nothing is
    // dropped.
    bool realtime = true;
    bool loop = false;  // a file begins again at its end
    redact::Policy policy;
    std::string models_folder;
    std::vector<vision::ModelDescription> models;  // the user's
    std::string provider = "cpu";                  // of ONNX Runtime
    int threads = 1;                               // for the models
    Quiet quiet = Quiet::keep;
    std::string preset = "superfast";  // of x264
    int crf = 23;
    std::optional<OriginalsPolicy> originals;
    bool audio = false;  // what the camera's microphone hears goes into the stream; without, it is not even asked for
    // Camera to browser in less than 1.5 s: 0.5 s of look-ahead, 0.25 s until a fragment is full, the rest is
    // work.
    Micros look_ahead = std::chrono::milliseconds{500};
    Micros fragment = std::chrono::milliseconds{250};
    Micros keyframe = std::chrono::seconds{2};
};
struct Stop {};
// A picture of the scene (redact/scene_picture.h) that a person approved, but for the parts that they
// refused.
struct Approved {
    std::string png;
    std::vector<redact::Polygon> refused;
};
// With Policy::approval: all that is approved, in place of what was said before.
struct Approvals {
    std::vector<Approved> pictures;  // the newest last
};
// All polygons that are always covered, in place of those before.
struct Masks {
    std::vector<redact::Polygon> polygons;
};
inline constexpr std::size_t kMostMasks = 256;
// With Policy::count: all lines and zones, in place of those before.
struct Places {
    std::vector<vision::Place> drawn;
};
using ToCamera = std::variant<Start, Stop, Approvals, Masks, Places>;
// A picture of the scene, in each direction.
inline constexpr std::size_t kMostPng = std::size_t{3} << 20;
inline constexpr std::size_t kMostApproved = 8;

// ---- from the camera's process

struct Init {
    Bytes bytes;        // ftyp + moov
    std::string codec;  // "avc1.64001f", with sound "avc1.64001f,mp4a.40.2"
    image::Size size;
    double fps = 0;  // of the camera
};
struct Fragment {
    Bytes bytes;  // moof + mdat
    Micros start{}, duration{};
    int frames = 0;
    bool keyframe = false;
    double covered = 1;
    Micros age{};  // from the taking in of its first frame until it is sent
    int kept = 0;  // of its frames, as the camera sent them
};
struct Progress {
    double covered = 1, proven = 0;
    std::string doubt;
    double fps = 0;  // written, measured
    std::uint64_t frames = 0, dropped = 0;
    double approved = 0;  // share that is proven and may be shown
    double pace = 1;      // how often the detectors look, of what they would: less under overload
};
// With Policy::approval: what is proven now, for a person to look at. Sent when there is news.
struct SceneNow {
    std::string png;
};
// A part of what the camera sent (seal/sealed_file.h), by the process's clock.
struct Sealed {
    Bytes bytes;
    WallTime from, to;
};
// What the process has given up. Said once, before it opens the camera.
struct Contained {
    Containment done;
};
// With Policy::count: how many crossed each place from `from` to `to`, by the process's clock, with noise
// (camera/activity_report.h). Numbers may be below 0.
struct Activity {
    WallTime from, to;
    std::vector<vision::PlaceCounts> places;
};
enum class Cause { camera, decoder, overload };
std::string_view name(Cause);
// The stream is interrupted until the next Init.
struct Gap {
    Cause cause;
    std::string detail;
};
// Why the process is about to end.
struct Failure {
    ErrorKind kind;
    std::string message;
};
struct Log {
    LogLevel level;
    std::string text;
};
using FromCamera =
    std::variant<Init, Fragment, Progress, Gap, Failure, Log, SceneNow, Contained, Sealed, Activity>;

// With the four bytes of length in front. What is out of bounds is an error of the sender's own.
Result<Bytes> encode(const ToCamera&);
Result<Bytes> encode(const FromCamera&);
// Without the length. ErrorKind::corrupt names the field and the bound.
Result<ToCamera> decode_to_camera(std::span<const std::byte>);
Result<FromCamera> decode_from_camera(std::span<const std::byte>);

// `text` as one line of UTF-8 of at most `most` bytes: what a message may carry. Other bytes become '?' or '
// '.
std::string one_line(std::string_view text, std::size_t most = 500);

}  // namespace passerby::camera
