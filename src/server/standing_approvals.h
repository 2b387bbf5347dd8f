// What stands in the store, as a camera's process is told.
#pragma once

#include "camera/protocol.h"
#include "store/approvals.h"

namespace passerby::server {

Result<camera::Approvals> standing_approvals(const store::Approvals&, const std::string& camera);

}  // namespace passerby::server
