// Redacts a single picture. It has no background that could be proven, so the scene is moving: what detectors
// find is covered, and they look as thoroughly as they can.
#pragma once

#include "redact/file.h"

namespace passerby::redact {

// As redact_file, for one picture of any kind that decodes (or a video of one frame), upright, in its size,
// to a JPEG or PNG file.
Result<FileReport> redact_still(const FileJob& job, vision::Detectors* detectors,
                                const std::function<Status(const FileReport&)>& finished);

}  // namespace passerby::redact
