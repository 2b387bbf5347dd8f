// Brings the data folder back to a state in which every file is listed and every second is accounted for.
// Runs when the store is opened, and for one camera when a recorder finds that the last one did not stop.
// Every step can be interrupted and run again: doc/storage.md, "Recovery". Internal to this module.
#pragma once

#include <optional>
#include <string>

#include "store/catalogue.h"
#include "store/store.h"

namespace passerby::store {

// Of `only`, or of all cameras. Errors are the catalogue's; trouble with one file costs that file, and is
// logged. What is on a disk that is not there waits for it.
Result<Store::Recovered> recover(Catalogue&, const Disks&, const std::optional<std::string>& only = {});

// What waited, and whose disk is there now. Beside recorders: what they are writing is left alone.
Status recover_returned(Catalogue&, const Disks&);

// Deletes files that the catalogue has given up, at most `limit` of each disk. Gives how many are gone.
Result<int> take_out_garbage(Catalogue&, const Disks&, int limit);

}  // namespace passerby::store
