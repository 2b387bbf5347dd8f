// The bounds of every field that crosses the pipe (doc/format/camera-messages.md has the table). A Status
// that is an error names the field, its value and the bound. Both sides check what they send and what they
// are given.
#pragma once

#include "camera/protocol.h"

namespace passerby::camera {

Status within_bounds(const Start&);
Status within_bounds(const vision::ModelDescription&);
Status within_bounds(const Stop&);
Status within_bounds(const Approvals&);
Status within_bounds(const Masks&);
Status within_bounds(const redact::Counting&);
Status within_bounds(const Places&);
Status within_bounds(std::string_view what, const redact::Polygon&);
Status within_bounds(const Init&);
Status within_bounds(const Fragment&);
Status within_bounds(const Progress&);
Status within_bounds(const Gap&);
Status within_bounds(const Failure&);
Status within_bounds(const Log&);
Status within_bounds(const SceneNow&);
Status within_bounds(const Contained&);
Status within_bounds(const Sealed&);
Status within_bounds(const Activity&);

// Valid UTF-8 without control characters, at most `most` bytes.
bool is_one_line(std::string_view text, std::size_t most);
// Whole ISO BMFF boxes one after the other, their types in the order of `types`, over and over
// ("moof","mdat").
bool is_boxes(std::span<const std::byte>, std::span<const std::string_view> types, std::size_t most_rounds);

}  // namespace passerby::camera
