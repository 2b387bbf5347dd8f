// Labelled foreground as pictures: a folder with one PNG for each frame, in the order of their names, as the
// data sets of changedetection.net (CDnet) have it. 255: something that moves or moved; 0: background; all
// between (shadow, unknown, outside the region of interest) is ignored.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "media/png.h"

namespace passerby::measure {

class MaskLabels {
  public:
    // Lists the folder; the pictures are read one by one by at().
    static Result<MaskLabels> list(const std::filesystem::path& folder);

    // Of the frame, from 1. May have another size than the clip.
    Result<media::GreyPicture> at(std::int64_t frame) const;
    std::int64_t frames() const { return static_cast<std::int64_t>(files_.size()); }
    // Whether there is one for every frame of the clip, and none besides.
    Status fit(std::int64_t frames, const std::string& clip) const;

  private:
    std::filesystem::path folder_;
    std::vector<std::filesystem::path> files_;
};

}  // namespace passerby::measure
