// Redacts a file: the same engine as a live camera's, but a file can be looked through before anything is
// shown.
//
// Two passes: the first proves the scene over the whole recording and writes down what the detectors saw; the
// second covers and encodes. `as_live` does what a camera gets instead: one pass, half a second of
// look-ahead.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "media/video_reader.h"
#include "redact/policy.h"
#include "vision/detectors.h"

namespace passerby::redact {

struct FileJob {
    std::string in, out;
    std::optional<Scene> scene;  // nothing: found out in the first pass
    CoverStyle style = CoverStyle::silhouette;
    Subjects cover = Policy{}.cover;
    std::vector<Polygon> masks;
    std::string preset = "medium";  // of x264: what more time buys is smaller files
    bool keep_audio = false;
    bool overwrite = false;
    bool as_live = false;
    // Strict mode: only what these approve is shown, PNG files that scene_png() made (see scene_picture.h).
    Approval approval = Approval::none;
    std::vector<std::string> approved;
    // Where such a PNG file of the proven scene is written; empty: nowhere. Of the scene as it was seen
    // longest, or with `as_live` as it was at the end.
    std::string scene_picture;
    int passes = 1;  // how often the input is shown, one after the other
};

struct FileProgress {
    int pass = 1, passes = 2;
    std::int64_t frame = 0, frames = 0;  // frames: 0 when unknown
};

struct Doubt {
    std::int64_t first = 0, last = 0;  // frames, from 1
    std::string why;
};

struct FileReport {
    media::VideoInfo video;
    Scene scene = Scene::fixed;
    std::int64_t frames = 0;
    std::int64_t proven_from = 0;  // frame from which on the scene was proven, from 1; 0: never
    std::vector<double> covered;   // share of the picture, one per frame
    double approved = 0;           // share of the picture that is proven and may be shown, at the end
    std::vector<Doubt> doubts;     // wholly covered frames and why
    std::vector<media::DecodeGap> gaps;
};

// Whether a file `path` may be made that is not `input`, and that is new unless `overwrite`. The error says
// the mend.
Status check_new_file(const std::string& path, const std::string& input, bool overwrite);

// Writes beside `job.out` and renames at the end: under its name there is a whole file or none. Stops with
// ErrorKind::cancelled soon after `stop` becomes true. `progress` is called for every frame, `finished` when
// all is written and the file is about to get its name: an error of it leaves no file. `detectors` may be
// null: then every frame is wholly covered.
Result<FileReport> redact_file(const FileJob& job, vision::Detectors* detectors,
                               const std::atomic<bool>& stop,
                               const std::function<void(const FileProgress&)>& progress,
                               const std::function<Status(const FileReport&)>& finished);

}  // namespace passerby::redact
