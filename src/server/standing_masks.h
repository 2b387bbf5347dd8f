// The areas that stand in the store, as a camera's process is told.
#pragma once

#include "redact/policy.h"
#include "store/masks.h"

namespace passerby::server {

// corrupt: one of them is no polygon (any more).
Result<std::vector<redact::Polygon>> standing_masks(const store::Masks&, const std::string& camera);

}  // namespace passerby::server
