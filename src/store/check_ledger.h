// Whether a data folder's ledger is whole, is what the catalogue says was signed, and has what the catalogue
// says it has. Internal to this module.
#pragma once

#include <filesystem>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "store/check.h"

namespace passerby::store {

// Reads the whole ledger and all manifests. While a recorder runs, files come and go: then none is missed
// that nobody needs.
std::vector<Finding> check_ledger(const std::filesystem::path& folder, SQLite::Database&, bool recorder_runs);

}  // namespace passerby::store
