// SHA-256, in lower-case hexadecimal.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace passerby::crypto {

std::string sha256_hex(std::string_view bytes);
Result<std::string> sha256_hex_of_file(const std::filesystem::path&);

}  // namespace passerby::crypto
