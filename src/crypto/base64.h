// Base64 as in RFC 4648, section 4, strict: one text for the same bytes.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace passerby::crypto {

enum class Padding { with, without };

std::string to_base64(std::string_view bytes, Padding = Padding::with);
// corrupt: a character that is none, wrong padding, or unused bits that are not 0.
Result<std::string> from_base64(std::string_view text, Padding = Padding::with);

}  // namespace passerby::crypto
