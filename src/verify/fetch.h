// Where a ledger's files come from: a folder, or a web address.
#pragma once

#include <string>

#include "ledger/tiles.h"

namespace passerby::verify {

bool is_address(const std::string& target);
// Below that address (with or without a slash at its end). https needs a certificate that the system trusts;
// no redirect is followed. At most 8 MiB a file, a minute a file.
ledger::Fetch fetch_from_address(std::string address);

}  // namespace passerby::verify
