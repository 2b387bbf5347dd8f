// Whether a data folder is what doc/storage.md promises ("What always holds"), and what of it can be mended.
//
// Looking changes nothing, and may be done beside a recorder that runs: what it has not finished is left out.
// Nothing that is not understood is ever deleted or changed.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "store/segment.h"

namespace passerby::store {

enum class Depth {
    catalogue,  // the database, and what its rows say of one another
    files,  // the ledger; every file is there, has its length and whole index boxes; nothing is there that
            // nobody lists
    bytes,  // and every fragment has its hash: reads all of it
};
Result<Depth> depth_named(std::string_view);

struct Finding {
    std::string where;  // a file below the data folder, or a camera and a time
    std::string what;
    std::string mend;
    bool safe = false;      // repair() does it
    SegmentId segment = 0;  // whose file it is about; 0: none
};

struct CheckReport {
    std::vector<Finding> findings;
    struct Sound {
        Segment segment;
        std::filesystem::path file;
    };
    std::vector<Sound> segments;  // all that are finished, on a disk that is there, and not in the findings
    bool recorder_runs = false;
    std::uint64_t files = 0, bytes = 0;  // looked at
};

// An error only where there is nothing to look at: no data folder, no catalogue of ours, one that cannot be
// read. `progress` is called for every segment.
Result<CheckReport> check(const std::filesystem::path& folder, Depth,
                          const std::function<void(std::size_t done, std::size_t all)>& progress);

// Mends what is `safe`: a segment whose file is gone or damaged leaves the catalogue and becomes a gap,
// `disk`; of a damaged file the whole fragments before the damage stay recorded, and the file itself stays
// where it is. Gives how many findings that were. denied: a recorder runs, or the ledger
// (if there is one) cannot be written: it is put on the record first.
Result<int> repair(const std::filesystem::path& folder, const CheckReport&, Clock&);

}  // namespace passerby::store
