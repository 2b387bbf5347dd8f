#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "store/segment_file.h"
#include "target.h"

using namespace passerby;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Fd fd{::memfd_create("segment", MFD_CLOEXEC)};
    if (!fd || ::write(fd.get(), data, size) != static_cast<ssize_t>(size)) return 0;
    for (const auto verify : {store::Verify::boxes, store::Verify::bytes}) {
        const auto scanned = store::scan_fragments(fd.get(), 0, size, verify);
        fuzz::must(scanned.end <= size, "nothing beyond the end counts");
        std::uint64_t at = 0;
        for (const auto& f : scanned.fragments) {
            fuzz::must(f.offset >= at && f.offset + f.bytes <= size,
                       "fragments lie in order, and in the file");
            at = f.offset + f.bytes;
        }
    }
    return 0;
}
