// What was found out about a covered video, and its figures in words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "image/frame.h"

namespace passerby::measure {

// A head is exposed when a quarter of its detail is seen; a track when that lasts three frames. A frame of
// foreground is exposed when more than a twentieth of its detail is seen.
inline constexpr double kExposedHead = 0.25, kExposedForeground = 0.05;
inline constexpr int kExposedRun = 3;
inline constexpr int kChanged = 30;  // of 255: a pixel that differs by more was changed by the cover

// One labelled person's head, or the foreground of a frame, that is exposed.
struct Leak {
    std::int64_t frame = 0;  // from 1, counted through all showings
    std::int64_t track = 0;  // of the labels; 0 for foreground
    double seen = 0;         // share of its detail, 0-1
};

// Of clips that are labelled with boxes.
struct HeadFigures {
    std::int64_t heads = 0, exposed = 0;  // in all frames
    std::int64_t tracks = 0;
    std::vector<std::int64_t> exposed_tracks;
    std::optional<double> residual;  // mean correlation of the heads before and after at 12x12 pixels
};

// Of clips that are labelled with masks.
struct ForegroundFigures {
    std::int64_t detail = 0, seen = 0;  // pixels in all frames
    std::int64_t frames_exposed = 0;
};

struct Moment {
    Micros time{};
    double covered = 0;   // share of the picture that changed
    double overmask = 0;  // share of the background that changed
    double seen = 0;      // share of detail: of the head of which most is seen, or of the foreground
    int exposed = 0;      // heads; 1 for exposed foreground
};

// Pixels of the original.
struct Outline {
    image::Rect place;  // the labelled person, or a patch of foreground
    image::Rect head;   // empty for foreground
};

// A frame of which much is seen. The picture shows the covered video; what is labelled and not covered beyond
// doubt is painted over in it.
struct WorstFrame {
    Leak leak;
    Micros time{};
    image::SafeFrame picture;
    std::vector<Outline> outlines;
};

struct Findings {
    image::Size size;         // of the original
    std::int64_t frames = 0;  // of all showings
    std::int64_t from = 1;    // the frame from which on overmask counts
    std::variant<HeadFigures, ForegroundFigures> figures;
    std::int64_t background = 0, changed_background = 0;  // pixels
    std::vector<Leak> leaks;                              // exposed ones, in order of time
    std::vector<Moment> moments;                          // one a frame
    std::vector<WorstFrame> worst;                        // the worst first

    // Share of what could be seen that is; nothing where there was nothing to see.
    std::optional<double> seen_share() const;
    std::optional<double> overmask_share() const;
};

// "1.996", as a report gives it, or nothing.
std::optional<std::string> percent(std::optional<double> share, int digits);

struct Figure {
    std::string name, value, meaning;
};
// The figures in the order in which they are read.
std::vector<Figure> figures_in_words(const Findings&);

// "1:02:03.4": hours only where there are some.
std::string clock_time(Micros);

}  // namespace passerby::measure
