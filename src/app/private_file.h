// For what only this user may read: keys, requests, what was opened.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace passerby::app {

// Mode 0600. exists: it never overwrites one.
Status write_private_file(const std::filesystem::path&, const std::string& content);

}  // namespace passerby::app
