// Joins recorded segments (fragmented MP4 that FragmentWriter made) into one MP4 that plays anywhere, without
// encoding again.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace passerby::media {

struct JoinPart {
    std::string path;
    WallTime start;  // wall time of the file's first frame
    // Wanted span inside the file, from its first frame; cut at the keyframe at or before `from`. `to` zero:
    // to its end.
    Micros from{}, to{};
};

// Sound goes along, where parts have it under one header. Frames keep their distance in time inside a part; a
// gap between parts is closed up. The parts must have one picture size; where it changes an
// ErrorKind::invalid names the time. A part that breaks off (power cut) is taken as far as it is whole.
// `progress` is called with 0-1 and may return false to stop. On an error `out` is removed.
Status join(const std::vector<JoinPart>& parts, const std::string& out,
            std::function<bool(double)> progress = {});

}  // namespace passerby::media
