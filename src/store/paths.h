// Where a segment's file lies below recordings/. The name follows from camera and start, so no path is ever
// taken from outside or from the catalogue.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace passerby::store {

// [a-z0-9-]{1,32}
bool is_camera_id(std::string_view);

// "2026-03-01/12/entrance/34.56.789.mp4", UTC. What is no camera's id never becomes a part of a path.
std::filesystem::path segment_path(const std::string& camera, WallTime start);

// "2026-03-01/12/entrance/34.56.789.age": of a sealed part.
std::filesystem::path sealed_path(const std::string& camera, WallTime start);

// Number of the UTC minute.
std::int64_t minute_of(WallTime);

// Makes the folders of `relative` below `root`, each synced in its parent.
Status make_folders_durably(const std::filesystem::path& root, const std::filesystem::path& relative);
// Removes the folders of `relative` that are empty, from the innermost up. What is not empty stays.
void remove_empty_folders(const std::filesystem::path& root, std::filesystem::path relative);

}  // namespace passerby::store
