// A ledger's files from a web address.
#pragma once

#include <string>

#include "ledger/tiles.h"

namespace passerby::verify {

// Below that address (with or without a slash at its end). At most 8 MiB a file.
ledger::Fetch fetch_from_address(const std::string& address);

}  // namespace passerby::verify
