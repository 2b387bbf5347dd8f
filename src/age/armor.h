// age's ASCII armour: an age file as lines of base64, for mail and JSON.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace passerby::age {

bool is_armored(std::string_view file);
std::string armored(std::string_view file);
// corrupt: a line that is too long or too short, base64 that is not in its one right form, no begin or end,
// or something beside blanks around it.
Result<std::string> without_armor(std::string_view text);

}  // namespace passerby::age
