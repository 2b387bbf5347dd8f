// Labelled persons as boxes: the comma-separated files of MOTChallenge (https://motchallenge.net), as most
// labelling tools write them.
//
//     frame,id,x,y,w,h[,conf[,class,visibility]]
//
// Frames count from 1, x and y are the box's left top corner. conf 0: ignore this box, it is neither a person
// nor background. With nine columns the last one is the share of the person that is not hidden by others; the
// ten columns of MOT15 have a place in space there instead. Empty lines, lines that begin with '#' and a line
// of headings at the top are skipped.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace passerby::measure {

struct Box {
    std::int64_t track = 0;                      // the label's number of the person, as it stands in the file
    double x = 0, y = 0, width = 0, height = 0;  // pixels of the clip; may reach over its border
    double confidence = 1, visibility = 1;
};

struct BoxRules {
    double min_height = 40;       // pixels of the clip; smaller persons are not measured
    double min_visibility = 0.5;  // share; persons that others hide more are not measured
};

class BoxLabels {
  public:
    // No boxes at all.
    BoxLabels() = default;
    // `scale`: pixels of the clip for one of the labels. The error names the line.
    static Result<BoxLabels> read(const std::filesystem::path&, double scale);

    // Of the frame, from 1.
    const std::vector<Box>& at(std::int64_t frame) const;
    std::size_t boxes() const;
    const std::string& path() const { return path_; }
    // Whether all labels are of frames that the clip has. The error names the first line that is not.
    Status fit(std::int64_t frames, const std::string& clip) const;

  private:
    struct Frame {
        std::size_t line = 0;  // of its first box
        std::vector<Box> boxes;
    };
    std::string path_;
    std::map<std::int64_t, Frame> frames_;
};

}  // namespace passerby::measure
