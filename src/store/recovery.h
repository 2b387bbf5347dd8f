// Brings the data folder back to a state in which every file is listed and every second is accounted for.
// Runs when the store is opened, and for one camera when a recorder finds that the last one did not stop.
// Every step can be interrupted and run again: doc/storage.md, "Recovery". Internal to this module.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "store/catalogue.h"
#include "store/store.h"

namespace passerby::store {

// Of `only`, or of all cameras. Errors are the catalogue's; trouble with one file costs that file, and is
// logged.
Result<Store::Recovered> recover(Catalogue&, const std::filesystem::path& recordings,
                                 const std::optional<std::string>& only = {});

// Deletes files that the catalogue has given up, at most `limit`. Gives how many are gone.
Result<int> take_out_garbage(Catalogue&, const std::filesystem::path& recordings, int limit);

}  // namespace passerby::store
